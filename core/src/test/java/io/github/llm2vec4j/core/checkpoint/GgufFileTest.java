package io.github.llm2vec4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.golden.Resource;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GgufFileTest {
    @TempDir
    Path folder;

    /** The expected values are those of the Python package gguf. */
    @ParameterizedTest
    @EnumSource(value = GgufType.class, mode = EnumSource.Mode.EXCLUDE, names = "F32")
    void everyTypeIsReadToTheBit(GgufType type) {
        try (Scope scope = Scope.open();
                GgufFile file = GgufFile.open(Resource.file("gguf/blocks.gguf"))) {
            assertThat(file.storedType(type.name())).isEqualTo(type.name());
            assertThat(file.shape(type.name())).isEqualTo(file.shape(type + ".expected"));
            float[] actual = file.tensor(type.name()).toFloats();
            float[] expected = file.tensor(type + ".expected").toFloats();
            assertThat(actual).isEqualTo(expected).hasSizeGreaterThan(10);
            assertThat(Arrays.equals(actual, new float[actual.length])).isFalse();
        }
    }

    @Test
    void everyHalfFloatIsConvertedAsTheEngineDoes() {
        short[] halves = new short[1 << 16];
        ByteBuffer bytes = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (short) i;
            bytes.putShort((short) i);
        }
        try (Scope scope = Scope.open()) {
            float[] expected =
                    Tensor.ofBytes(DType.F16, bytes.array(), halves.length).toFloats();
            for (int i = 0; i < halves.length; i++) {
                assertThat(Float.compare(HalfFloat.toFloat(halves[i]), expected[i]))
                        .as("%x", i)
                        .isZero();
            }
        }
    }

    @Test
    void manyBlocksAreDecodedInTheirOrder() throws IOException {
        int blocks = (1 << 15) + 3; // more than are decoded at once
        byte[] whole = RawGguf.tensor(8, 0, 32, blocks).withData(blocks * 34);
        for (int block = 0; block < blocks; block++) {
            int at = whole.length - (blocks - block) * 34;
            whole[at] = 0;
            whole[at + 1] = 0x3c; // the scale 1
            whole[at + 2] = (byte) block;
            whole[at + 3] = (byte) (block >> 8);
        }
        try (Scope scope = Scope.open();
                GgufFile file = GgufFile.open(write(whole))) {
            assertThat(file.shape("w")).containsExactly(blocks, 32);
            float[] values = file.tensor("w").toFloats();
            for (int block = 0; block < blocks; block++) {
                assertThat(values[block * 32]).isEqualTo((byte) block);
                assertThat(values[block * 32 + 1]).isEqualTo((byte) (block >> 8));
            }
        }
    }

    @Test
    void metadataIsReadByTypeAndRefusedByAnother() throws IOException {
        byte[] whole = RawGguf.start(0, 5)
                .text("n")
                .u32(RawGguf.U32)
                .u32(0xffffffffL)
                .text("f")
                .u32(RawGguf.F32)
                .u32(Float.floatToIntBits(1e-5f))
                .text("t")
                .u32(RawGguf.TEXT)
                .text("שלום")
                .text("b")
                .u32(7)
                .bytes(1)
                .text("l")
                .u32(RawGguf.LIST)
                .u32(RawGguf.TEXT)
                .u64(2)
                .text("a")
                .text("")
                .toBytes();
        try (GgufFile file = GgufFile.open(write(whole))) {
            assertThat(file.integer("n")).isEqualTo(0xffffffffL);
            assertThat(file.number("f")).isEqualTo(1e-5);
            assertThat(file.number("n")).isEqualTo(0xffffffffL);
            assertThat(file.text("t")).isEqualTo("שלום");
            assertThat(file.flag("b")).isTrue();
            assertThat(file.list("l", String.class)).containsExactly("a", "");
            assertThat(file.text("missing")).isNull();
            assertThat(file.list("missing", Long.class)).isEmpty();
            assertThatThrownBy(() -> file.integer("t"))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("'t': expected an integer, found שלום");
            assertThatThrownBy(() -> file.list("l", Long.class))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("'l': expected Long values, found a");
        }
    }

    static Stream<Arguments> badFiles() {
        return Stream.of(
                bad("no bytes", new byte[0], "not a GGUF file"),
                bad(
                        "other letters",
                        new RawGguf().ascii("GGML").u32(3).u64(0).u64(0).toBytes(),
                        "not a GGUF file"),
                bad(
                        "version 1",
                        new RawGguf().ascii("GGUF").u32(1).u64(0).u64(0).toBytes(),
                        "version 1"),
                bad(
                        "big-endian",
                        new RawGguf()
                                .ascii("GGUF")
                                .bytes(0, 0, 0, 3)
                                .u64(0)
                                .u64(0)
                                .toBytes(),
                        "version",
                        "little-endian"),
                bad("2^63 tensors", RawGguf.start(Long.MIN_VALUE, 0).toBytes(), "9223372036854775808 tensors"),
                bad("2^40 tensors", RawGguf.start(1L << 40, 0).toBytes(), "tensors are more"),
                bad("2^40 keys", RawGguf.start(0, 1L << 40).toBytes(), "metadata keys are more"),
                bad(
                        "a key of 2^62 bytes",
                        RawGguf.start(0, 1).u64(1L << 62).u64(0).toBytes(),
                        "longer"),
                bad("a key of -1 bytes", RawGguf.start(0, 1).u64(-1).u64(0).toBytes(), "longer"),
                bad(
                        "a key that is not UTF-8",
                        RawGguf.start(0, 1)
                                .u64(2)
                                .bytes(0xc3, '(')
                                .u32(0)
                                .bytes(0)
                                .toBytes(),
                        "UTF-8"),
                bad(
                        "an unknown type",
                        RawGguf.start(0, 1).text("k").u32(13).u64(0).toBytes(),
                        "'k'",
                        "type 13"),
                bad(
                        "a list of 2^62 values",
                        RawGguf.start(0, 1)
                                .text("k")
                                .u32(9)
                                .u32(0)
                                .u64(1L << 62)
                                .toBytes(),
                        "'k'",
                        "more than the file has room for"),
                bad(
                        "a list of -1 values",
                        RawGguf.start(0, 1).text("k").u32(9).u32(8).u64(-1).toBytes(),
                        "'k'",
                        "18446744073709551615"),
                bad(
                        "a list of lists",
                        RawGguf.start(0, 1).text("k").u32(9).u32(9).u64(0).toBytes(),
                        "'k'",
                        "list of lists"),
                bad(
                        "a text beyond the end",
                        RawGguf.start(0, 1).text("k").u32(8).u64(1 << 20).toBytes(),
                        "longer than it may be"),
                bad(
                        "a key twice",
                        RawGguf.start(0, 2)
                                .text("k")
                                .u32(0)
                                .bytes(1)
                                .text("k")
                                .u32(0)
                                .bytes(1)
                                .toBytes(),
                        "'k'",
                        "twice"),
                bad(
                        "one of several parts",
                        RawGguf.start(0, 1)
                                .text("split.count")
                                .u32(2)
                                .bytes(3, 0)
                                .toBytes(),
                        "one of 3 parts"),
                bad(
                        "an alignment of 0",
                        RawGguf.start(0, 1)
                                .text("general.alignment")
                                .u32(4)
                                .u32(0)
                                .toBytes(),
                        "general.alignment 0"),
                bad(
                        "an alignment of 2^63",
                        RawGguf.start(0, 1)
                                .text("general.alignment")
                                .u32(10)
                                .u64(Long.MIN_VALUE)
                                .toBytes(),
                        "general.alignment"),
                bad(
                        "an alignment in words",
                        RawGguf.start(0, 1)
                                .text("general.alignment")
                                .u32(8)
                                .text("32")
                                .toBytes(),
                        "general.alignment 32"),
                bad(
                        "a tensor of 5 dimensions",
                        RawGguf.tensor(0, 0, 1, 1, 1, 1, 1).withData(4),
                        "'w'",
                        "found 5"),
                bad("a tensor of no dimension", RawGguf.tensor(0, 0).withData(4), "'w'", "found 0"),
                bad("a dimension of 0", RawGguf.tensor(0, 0, 4, 0).withData(4), "'w'", "dimension of 0"),
                bad("a dimension of 2^63", RawGguf.tensor(0, 0, Long.MIN_VALUE).withData(4), "'w'", "dimension"),
                bad("2^64 values", RawGguf.tensor(0, 0, 1L << 32, 1L << 32).withData(4), "'w'", "overflows"),
                bad("2^62 values", RawGguf.tensor(0, 0, 1L << 62).withData(4), "'w'", "beyond the end"),
                bad("2^62 values in blocks", RawGguf.tensor(14, 0, 1L << 62).withData(4), "'w'", "beyond the end"),
                bad("an unknown tensor type", RawGguf.tensor(16, 0, 256).withData(66), "'w'", "type 16", "Q4_K"),
                bad("a tensor type of 2^31", RawGguf.tensor(1 << 31, 0, 4).withData(16), "'w'", "type 2147483648"),
                bad("a row of half a block", RawGguf.tensor(2, 0, 16, 2).withData(18), "'w'", "whole blocks of 32"),
                bad("an offset beyond the end", RawGguf.tensor(0, 1 << 20, 4).withData(16), "'w'", "beyond the end"),
                bad("an offset of -32", RawGguf.tensor(0, -32, 4).withData(16), "'w'", "beyond the end"),
                bad("data that starts late", RawGguf.tensor(0, 32, 4).withData(64), "'w'", "expected 0"),
                bad("data cut short", RawGguf.tensor(0, 0, 5).withData(16), "cut short"),
                bad("trailing bytes", RawGguf.tensor(0, 0, 4).withData(48), "trailing bytes"),
                bad(
                        "two tensors at one place",
                        RawGguf.start(2, 0)
                                .listed("a", 0, 0, 4)
                                .listed("b", 0, 0, 4)
                                .withData(32),
                        "'b'",
                        "expected 32"),
                bad(
                        "a tensor twice",
                        RawGguf.start(2, 0)
                                .listed("a", 0, 0, 4)
                                .listed("a", 0, 32, 4)
                                .withData(64),
                        "'a'",
                        "twice"));
    }

    private static Arguments bad(String fault, byte[] content, String... reasons) {
        return arguments(fault, content, String.join("|", reasons));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badFiles")
    void aBadFileIsRefusedByPathAndReason(String fault, byte[] content, String reasons) throws IOException {
        Path file = write(content);
        long before = allocated();
        assertThatThrownBy(() -> GgufFile.open(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(file + ": ")
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons.split("\\|")));
        assertThat(allocated() - before).as("bytes allocated").isLessThan(20_000_000);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void metadataOfManyMillionValuesIsRefused() throws IOException {
        int length = 5_000_000;
        byte[] start = RawGguf.start(0, 1)
                .text("k")
                .u32(RawGguf.LIST)
                .u32(RawGguf.U8)
                .u64(length)
                .toBytes();
        Path file = write(Arrays.copyOf(start, start.length + length));
        assertThatThrownBy(() -> GgufFile.open(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("larger than that of any model");
    }

    @Test
    void aFileCutAnywhereInItsHeaderIsRefused() throws IOException {
        byte[] whole = RawGguf.start(1, 2)
                .text("a")
                .u32(RawGguf.LIST)
                .u32(RawGguf.TEXT)
                .u64(2)
                .text("x")
                .text("yz")
                .text("b")
                .u32(RawGguf.U64)
                .u64(7)
                .listed("w", 0, 0, 2, 2)
                .withData(16);
        assertThatCode(() -> GgufFile.open(write(whole)).close()).doesNotThrowAnyException();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> GgufFile.open(write(cut)))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(BadCheckpointException.class);
        }
    }

    /** Whatever a byte of the header is changed to, the file opens or is refused. */
    @Test
    void noChangedByteDoesHarm() throws IOException {
        byte[] whole = Files.readAllBytes(Resource.file("gguf/qwen2.gguf"));
        SplittableRandom random = new SplittableRandom(11);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(1500)] = (byte) random.nextInt(256);
            try (Scope scope = Scope.open();
                    GgufFile file = GgufFile.open(write(changed))) {
                file.names()
                        .forEach(name ->
                                assertThat(file.tensor(name).elementCount()).isPositive());
            } catch (BadCheckpointException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 999);
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = folder.resolve("none.gguf");
        assertThatThrownBy(() -> GgufFile.open(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessage(file + ": no such file");
    }

    private Path write(byte[] content) throws IOException {
        return Files.write(folder.resolve("model.gguf"), content);
    }
}
