package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizerTest {
    @TempDir
    private Path temporary;

    @ParameterizedTest
    @CsvSource({
        "int8, vectors, int8",
        "uint8, vectors, uint8",
        "int8, calibration, int8_calibrated",
        "uint8, calibration, uint8_calibrated",
        "binary, vectors, binary",
        "ubinary, vectors, ubinary"
    })
    void filesAreThoseOfNumpyByteForByte(String name, String levels, String expected) throws IOException {
        Precision precision = Precision.of(name);
        float[][] vectors = golden("vectors");
        byte[][] bytes = Quantizer.of(precision, golden(levels)).quantize(vectors);
        Path file = temporary.resolve("vectors.npy");
        EmbeddingFiles.write(file, bytes, precision.isUnsigned(), texts(vectors.length));
        assertThat(file).hasSameBinaryContentAs(path(expected));
    }

    @Test
    void vectorsOfFloatsAreReadAsTheyWereWritten() throws IOException {
        Path file = temporary.resolve("vectors.npy");
        EmbeddingFiles.write(file, golden("vectors"), texts(7));
        assertThat(file).hasSameBinaryContentAs(path("vectors"));
        assertThat(EmbeddingFiles.readNpy(file)).isDeepEqualTo(golden("vectors"));
    }

    @Test
    void safetensorsAndJsonLinesHoldTheSameBytes() throws IOException {
        for (Precision precision : List.of(Precision.INT8, Precision.UINT8)) {
            byte[][] bytes = Quantizer.of(precision, golden("vectors")).quantize(golden("vectors"));
            Path stored = temporary.resolve(precision + ".safetensors");
            EmbeddingFiles.write(stored, bytes, precision.isUnsigned(), texts(7));
            Path lines = temporary.resolve(precision + ".jsonl");
            EmbeddingFiles.write(lines, bytes, precision.isUnsigned(), texts(7));
            try (Scope scope = Scope.open();
                    SafetensorsFile file = SafetensorsFile.open(stored)) {
                assertThat(file.tensor("embeddings").dtype()).isEqualTo(precision.isUnsigned() ? DType.U8 : DType.I8);
                float[][] rows = file.tensor("embeddings").toRows();
                List<String> read = Files.readAllLines(lines);
                for (int i = 0; i < rows.length; i++) {
                    var values = new JsonMapper().readTree(read.get(i)).path("embedding");
                    for (int d = 0; d < rows[i].length; d++) {
                        int expected = precision.isUnsigned() ? bytes[i][d] & 0xff : bytes[i][d];
                        assertThat(rows[i][d]).isEqualTo(expected);
                        assertThat(values.get(d).intValue()).isEqualTo(expected);
                    }
                }
            }
        }
    }

    @Test
    void valuesOutsideTheCalibrationBecomeItsEnds() {
        float[][] levels = {{0, 0, 5}, {255, 255, 5}};
        float[][] vectors = {{-3, 300, 5}, {255, 0, 9}};
        assertThat(Quantizer.of(Precision.INT8, levels).quantize(vectors))
                .isDeepEqualTo(new byte[][] {{-128, 127, 0}, {127, -128, 127}});
        assertThat(Quantizer.of(Precision.UINT8, levels).quantize(vectors)).isDeepEqualTo(new byte[][] {
            {0, (byte) 255, 0}, {(byte) 255, 0, (byte) 255}
        });
    }

    @Test
    void bitsThatDoNotFillBytesAreRefused() {
        assertThatThrownBy(() -> Quantizer.of(Precision.UBINARY, new float[1][12]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12");
    }

    @Test
    void vectorsOfOtherDimensionsThanTheCalibrationAreRefused() {
        Quantizer quantizer = Quantizer.of(Precision.INT8, new float[2][8]);
        assertThatThrownBy(() -> quantizer.quantize(new float[1][16]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 8")
                .hasMessageContaining("found 16");
        assertThatThrownBy(() -> Quantizer.of(Precision.INT8, new float[0][]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"int8", "short", "text"})
    void whatIsNoMatrixOfFloatsIsRefused(String kind) throws IOException {
        Path file = temporary.resolve("wrong.npy");
        byte[] whole = Files.readAllBytes(path("vectors"));
        Files.write(
                file,
                switch (kind) {
                    case "int8" -> Files.readAllBytes(path("int8"));
                    case "short" -> Arrays.copyOf(whole, whole.length - 1);
                    default -> "not vectors".getBytes(StandardCharsets.UTF_8);
                });
        assertThatThrownBy(() -> EmbeddingFiles.readNpy(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("wrong.npy");
    }

    private static float[][] golden(String name) {
        return EmbeddingFiles.readNpy(path(name));
    }

    private static Path path(String name) {
        return Golden.OWN.file("quantization/" + name + ".npy");
    }

    private static List<String> texts(int count) {
        return Collections.nCopies(count, "text");
    }
}
