package io.github.llm2vec4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model folder whose files do not fit together. */
class DecoderLoadTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "'\"num_hidden_layers\": 2', '\"num_hidden_layers\": 3', has no tensor 'model.layers.2.",
        "'\"num_hidden_layers\": 2', '\"num_hidden_layers\": 1', has no place in the model that config.json describes",
        "'\"vocab_size\": 600', '\"vocab_size\": 601', tensor 'model.embed_tokens.weight'",
        "'\"vocab_size\": 600', '\"vocab_size\": 599', 'config.json asks for shape [599, 32], found [600, 32]'",
    })
    void aConfigThatAsksForOtherWeightsIsRefusedAndNothingIsLeft(String is, String becomes, String reason)
            throws IOException {
        Path model = Golden.OWN.copy("models/mistral", folder.resolve("model"));
        Path config = model.resolve("config.json");
        String text = Files.readString(config);
        assertThat(text).contains(is);
        Files.writeString(config, text.replace(is, becomes));
        long live = Tensor.liveCount();

        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            assertThatThrownBy(() -> Decoder.load(model, type))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining(reason);
        }
        assertThatThrownBy(() -> Decoder.loadTrainable(model)).isInstanceOf(BadCheckpointException.class);

        assertThat(Tensor.liveCount()).isEqualTo(live);
    }
}
