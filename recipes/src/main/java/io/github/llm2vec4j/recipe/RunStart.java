package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.checkpoint.Checkpoint;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.HubSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What can be known to be wrong before a run has written anything. */
record RunStart(Recipe recipe, Path out) {

    /**
     * The folder is new or empty, or holds a run, which has a file of the given name, or the data that one begins with.
     */
    void checkFolder(String mark) throws IOException {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new ConfigException(out + ": is a file: give a folder to write the run into");
        }
        if (!Files.exists(out) || Files.exists(out.resolve(mark))) {
            return;
        }
        try (Stream<Path> children = Files.list(out)) {
            if (children.anyMatch(child -> !child.getFileName().toString().matches("data|\\.tmp-.*"))) {
                throw new ConfigException(
                        out + ": is not empty, and holds no run to go on with: give a new folder, or empty it");
            }
        }
    }

    /**
     * The base is whole; one that an earlier run has copied is that of this recipe.
     *
     * @param wanted whether it is to be copied where it is not there
     */
    void checkBase(boolean wanted) throws IOException {
        if (recipe.isOfHub()) {
            check(ModelFolder.resolve(recipe.base()));
            return;
        }
        Path copy = out.resolve("base");
        boolean copied = Files.isRegularFile(copy.resolve("config.json"));
        if (!copied && !wanted) {
            throw new ConfigException(copy + ": is not there yet: do the step base first, or leave out --only");
        }
        if (!wanted) {
            return;
        }
        Path source = ModelFolder.resolve(recipe.base());
        check(source);
        if (copied && !same(source, copy)) {
            throw new ConfigException(
                    out + ": holds a run on another base than " + recipe.base() + ": give another folder");
        }
    }

    private static void check(Path base) throws IOException {
        DecoderConfig.read(base);
        Tokenizer.load(base).close();
        Checkpoint.open(base).close();
    }

    /** The data sets on the hub that are trained on are there, before a base is fetched for them. */
    void checkData(Predicate<String> wanted) {
        for (Recipe.Step step : recipe.steps()) {
            HubSource source = HubSource.of(step.settings());
            if (wanted.test(step.name()) && source != null) {
                source.check();
            }
        }
    }

    /** Whether a copy has the content of the small files and the size of the large ones. */
    private static boolean same(Path source, Path copy) throws IOException {
        try (Stream<Path> children = Files.list(source)) {
            for (Path file : children.filter(Files::isRegularFile).toList()) {
                Path copied = copy.resolve(file.getFileName());
                boolean large = file.toString().endsWith(".safetensors");
                if (!Files.isRegularFile(copied)
                        || Files.size(file) != Files.size(copied)
                        || (!large && Files.mismatch(file, copied) >= 0)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Every step that is to be done has the models it needs, from this run or an earlier one. */
    void checkSteps(Predicate<String> wanted, boolean evaluate) {
        for (Recipe.Step step : recipe.steps()) {
            String before = step.after();
            if (wanted.test(step.name()) && before != null && !wanted.test(before)) {
                need(before);
            }
            if (evaluate && !wanted.test(step.name())) {
                need(step.name());
            }
        }
    }

    private void need(String step) {
        if (!Files.isRegularFile(out.resolve(step).resolve("adapter_model.safetensors"))) {
            throw new ConfigException(
                    out.resolve(step) + ": is not there yet: do the step " + step + " first, or leave out --only");
        }
    }
}
