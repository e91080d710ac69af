package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.recipe.RecipeListener;
import io.github.llm2vec4j.training.TrainingListener;
import java.io.PrintStream;
import java.util.Locale;

/** Says on standard error what is being done. */
final class ConsoleListener implements RecipeListener {
    private final PrintStream out = System.err;

    @Override
    public void stepStarted(String name, int number, int steps, boolean complete) {
        out.printf("[%d/%d] %s%s%n", number, steps, name, complete ? " (done before)" : "");
    }

    @Override
    public void scored(String model, String task, String metric, double score) {
        out.printf(Locale.ROOT, "  %-28s %-22s %-18s %.4f%n", model, task, metric, score);
    }

    @Override
    public void said(String text) {
        out.println(text);
    }

    @Override
    public TrainingListener training(String stepName) {
        return new ConsoleProgress("  " + stepName, out);
    }
}
