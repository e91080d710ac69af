package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.suite.SuiteOptions;
import io.github.llm2vec4j.evaluation.suite.TaskCard;
import java.util.List;

/**
 * What is evaluated of MTEB's tasks on the hub.
 *
 * @param tasks their names, in order
 * @param needed whether one that cannot be had is an error, else it is skipped
 * @param alone whether no other task is evaluated
 * @param options how large these tasks are, and what the models are told of them
 */
public record HubChoice(List<String> tasks, boolean needed, boolean alone, SuiteOptions options) {
    /** Nothing. */
    public static final HubChoice NONE = new HubChoice(List.of(), false, false, SuiteOptions.FULL);

    public HubChoice {
        tasks = List.copyOf(tasks);
    }

    /** All that can be had. */
    public static HubChoice all(boolean alone, SuiteOptions options) {
        return new HubChoice(List.copyOf(TaskCard.onHub().keySet()), false, alone, options);
    }

    /** These, which must be there. */
    public static HubChoice of(List<String> tasks, boolean alone, SuiteOptions options) {
        return new HubChoice(tasks, true, alone, options);
    }
}
