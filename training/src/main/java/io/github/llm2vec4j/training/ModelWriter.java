package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.encoder.EncoderConfig;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.TagHead;
import io.github.llm2vec4j.core.encoder.TaggerConfig;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        writeStanding(folder, tokenizer, config);
    }

    /** A tagger: its head and what that is for, and the adapter that was trained with it, if one was. */
    static void writeTagger(
            Path folder,
            TagHead head,
            TaggerConfig tagger,
            @Nullable LoraAdapter adapter,
            Tokenizer tokenizer,
            StageConfig config)
            throws IOException {
        if (adapter != null) {
            adapter.save(folder);
        }
        head.save(folder);
        tagger.write(folder);
        writeStanding(folder, tokenizer, config);
    }

    /** The tokenizer, how texts are to be encoded, and what the folder stands on. */
    private static void writeStanding(Path folder, Tokenizer tokenizer, StageConfig config) throws IOException {
        tokenizer.copyTo(folder);
        EncoderConfig encoding = EncoderConfig.DEFAULT.withPooling(Pooling.of(config.text("pooling_mode", "mean")));
        encoding.write(folder);
        Foundation below = Foundation.of(config);
        ModelChain.write(
                folder,
                below.base(),
                below.chain().adapters(),
                below.chain().template(),
                !config.flag("bidirectional", true));
    }

    /** The template of the model that is trained on. */
    static Template template(StageConfig config) {
        return Foundation.of(config).chain().template();
    }
}
