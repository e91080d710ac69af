package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.ResidentMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {
    private static final int LENGTH = 64 << 20;

    @TempDir
    Path folder;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "pages of a mapping are given back on Linux alone")
    void bytesThatAreReleasedTakeNoMemoryAndAreReadAgain() throws IOException {
        byte[] bytes = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            bytes[i] = (byte) (i >> 8);
        }
        Path file = Files.write(folder.resolve("bytes"), bytes);
        try (Scope scope = Scope.open();
                MappedFile mapped = MappedFile.open(file, LENGTH)) {
            Tensor all = mapped.bytes(0, LENGTH);
            double sum = all.to(DType.I32).sum().item();
            long touched = ResidentMemory.bytes();

            mapped.release(0, LENGTH / 2 + 5);

            assertThat(touched - ResidentMemory.bytes()).isGreaterThan(LENGTH / 4);
            assertThat(all.to(DType.I32).sum().item()).isEqualTo(sum);
        }
    }

    @Test
    void noBytesAreReleasedWithoutHarm() throws IOException {
        Path file = Files.write(folder.resolve("bytes"), new byte[] {1, 2, 3});
        try (Scope scope = Scope.open();
                MappedFile mapped = MappedFile.open(file, 3)) {
            mapped.release(3, 3);
            mapped.release(2, 3);
            assertThat(mapped.bytes(1, 3).toLongs()).containsExactly(2, 3);
        }
    }
}
