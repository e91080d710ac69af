package io.github.llm2vec4j.training;

import java.nio.file.Path;
import java.util.List;

/** Runs a stage in a process of its own, resuming, and prints a line a step; an error is one line and exit code 1. */
final class StageProcess {
    private StageProcess() {}

    /** Arguments: the stage, and its file of settings. */
    public static void main(String[] arguments) {
        TrainingListener printer = new TrainingListener() {
            @Override
            public void stepEnded(Step step) {
                System.out.println("step " + step.number());
            }
        };
        try {
            new Stage(StageKind.of(arguments[0]), StageConfig.read(Path.of(arguments[1])), List.of(printer)).run(true);
        } catch (Exception e) {
            System.out.println("failed: " + e.getMessage());
            System.exit(1);
        }
    }
}
