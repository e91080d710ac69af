package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.encoder.EncoderConfig;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.Template;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what a stage has trained, in the layouts that transformers and PEFT read. */
final class ModelWriter {
    private ModelWriter() {}

    /** A whole model: config.json, model.safetensors in the given type, and the tokenizer. */
    static void write(Path folder, Decoder decoder, Tokenizer tokenizer, ObjectNode config, DType type)
            throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            decoder.parameters()
                    .forEach((name, p) -> tensors.put(name, p.value().to(type)));
            SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        }
        ObjectNode json = config.deepCopy();
        json.putArray("architectures").add(decoder.config().architecture());
        json.put("torch_dtype", type.torchName());
        json.put("bos_token_id", tokenizer.bosId());
        json.put("eos_token_id", tokenizer.eosId());
        AtomicFiles.writeString(folder.resolve("config.json"), json.toPrettyString() + "\n");
        tokenizer.copyTo(folder);
    }

    /** An adapter: the PEFT files, the tokenizer, and how texts are to be encoded with it. */
    static void writeAdapter(Path folder, LoraAdapter adapter, Tokenizer tokenizer, StageConfig config)
            throws IOException {
        adapter.save(folder);
        tokenizer.copyTo(folder);
        EncoderConfig encoding = EncoderConfig.DEFAULT.withPooling(Pooling.of(config.text("pooling_mode", "mean")));
        encoding.write(folder);
        ModelChain.write(folder, config.text("model_name_or_path"), before(config), template(config));
    }

    private static List<Path> before(StageConfig config) {
        return config.has("peft_model_name_or_path")
                ? List.of(Path.of(config.text("peft_model_name_or_path")))
                : List.of();
    }

    /** The template of the model that is trained on. */
    static Template template(StageConfig config) {
        return ModelChain.resolve(config.text("model_name_or_path"), before(config))
                .template();
    }
}
