package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.task.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which texts of a task's test part stand, word for word, in what was trained on; after Unicode NFC and without space at
 * the ends. A text counts once.
 *
 * @param task the task's name
 * @param testTexts different texts of the test part
 * @param inTrain how many of them are in the task's own train part
 * @param inTraining how many of them are among the texts that the encoder was trained on, where those were given
 */
public record LeakCheck(String task, int testTexts, int inTrain, int inTraining) {

    /** Checks every task of a suite. */
    public static List<LeakCheck> of(Suite suite, Collection<String> trainingTexts) {
        Set<String> training = normal(trainingTexts);
        List<LeakCheck> checks = new ArrayList<>();
        for (Task task : suite.tasks()) {
            Set<String> test = normal(task.testTexts());
            Set<String> train = normal(task.trainTexts());
            checks.add(new LeakCheck(task.name(), test.size(), shared(test, train), shared(test, training)));
        }
        return checks;
    }

    private static Set<String> normal(Collection<String> texts) {
        return texts.stream().map(Split::normal).collect(Collectors.toCollection(HashSet::new));
    }

    private static int shared(Set<String> test, Set<String> train) {
        return (int) test.stream().filter(train::contains).count();
    }

    /** Whether anything was found. */
    public boolean leaks() {
        return inTrain > 0 || inTraining > 0;
    }

    @Override
    public String toString() {
        return task + ": of " + testTexts + " test texts, " + inTrain + " are in the task's train part, " + inTraining
                + " in the training texts given";
    }
}
