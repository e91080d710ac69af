package io.github.llm2vec4j.training;

import java.nio.file.Path;

/** Locks a folder in a process of its own, says so, and holds it until its input ends. */
final class LockProcess {
    private LockProcess() {}

    public static void main(String[] arguments) throws Exception {
        try (RunLock lock = RunLock.on(Path.of(arguments[0]))) {
            System.out.println("locked");
            System.in.read();
        } catch (TrainingException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }
}
