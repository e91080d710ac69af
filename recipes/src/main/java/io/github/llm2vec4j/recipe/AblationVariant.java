package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.StageKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of an ablation: how it attends, what it was trained by, where it is.
 *
 * @param training {@code none}, or the stages in their order
 * @param model a folder or {@code embedded:NAME}
 * @param causal whether it was trained, and is read, with causal attention
 */
record AblationVariant(String training, String model, boolean causal) {
    private static final String UNTRAINED = "none";

    /** The row in tables. */
    String name() {
        return attention() + ", " + training;
    }

    String attention() {
        return causal ? "causal" : "bidirectional";
    }

    boolean trained() {
        return !training.equals(UNTRAINED);
    }

    Llm2Vec load() {
        return Llm2Vec.builder(model).causal(causal).build();
    }

    /** Loads it to look at its states: in fp32, where a difference is not one of rounding. */
    Llm2Vec loadExact(boolean causally) {
        return Llm2Vec.builder(model).causal(causally).dtype("float32").build();
    }

    /** What tells its vectors from those of others. */
    String key(WordStates.Position words) {
        return ModelKey.of(
                ModelChain.resolve(model, List.of()),
                "grid " + attention() + " " + words + " "
                        + ComputeType.fastest().torchName() + " " + ComputeType.engineVersion());
    }

    /**
     * Those of a finished run, in the order of the paper's tables: the decoder, causal and bidirectional, each with
     * SimCSE alone, and the model of each step of the recipe.
     *
     * @param simcse where the models of SimCSE alone are: causal to folder; empty where the recipe has no such step
     * @throws ConfigException if a model of the run is missing
     */
    static List<AblationVariant> ofRun(Recipe recipe, Path run, Map<Boolean, Path> simcse) {
        requireModel(run.resolve("base"), "config.json", run);
        List<AblationVariant> variants = new ArrayList<>();
        for (boolean causal : List.of(true, false)) {
            variants.add(new AblationVariant(UNTRAINED, run.resolve("base").toString(), causal));
            Path alone = simcse.get(causal);
            if (alone != null) {
                variants.add(new AblationVariant(StageKind.SIMCSE.toString(), alone.toString(), causal));
            }
        }
        Map<String, String> trainings = new LinkedHashMap<>(); // step to the stages it has gone through
        for (Recipe.Step step : recipe.steps()) {
            requireModel(run.resolve(step.name()), "adapter_model.safetensors", run);
            String before = step.after() == null ? "" : trainings.get(step.after()) + " + ";
            String training = before + step.kind();
            trainings.put(step.name(), training);
            boolean taken = variants.stream().anyMatch(v -> !v.causal && v.training.equals(training));
            variants.add(new AblationVariant(
                    taken ? training + " (" + step.name() + ")" : training,
                    run.resolve(step.name()).toString(),
                    false));
        }
        return variants;
    }

    private static void requireModel(Path folder, String file, Path run) {
        if (!Files.isRegularFile(folder.resolve(file))) {
            throw new ConfigException(folder + ": is not there yet: finish the run first, with recipe --out " + run
                    + ", or name models with --model");
        }
    }

    /**
     * The decoder under the models, causal and bidirectional, and each adapter on the way to each model.
     *
     * @throws ConfigException if the models do not stand on one decoder
     */
    static List<AblationVariant> ofModels(List<String> models) {
        List<AblationVariant> variants = new ArrayList<>();
        for (String model : models) {
            ModelChain chain = ModelChain.resolve(model, List.of());
            String base = chain.base().toString();
            if (variants.isEmpty()) {
                variants.add(new AblationVariant(UNTRAINED, base, true));
                variants.add(new AblationVariant(UNTRAINED, base, false));
            } else if (!base.equals(variants.get(0).model)) {
                throw new ConfigException("--model " + model + ": stands on " + base + ", the models before it on "
                        + variants.get(0).model + ": an ablation is of one decoder");
            }
            for (Path adapter : chain.adapters()) {
                add(variants, adapter);
            }
        }
        return List.copyOf(variants);
    }

    /** Named by its folder, or by its path where another has that name. */
    private static void add(List<AblationVariant> variants, Path folder) {
        String model = folder.toString();
        boolean causal = ModelChain.resolve(model, List.of()).causal();
        Path last = folder.normalize().getFileName();
        String name = last == null ? model : last.toString();
        if (variants.stream().noneMatch(variant -> variant.model.equals(model))) {
            boolean taken = variants.stream().anyMatch(variant -> variant.training.equals(name));
            variants.add(new AblationVariant(taken ? model : name, model, causal));
        }
    }
}
