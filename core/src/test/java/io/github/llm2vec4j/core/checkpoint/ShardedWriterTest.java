package io.github.llm2vec4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardedWriterTest {
    private static final Path MODEL = Golden.OWN.file("models/mistral");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"1_000_000_000, 1", "100_000, 3"})
    void randomWeightsAreReadBackAsTheyWouldBeInMemory(String shardBytes, int leastFiles) throws IOException {
        DecoderConfig config = DecoderConfig.read(MODEL);
        Files.copy(MODEL.resolve("config.json"), folder.resolve("config.json"));
        ShardedWriter.write(
                folder, Decoder.randomWeights(config, 7, DType.F32), Long.parseLong(shardBytes.replace("_", "")));

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(file -> file.toString().endsWith(".safetensors")))
                    .hasSizeGreaterThanOrEqualTo(leastFiles);
        }
        try (Decoder written = Decoder.load(folder, DType.F32);
                Decoder inMemory = Decoder.random(config, 7)) {
            assertThat(written.parameters().keySet())
                    .isEqualTo(inMemory.parameters().keySet());
            inMemory.parameters()
                    .forEach((name, parameter) -> assertThat(
                                    written.parameters().get(name).value().toFloats())
                            .as(name)
                            .isEqualTo(parameter.value().toFloats()));
        }
    }

    @Test
    void aTensorThatIsNotWhatWasAnnouncedIsRefusedAndNoFileStays() {
        Map<String, SafetensorsWriter.Pending> tensors = Map.of(
                "weight",
                new SafetensorsWriter.Pending(DType.F32, List.of(2L, 3L), () -> Tensor.zeros(DType.F32, 3, 3)));
        assertThatThrownBy(() -> ShardedWriter.write(folder, tensors, 1000))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'weight'");
        assertThat(folder).isEmptyDirectory();
    }
}
