package io.github.llm2vec4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeComesBackByteForByte(DType type) throws IOException {
        Path path = folder.resolve("model.safetensors");
        byte[] bytes = new byte[3 * 5 * type.bytes()];
        new SplittableRandom(type.ordinal()).nextBytes(bytes);
        if (type == DType.BOOL) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] &= 1;
            }
        }
        try (Scope scope = Scope.open()) {
            SafetensorsWriter.write(path, Map.of("w", Tensor.ofBytes(type, bytes, 3, 5)), Map.of());
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertThat(file.dtype("w")).isEqualTo(type);
                assertThat(file.shape("w")).containsExactly(3, 5);
                assertThat(bytesOf(file.tensor("w"))).isEqualTo(bytes);
            }
        }
    }

    @Test
    void tensorsOfAllShapesAndMetadataComeBack() throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("scalar", Tensor.full(DType.F32, 1.5));
            tensors.put("empty", Tensor.zeros(DType.BF16, 2, 0));
            tensors.put("odd", Tensor.ofBytes(DType.U8, new byte[] {7, 8, 9}, 3));
            tensors.put(
                    "turned", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose(0, 1));
            tensors.put("שם \"עם\" מירכאות\n😀", Tensor.of(new long[] {-1, 1}, 2));
            SafetensorsWriter.write(path, tensors, Map.of("format", "pt"));

            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertThat(file.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
                assertThat(file.metadata()).isEqualTo(Map.of("format", "pt"));
                assertThat(file.tensor("scalar").item()).isEqualTo(1.5);
                assertThat(file.shape("scalar")).isEmpty();
                assertThat(file.shape("empty")).containsExactly(2, 0);
                assertThat(file.tensor("odd").toLongs()).containsExactly(7, 8, 9);
                assertThat(file.tensor("turned").toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
                assertThat(file.tensor("שם \"עם\" מירכאות\n😀").toLongs()).containsExactly(-1, 1);
            }
        }
    }

    @Test
    void aTensorLargerThanTheBufferComesBack() throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            Tensor large = Tensor.arange(400_003);
            SafetensorsWriter.write(path, Map.of("w", large), Map.of());
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertThat(file.tensor("w").toLongs()).isEqualTo(large.toLongs());
            }
        }
    }

    @Test
    void theDataIsAlignedAndWidestFirst() throws IOException {
        for (int nameLength = 1; nameLength <= 16; nameLength++) {
            Path path = folder.resolve("model.safetensors");
            String narrow = "a".repeat(nameLength);
            try (Scope scope = Scope.open()) {
                Map<String, Tensor> tensors = Map.of(
                        narrow,
                        Tensor.zeros(DType.U8, 3),
                        "y",
                        Tensor.zeros(DType.F32, 3),
                        "z",
                        Tensor.zeros(DType.I64, 1));
                SafetensorsWriter.write(path, tensors, Map.of());
                byte[] bytes = Files.readAllBytes(path);
                long length =
                        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
                String header = new String(bytes, 8, (int) length, StandardCharsets.UTF_8);

                assertThat(length % 8).isZero();
                assertThat(header).startsWith("{").containsPattern("} *$");
                try (SafetensorsFile file = SafetensorsFile.open(path)) {
                    assertThat(file.names()).containsExactly("z", "y", narrow);
                }
            }
        }
    }

    @Test
    void aTensorCannotTakeTheNameOfTheMetadata() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = Map.of("__metadata__", Tensor.zeros(DType.F32, 1));
            assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("a.safetensors"), tensors, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("__metadata__");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            SafetensorsWriter.write(path, Map.of("w", Tensor.full(DType.F32, 1, 4)), Map.of());
            byte[] old = Files.readAllBytes(path);
            Tensor closed = Tensor.full(DType.F32, 2, 4).keep();
            closed.close();

            assertThatThrownBy(() -> SafetensorsWriter.write(path, Map.of("w", closed), Map.of()))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(Files.readAllBytes(path)).isEqualTo(old);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactly(path);
            }
        }
    }

    @Test
    void anOpenMappingShowsTheOldBytesAfterTheFileIsReplaced() throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            SafetensorsWriter.write(path, Map.of("w", Tensor.full(DType.F32, 1, 5000)), Map.of());
            try (SafetensorsFile old = SafetensorsFile.open(path)) {
                SafetensorsWriter.write(path, Map.of("w", Tensor.full(DType.F32, 2, 5000)), Map.of());

                assertThat(old.tensor("w").toFloats()).hasSize(5000).containsOnly(1f);
                try (SafetensorsFile replaced = SafetensorsFile.open(path)) {
                    assertThat(replaced.tensor("w").toFloats()).hasSize(5000).containsOnly(2f);
                }
            }
        }
    }

    @Test
    void aMappedTensorIsNeverWrittenToItsFile() throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (Scope scope = Scope.open()) {
            SafetensorsWriter.write(path, Map.of("w", Tensor.full(DType.F32, 1, 8)), Map.of());
            byte[] old = Files.readAllBytes(path);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                file.tensor("w").fillInPlace(9);
            }
            assertThat(Files.readAllBytes(path)).isEqualTo(old);
        }
    }

    private static byte[] bytesOf(Tensor tensor) {
        byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
        tensor.readBytes(0, bytes, bytes.length);
        return bytes;
    }
}
