package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.task.Probe;
import java.util.Map;
import java.util.Set;

/**
 * How large a suite is and what it tells the encoder.
 *
 * @param maxTrain cap on the train items of a task (sentences for word tasks), the items of lowest hash
 * @param maxTest cap on the test items of a task; a retrieval corpus is never cut
 * @param instructions task name to the instruction given with its texts (for retrieval with the questions); a task not
 *     named here has none
 * @param probes classifiers beside logistic regression
 */
public record SuiteOptions(int maxTrain, int maxTest, Map<String, String> instructions, Set<Probe> probes) {
    /** Some minutes on two cores for a small model. */
    public static final SuiteOptions SHORT = new SuiteOptions(1000, 500, Map.of());

    /** All of the data. */
    public static final SuiteOptions FULL = new SuiteOptions(Integer.MAX_VALUE, Integer.MAX_VALUE, Map.of());

    public SuiteOptions {
        if (maxTrain < 1 || maxTest < 1) {
            throw new IllegalArgumentException(
                    "expected maxTrain >= 1 and maxTest >= 1, found " + maxTrain + " and " + maxTest);
        }
        instructions = Map.copyOf(instructions);
        probes = Set.copyOf(probes);
    }

    /** With logistic regression alone. */
    public SuiteOptions(int maxTrain, int maxTest, Map<String, String> instructions) {
        this(maxTrain, maxTest, instructions, Set.of());
    }

    /** The same with other instructions. */
    public SuiteOptions withInstructions(Map<String, String> others) {
        return new SuiteOptions(maxTrain, maxTest, others, probes);
    }

    /** The same with other classifiers beside logistic regression. */
    public SuiteOptions withProbes(Set<Probe> others) {
        return new SuiteOptions(maxTrain, maxTest, instructions, others);
    }
}
