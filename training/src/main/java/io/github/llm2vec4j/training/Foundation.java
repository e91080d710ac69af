package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.hub.HubCache;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a stage trains on: the model of {@code model_name_or_path}, which may be an adapter itself, with the adapter of
 * {@code peft_model_name_or_path} (or {@code peft_addr}, as the reference's word tasks call it) merged in.
 *
 * @param base name of the model under all adapters; with its commit where it is from the hub
 * @param chain the base and all adapters
 * @param tokenizerFolder that of the model without the further adapter
 */
record Foundation(String base, ModelChain chain, Path tokenizerFolder) {

    static Foundation of(StageConfig config) {
        String name = config.text("model_name_or_path");
        ModelChain named = ModelChain.resolve(name, List.of());
        List<Path> further = further(config);
        String onHub = HubCache.pinned(named.base());
        String local = named.adapters().isEmpty() ? name : named.base().toString();
        return new Foundation(
                onHub.isEmpty() ? local : onHub,
                further.isEmpty() ? named : ModelChain.resolve(name, further),
                named.tokenizerFolder());
    }

    /** The adapters that are named beside the model: folders, or names on the hub. */
    static List<Path> further(StageConfig config) {
        return Stream.of("peft_model_name_or_path", "peft_addr")
                .filter(config::has)
                .map(key -> Path.of(config.text(key)))
                .toList();
    }
}
