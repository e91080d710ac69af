package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies of the fixtures' models with settings of the test's own. */
final class TinyEncoder {
    private TinyEncoder() {}

    /** The settings of the fixtures: {@code small} is 48 tokens in all and 32 of the text. */
    static EncoderConfig config(String setting, Pooling pooling, boolean skipInstruction) {
        return setting.equals("small")
                ? new EncoderConfig(pooling, 48, 32, skipInstruction)
                : new EncoderConfig(pooling, 512, 400, skipInstruction);
    }

    /** A copy of a model or adapter folder that encodes with these settings. */
    static Path folder(Golden golden, String model, Path temporary, EncoderConfig config) throws IOException {
        Path folder = temporary.resolve(golden + "-" + model.replace('/', '-'));
        if (!Files.exists(folder)) {
            golden.copy(model, folder);
        }
        config.write(folder);
        return folder;
    }

    static Llm2Vec load(Golden golden, String model, Path temporary, EncoderConfig config, boolean causal, String dtype)
            throws IOException {
        return Llm2Vec.builder(folder(golden, model, temporary, config).toString())
                .causal(causal)
                .dtype(dtype)
                .workers(1)
                .build();
    }
}
