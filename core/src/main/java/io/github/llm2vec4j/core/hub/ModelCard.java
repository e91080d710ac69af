package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page of a model on the hub, with no more than what its files say. */
final class ModelCard {
    private final HubId id;
    private final Path folder;

    ModelCard(HubId id, Path folder) {
        this.id = id;
        this.folder = folder;
    }

    String text() throws IOException {
        boolean sentences = Files.exists(folder.resolve("modules.json"));
        boolean encoder = sentences || Files.exists(folder.resolve("llm2vec_config.json"));
        boolean adapter = Files.exists(folder.resolve("adapter_config.json"));
        String base = value("adapter_config.json", "base_model_name_or_path");
        String pooling = value("llm2vec_config.json", "pooling_mode");
        StringBuilder card = new StringBuilder("---\n");
        card.append("library_name: ")
                .append(sentences ? "sentence-transformers" : adapter ? "peft" : "transformers")
                .append('\n');
        card.append("pipeline_tag: ")
                .append(sentences ? "sentence-similarity" : encoder ? "feature-extraction" : "text-generation")
                .append('\n');
        if (HubId.isModel(base)) {
            card.append("base_model: ").append(base).append('\n');
        }
        card.append(encoder ? "tags:\n- llm2vec\n- text-embedding\n---\n\n" : "---\n\n");
        card.append("# ").append(id.name()).append("\n\n");
        card.append(
                encoder
                        ? "A text encoder made from a decoder-only language model after"
                                + " [LLM2Vec](https://arxiv.org/abs/2404.05961), with llm2vec4j.\n\n"
                        : "A model trained with llm2vec4j.\n\n");
        if (HubId.isModel(base)) {
            card.append("- An adapter for `").append(base).append("`\n");
        }
        if (!pooling.isEmpty()) {
            card.append("- Pooling: ").append(pooling).append('\n');
        }
        card.append(encoder ? "- Attention in both directions\n\n" : "\n");
        card.append("```\n./llm2vec encode --model ")
                .append(id.name())
                .append(" --in texts.txt --out vectors.npy\n```\n\n");
        card.append("What it was trained on, how it was evaluated and under which licence it may be used has yet to be")
                .append(" said here.\n");
        return card.toString();
    }

    private String value(String file, String key) throws IOException {
        Path path = folder.resolve(file);
        JsonNode json = Files.exists(path) ? CachedRepo.json(path) : HubApi.JSON.createObjectNode();
        return json.path(key).asText("");
    }
}
