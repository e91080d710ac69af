package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.ModelChain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What tells the vectors of one model from those of another: its files and how it is used. */
final class ModelKey {
    /** Goes up when the same files give other vectors. */
    private static final int VERSION = 1;

    private ModelKey() {}

    /** The SHA-256 of all files of a model, of its base and its adapters, and of what is said of its use. */
    static String of(ModelChain chain, String use) {
        StringBuilder parts = new StringBuilder().append(VERSION).append(use);
        Set<Path> folders = new LinkedHashSet<>(); // in the order of merging: another order is another model
        folders.add(chain.base());
        folders.addAll(chain.adapters());
        folders.add(chain.last());
        try {
            for (Path folder : folders) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.filter(ModelKey::counts).sorted().toList()) {
                        parts.append('\n')
                                .append(file.getFileName())
                                .append(' ')
                                .append(Sha256.ofFile(file));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(chain.base() + ": cannot be read: " + e.getMessage(), e);
        }
        return Sha256.ofText(parts.toString());
    }

    /** Weights, settings and tokenizer; not the logs and states of a training. */
    private static boolean counts(Path file) {
        String name = file.getFileName().toString();
        boolean weights = name.endsWith(".safetensors") && !name.startsWith("optimizer");
        return Files.isRegularFile(file)
                && (weights
                        || List.of(
                                        "config.json",
                                        "adapter_config.json",
                                        "llm2vec_config.json",
                                        "config_sentence_transformers.json",
                                        "tokenizer.json",
                                        "tokenizer.model",
                                        "tokenizer_config.json",
                                        "special_tokens_map.json")
                                .contains(name));
    }
}
