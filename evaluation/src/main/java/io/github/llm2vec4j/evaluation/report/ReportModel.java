package io.github.llm2vec4j.evaluation.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of the results.
 *
 * @param name as in the results
 * @param role what it is in the comparison
 * @param meantFor the level at which a trained model should beat those before it, or null
 * @param comparedWith the names of the models that it should beat there
 * @param note a few words that explain it
 */
public record ReportModel(String name, Role role, @Nullable Level meantFor, List<String> comparedWith, String note) {

    /** What a model is in the comparison. */
    public enum Role {
        /** No language model at all. */
        BASELINE,
        /** The decoder as the recipe found it; the first of these is what differences are taken against. */
        BEFORE,
        /** Left by the recipe. */
        TRAINED
    }

    public static final String CAUSAL = "decoder, causal";
    public static final String BIDIRECTIONAL = "decoder, bidirectional";
    public static final String MNTP = "mntp";
    public static final String SIMCSE = "mntp-unsup-simcse";
    public static final String SUPERVISED = "mntp-supervised";

    public ReportModel {
        comparedWith = List.copyOf(comparedWith);
    }

    /** The six rows of a full recipe, the baseline's name being the one that its results carry. */
    public static List<ReportModel> standard(String baseline) {
        return List.of(
                new ReportModel(CAUSAL, Role.BEFORE, null, List.of(), "as it was pre-trained, mean pooling"),
                new ReportModel(BIDIRECTIONAL, Role.BEFORE, null, List.of(), "causal mask removed, not trained"),
                new ReportModel(
                        MNTP, Role.TRAINED, Level.WORD, List.of(BIDIRECTIONAL, CAUSAL), "masked next-token prediction"),
                new ReportModel(
                        SIMCSE,
                        Role.TRAINED,
                        Level.SENTENCE,
                        List.of(MNTP, CAUSAL),
                        "MNTP, then contrastive without labels"),
                new ReportModel(
                        SUPERVISED,
                        Role.TRAINED,
                        Level.SENTENCE,
                        List.of(MNTP, CAUSAL),
                        "MNTP, then contrastive with pairs"),
                new ReportModel(baseline, Role.BASELINE, null, List.of(), "counts words, knows no language model"));
    }
}
