package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageEstimate;
import io.github.llm2vec4j.training.StageKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a step is run on a machine: what it sets of what the recipe leaves open. Tried are, in this order, the forms of
 * weights, all activations or only the inputs of blocks, a contrastive batch at once or in parts, and smaller micro
 * batches; the first that fits is taken.
 *
 * @param step with the settings of the plan
 * @param form in which weights are held
 * @param fits whether the machine has the memory; where nothing fits, the plan is the one that needs least
 */
public record StepPlan(Recipe.Step step, Machine.WeightForm form, StageEstimate estimate, boolean fits) {
    private static final String MICRO_BATCH = "micro_batch_size";
    private static final String CHECKPOINTING = "gradient_checkpointing";
    private static final String CACHE = "gradient_cache";
    private static final String TYPE = "torch_dtype";
    private static final String EIGHT_BIT = "load_in_8bit";

    /** Plans a step. */
    public static StepPlan of(Recipe.Step step, DecoderConfig shape, Machine machine) {
        @Nullable StepPlan smallest = null;
        for (Machine.WeightForm form : forms(step, machine)) {
            for (StageConfig settings : candidates(step.kind(), held(step.settings(), form, machine), machine)) {
                StageEstimate estimate = StageEstimate.of(step.kind(), settings, shape, machine.workers(), form.type());
                boolean fits = estimate.bytes() <= machine.usable();
                StepPlan plan = new StepPlan(step.with(settings), form, estimate, fits);
                if (fits) {
                    return plan;
                }
                smallest = smallest == null || estimate.bytes() < smallest.estimate.bytes() ? plan : smallest;
            }
        }
        return java.util.Objects.requireNonNull(smallest);
    }

    /** The settings that hold weights in a form, but for what they say already. */
    private static StageConfig held(StageConfig given, Machine.WeightForm form, Machine machine) {
        boolean usual = form.type() == machine.forms().get(0).type();
        StageConfig held =
                usual || given.has(TYPE) ? given : given.with(TYPE, form.type().torchName());
        if (form.eightBit()) {
            held = held.has(EIGHT_BIT) ? held : held.with(EIGHT_BIT, "true");
            held = held.has(CHECKPOINTING) ? held : held.with(CHECKPOINTING, "true");
        }
        return held;
    }

    /** Those of a machine that go with what the settings of a step say; if it has none such, what they say. */
    private static List<Machine.WeightForm> forms(Recipe.Step step, Machine machine) {
        StageConfig settings = step.settings();
        List<Machine.WeightForm> typed = ofType(settings.text(TYPE, "auto"), machine);
        boolean eightBitMay = step.kind().trainsAdapter(settings) && settings.flag(CHECKPOINTING, true);
        List<Machine.WeightForm> chosen = typed.stream()
                .filter(form -> settings.has(EIGHT_BIT)
                        ? form.eightBit() == settings.flag(EIGHT_BIT, false)
                        : eightBitMay || !form.eightBit())
                .toList();
        return chosen.isEmpty() ? List.of(typed.get(0).inEightBit()) : chosen;
    }

    private static List<Machine.WeightForm> ofType(String named, Machine machine) {
        List<DType> types = Stream.of(DType.F32, DType.BF16)
                .filter(type -> type.torchName().equals(named))
                .toList();
        List<Machine.WeightForm> there = machine.forms().stream()
                .filter(form -> types.isEmpty() || types.contains(form.type()))
                .toList();
        if (!there.isEmpty()) {
            return there;
        }
        Machine.WeightForm plain = Machine.WeightForm.of(types.get(0), 0);
        boolean eightBit = machine.forms().stream().anyMatch(Machine.WeightForm::eightBit);
        return eightBit ? List.of(plain, plain.inEightBit()) : List.of(plain);
    }

    private static List<StageConfig> candidates(StageKind kind, StageConfig given, Machine machine) {
        List<StageConfig> candidates = new ArrayList<>();
        boolean contrastive = kind == StageKind.SIMCSE || kind == StageKind.SUPERVISED;
        for (StageConfig checkpointed : flags(given, CHECKPOINTING)) {
            for (StageConfig cached : contrastive ? flags(checkpointed, CACHE) : List.of(checkpointed)) {
                candidates.addAll(microBatches(kind, cached, machine));
            }
        }
        return candidates;
    }

    /** As it is set; or else without, and then with. */
    private static List<StageConfig> flags(StageConfig settings, String key) {
        return settings.has(key) ? List.of(settings) : List.of(settings, settings.with(key, "true"));
    }

    private static List<StageConfig> microBatches(StageKind kind, StageConfig settings, Machine machine) {
        if (settings.has(MICRO_BATCH)) {
            return List.of(settings);
        }
        int usual = kind.microBatch(settings);
        int first = machine.microBatch() == 0 ? usual : Math.min(machine.microBatch(), kind.batch(settings));
        return Stream.iterate(first, size -> size >= 1, size -> size / 2)
                .map(size -> size == usual ? settings : settings.with(MICRO_BATCH, String.valueOf(size)))
                .toList();
    }

    /** Seconds that the run takes at the form's speed, with texts of full length; 0 where it is not known. */
    public double seconds() {
        return form.flops() > 0 ? estimate.flops() / form.flops() : 0;
    }

    /** The settings that matter for memory, in words. */
    String words() {
        StageConfig settings = step.settings();
        return (settings.flag(EIGHT_BIT, false) ? "int8, computed in " : "")
                + form.type().torchName()
                + ", micro batch " + estimate.microBatch()
                + (settings.flag(CHECKPOINTING, false) ? ", gradient checkpointing" : "")
                + (settings.flag(CACHE, false) ? ", gradient cache" : "");
    }
}
