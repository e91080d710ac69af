package io.github.llm2vec4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
    private static final String TWO = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[8,12]}}";

    @TempDir
    Path folder;

    static Stream<Arguments> badHeaders() {
        String deep = "[".repeat(100_000);
        return Stream.of(
                arguments("bytes that are not UTF-8", new byte[] {'{', '"', (byte) 0xc3, '(', '"', '}'}, 0, "UTF-8"),
                arguments("an overlong encoding", new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"'}, 0, "UTF-8"),
                bad("a JSON array", "[1]", 0, "not a JSON object"),
                bad("a JSON string", "\"weights\"", 0, "not a JSON object"),
                bad("JSON null", "null", 0, "not a JSON object"),
                bad("nothing but spaces", "        ", 0, "not a JSON object"),
                bad("JSON cut short", "{\"w\":{\"dtype\":", 0, "not valid JSON"),
                bad(
                        "JSON followed by more JSON",
                        RawSafetensors.tensor("U8", "[1]", "[0,1]") + "{}",
                        1,
                        "not valid JSON"),
                bad(
                        "JSON followed by zeros",
                        RawSafetensors.tensor("U8", "[1]", "[0,1]") + "\0\0",
                        1,
                        "not valid JSON"),
                bad("a byte order mark", "\uFEFF" + RawSafetensors.tensor("U8", "[1]", "[0,1]"), 1, "not valid JSON"),
                bad(
                        "a name twice",
                        "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                + "\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                        1,
                        "Duplicate",
                        "'w'"),
                bad(
                        "a key twice in one tensor",
                        "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[2],\"data_offsets\":[0,1]}}",
                        1,
                        "Duplicate",
                        "shape"),
                bad("arrays 100,000 deep", "{\"w\":" + deep, 0, "not valid JSON", "depth"),
                bad("a tensor that is a number", "{\"w\":5}", 0, "'w'", "JSON object"),
                bad("metadata that is a list", "{\"__metadata__\":[]}", 0, "__metadata__"),
                bad("metadata that is not text", "{\"__metadata__\":{\"format\":{}}}", 0, "__metadata__", "format"),
                bad("an unknown dtype", RawSafetensors.tensor("F7", "[1]", "[0,1]"), 1, "'w'", "unknown dtype", "F7"),
                bad("a dtype in lower case", RawSafetensors.tensor("f32", "[1]", "[0,4]"), 4, "'w'", "unknown dtype"),
                bad("no dtype", "{\"w\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "'w'", "dtype"),
                bad("no shape", "{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "'w'", "shape"),
                bad("no offsets", "{\"w\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "'w'", "data_offsets"),
                bad("three offsets", RawSafetensors.tensor("U8", "[1]", "[0,1,1]"), 1, "'w'", "data_offsets"),
                bad("rank 17", RawSafetensors.tensor("U8", ones(17), "[0,1]"), 1, "'w'", "shape"),
                bad("begin after end", RawSafetensors.tensor("U8", "[1]", "[1,0]"), 1, "'w'", "data_offsets"),
                bad("a negative begin", RawSafetensors.tensor("U8", "[2]", "[-1,1]"), 1, "'w'", "-1"),
                bad("a negative end", RawSafetensors.tensor("U8", "[0]", "[0,-1]"), 0, "'w'", "-1"),
                bad("a negative length", RawSafetensors.tensor("U8", "[-1]", "[0,1]"), 1, "'w'", "-1"),
                bad("two negative lengths", RawSafetensors.tensor("U8", "[-1,-1]", "[0,1]"), 1, "'w'", "-1"),
                bad("a fractional length", RawSafetensors.tensor("U8", "[1.0]", "[0,1]"), 1, "'w'", "1.0"),
                bad("a length in quotes", RawSafetensors.tensor("U8", "[\"1\"]", "[0,1]"), 1, "'w'"),
                bad("fewer bytes than the shape", RawSafetensors.tensor("F32", "[2]", "[0,4]"), 4, "'w'", "needs 8"),
                bad("more bytes than the shape", RawSafetensors.tensor("F32", "[]", "[0,8]"), 8, "'w'", "needs 4"),
                bad(
                        "a product of 2^64",
                        RawSafetensors.tensor("U8", "[4294967296,4294967296]", "[0,0]"),
                        0,
                        "'w'",
                        "overflows"),
                bad(
                        "a product of 2^63 bytes",
                        RawSafetensors.tensor("F64", "[1152921504606846976]", "[0,0]"),
                        0,
                        "'w'"),
                bad(
                        "an empty shape whose strides overflow",
                        RawSafetensors.tensor("U8", "[0,4611686018427387904,4]", "[0,0]"),
                        0,
                        "'w'",
                        "overflows"),
                bad(
                        "a length of 2^63",
                        RawSafetensors.tensor("U8", "[9223372036854775808]", "[0,1]"),
                        1,
                        "'w'",
                        "2^63"),
                bad("an end of 2^64", RawSafetensors.tensor("U8", "[1]", "[0,18446744073709551616]"), 1, "'w'", "2^63"),
                bad("a length of 5,000 digits", RawSafetensors.tensor("U8", "[" + "9".repeat(5000) + "]", "[0,1]"), 1),
                bad("data that ends after the file", RawSafetensors.tensor("U8", "[9]", "[0,9]"), 8, "cut short"),
                bad("trailing bytes", RawSafetensors.tensor("U8", "[8]", "[0,8]"), 9, "trailing bytes"),
                bad("bytes and no tensor", "{}", 1, "trailing bytes"),
                bad("data that starts late", RawSafetensors.tensor("U8", "[8]", "[1,9]"), 9, "'w'", "hole"),
                bad("a hole", TWO.replace("[8,12]", "[9,13]"), 13, "'b'", "hole"),
                bad("an overlap", TWO.replace("[8,12]", "[7,11]"), 11, "'b'", "inside the one before"),
                bad(
                        "two names for the same bytes",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                                + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
                        4,
                        "'b'",
                        "inside the one before"),
                bad(
                        "an empty tensor inside another",
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                                + "\"b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]}}",
                        4,
                        "'b'",
                        "inside the one before"));
    }

    private static Arguments bad(String fault, String header, int dataBytes, String... reasons) {
        return arguments(fault, header.getBytes(StandardCharsets.UTF_8), dataBytes, String.join("|", reasons));
    }

    private static String ones(int rank) {
        return Arrays.toString(
                java.util.stream.IntStream.generate(() -> 1).limit(rank).toArray());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badHeaders")
    void aBadHeaderIsRefusedByPathTensorAndReason(String fault, byte[] header, int dataBytes, String reasons)
            throws IOException {
        Path file = Files.write(folder.resolve("model.safetensors"), RawSafetensors.bytes(header, dataBytes));

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(file + ": ")
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons.split("\\|")));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 100, 100_000_001, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void aHeaderLengthThatCannotBeIsRefusedWithoutAllocatingIt(long length) throws IOException {
        Path file =
                Files.write(folder.resolve("model.safetensors"), RawSafetensors.withLength(length, "{}".getBytes(), 0));

        long allocated = allocatedBy(() -> assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(file + ": header length " + Long.toUnsignedString(length)));

        assertThat(allocated).isLessThan(10_000_000);
    }

    @Test
    void aHeaderOfManyMillionValuesIsRefusedInBoundedMemory() throws IOException {
        byte[] header = new byte[40_000_000];
        byte[] start = "{\"w\":{\"dtype\":\"U8\",\"shape\":[".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < header.length; i++) {
            header[i] = i < start.length ? start[i] : (byte) ((i - start.length) % 2 == 0 ? '7' : ',');
        }
        Path file = Files.write(folder.resolve("model.safetensors"), RawSafetensors.bytes(header, 0));

        long allocated = allocatedBy(() -> assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("Token count"));

        assertThat(allocated).isLessThan(300_000_000);
    }

    private static long allocatedBy(Runnable action) {
        try (Scope warm = Scope.open()) { // loads the engine
            var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            action.run();
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }

    @Test
    void aSmallFileCutAtAnyByteIsRefused() throws IOException {
        byte[] whole = RawSafetensors.bytes(TWO, 12);
        assertThatCode(() -> open(whole)).doesNotThrowAnyException();

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> open(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("model.safetensors: ");
        }
    }

    @Test
    void aFileCutAtAnyKilobyteIsRefused() throws IOException {
        StringBuilder header = new StringBuilder("{");
        int tensors = 200;
        for (int i = 0; i < tensors; i++) {
            header.append(i == 0 ? "" : ",")
                    .append("\"layers." + i + ".weight\":{\"dtype\":\"F32\",\"shape\":[16,8],\"data_offsets\":["
                            + 512 * i + "," + 512 * (i + 1) + "]}");
        }
        byte[] whole = RawSafetensors.bytes(header.append('}').toString(), 512 * tensors);
        assertThatCode(() -> open(whole)).doesNotThrowAnyException();

        for (int length = 0; length < whole.length; length += 1024) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> open(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("model.safetensors: ");
        }
    }

    private void open(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("model.safetensors"), content);
        SafetensorsFile.open(file).close();
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessage(folder.resolve("none.safetensors") + ": no such file");
    }

    @Test
    void anUnknownTensorIsNamed() throws IOException {
        Path path = RawSafetensors.vectors(folder.resolve("model.safetensors"), "a");
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThatThrownBy(() -> file.shape("b"))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessage(path + ": has no tensor 'b'");
        }
    }

    // ---- legal, if unusual ----

    @Test
    void aTensorWithoutDimensionsIsOneValue() throws IOException {
        Path path = Files.write(
                folder.resolve("model.safetensors"),
                RawSafetensors.bytes(RawSafetensors.tensor("U8", "[]", "[0,1]"), 1));
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensor("w").shape()).isEmpty();
            assertThat(file.tensor("w").item()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0]", "[3,0,2]", "[0,9223372036854775807]"})
    void aTensorWithoutElementsKeepsItsShape(String shape) throws IOException {
        Path path = Files.write(
                folder.resolve("model.safetensors"),
                RawSafetensors.bytes(RawSafetensors.tensor("I8", shape, "[0,0]"), 0));
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(Arrays.toString(file.tensor("w").shape()).replace(" ", ""))
                    .isEqualTo(shape);
            assertThat(file.tensor("w").toFloats()).isEmpty();
        }
    }

    @Test
    void emptyTensorsMayStandBetweenOthers() throws IOException {
        String header = "{\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"d\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                + "\"e\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[6,6]}}";
        Path path = Files.write(folder.resolve("model.safetensors"), RawSafetensors.bytes(header, 6));
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensor("d").toLongs()).containsExactly(4, 5);
            assertThat(file.names()).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void aHeaderOfAnyAlignmentIsRead(int padding) throws IOException {
        String header = "{\"a\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}" + " ".repeat(padding);
        Path path = Files.write(folder.resolve("model.safetensors"), RawSafetensors.bytes(header, 16));
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensor("a").toLongs()).containsExactly(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        }
    }

    @Test
    void aFileMayHoldNoTensors() throws IOException {
        Path path = Files.write(folder.resolve("model.safetensors"), RawSafetensors.bytes("{}", 0));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.names()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void metadataIsRead() throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\",\"שפה\":\"עברית\"}}";
        Path path = Files.write(folder.resolve("model.safetensors"), RawSafetensors.bytes(header, 0));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.metadata()).isEqualTo(Map.of("format", "pt", "שפה", "עברית"));
        }
    }

    @Test
    void aHeaderLengthThatBeginsWithTheLettersOfZipIsNotTakenForOne() throws IOException {
        int length = 'P' | 'K' << 8;
        String header = RawSafetensors.tensor("U8", "[1]", "[0,1]");
        Path path = Files.write(
                folder.resolve("model.safetensors"),
                RawSafetensors.bytes(header + " ".repeat(length - header.length()), 1));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.names()).containsExactly("w");
        }
    }

    @Test
    void aFolderAndANameInHebrewAreOpened() throws IOException {
        Path path = RawSafetensors.vectors(
                Files.createDirectory(folder.resolve("מודל")).resolve("משקלות.safetensors"), "שכבה");
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.tensor("שכבה").shape()).containsExactly(2);
        }
    }

    @Test
    void aTensorOutlivesTheFileItCameFrom() throws IOException {
        Path path = RawSafetensors.vectors(folder.resolve("model.safetensors"), "a");
        try (Scope scope = Scope.open()) {
            Tensor tensor;
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                tensor = file.tensor("a");
            }
            assertThat(tensor.to(DType.F32).shape()).containsExactly(2);
            assertThat(tensor.isFinite()).isTrue();
        }
    }

    // ---- pickle ----

    static Stream<Arguments> pickles() {
        return Stream.of(
                arguments("zip of torch.save", new byte[] {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0}),
                arguments("empty zip", new byte[] {'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
                arguments(
                        "old torch.save, protocol 2",
                        new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 'l', (byte) 0xfc, (byte) 0x9c, 'F', (byte) 0xf9}),
                arguments(
                        "pickle.dumps, protocol 4",
                        new byte[] {(byte) 0x80, 4, (byte) 0x95, 40, 0, 0, 0, 0, 0, 0, 0, '}'}),
                arguments(
                        "pickle.dumps, protocol 5",
                        new byte[] {(byte) 0x80, 5, (byte) 0x95, 9, 3, 0, 0, 0, 0, 0, 0, '}'}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pickles")
    void aPickleThatIsNamedSafetensorsIsRefusedWithAdvice(String kind, byte[] content) throws IOException {
        Path path = Files.write(folder.resolve("model.safetensors"), content);

        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining("pickle")
                .hasMessageContaining("safetensors.torch.save_file");
    }

    @Test
    void anArchiveThatNamesAPlaceElsewhereIsNotUnpacked() throws IOException {
        Path path = Files.createDirectory(folder.resolve("model")).resolve("model.safetensors");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            zip.putNextEntry(new ZipEntry("../elsewhere"));
            zip.write(1);
        }
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("this is a pickle or zip archive");
        assertThat(folder).isDirectoryNotContaining("glob:**elsewhere");
    }

    // ---- random damage ----

    @Test
    void anyDamageLoadsOrIsRefusedAndNothingElse() throws IOException {
        byte[] whole = RawSafetensors.bytes(TWO + "   ", 12);
        Path path = folder.resolve("model.safetensors");
        int loaded = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            byte[] damaged = damage(whole, new SplittableRandom(seed));
            Files.write(path, damaged);
            try (Scope scope = Scope.open();
                    SafetensorsFile file = SafetensorsFile.open(path)) {
                for (String name : file.names()) {
                    assertThat(file.tensor(name).toFloats())
                            .hasSize((int) Arrays.stream(file.shape(name)).reduce(1, (a, b) -> a * b));
                }
                loaded++;
            } catch (BadCheckpointException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith(path + ": ");
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + Arrays.toString(damaged), e);
            }
        }
        assertThat(loaded)
                .as("files that load all the same, their data or a name changed")
                .isBetween(20, 1_500);
    }

    private static byte[] damage(byte[] whole, SplittableRandom random) {
        byte[] result = whole;
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(result.length);
            result = switch (random.nextInt(5)) {
                case 0 -> flipped(result, at, 1 << random.nextInt(8));
                case 1 -> flipped(result, at, result[at] ^ "0123456789[]{},:\"-".charAt(random.nextInt(18)));
                case 2 -> Arrays.copyOf(result, Math.max(1, at));
                case 3 -> spliced(result, at, at, random.nextInt(1, 9), random);
                default -> spliced(result, at, Math.min(result.length, at + random.nextInt(1, 9)), 0, random);
            };
            result = result.length == 0 ? new byte[1] : result;
        }
        return result;
    }

    private static byte[] flipped(byte[] bytes, int at, int mask) {
        byte[] result = bytes.clone();
        result[at] ^= (byte) mask;
        return result;
    }

    /** Replaces the bytes from {@code from} to {@code to} by some random ones. */
    private static byte[] spliced(byte[] bytes, int from, int to, int inserted, SplittableRandom random) {
        byte[] result = new byte[bytes.length - (to - from) + inserted];
        System.arraycopy(bytes, 0, result, 0, from);
        for (int i = 0; i < inserted; i++) {
            result[from + i] = (byte) random.nextInt(256);
        }
        System.arraycopy(bytes, to, result, from + inserted, bytes.length - to);
        return result;
    }

    // ---- large files ----

    @Test
    void aFileOfThreeGibibytesIsReadAtItsFarEndInFlatMemory() throws IOException {
        long size = 3L << 30;
        long rows = size / (4 * 1024);
        String header = "{\"far\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + size + "," + (size + 8) + "]},"
                + "\"wide\":{\"dtype\":\"F32\",\"shape\":[" + rows + ",1024],\"data_offsets\":[0," + size + "]}}";
        byte[] start = RawSafetensors.bytes(header + " ".repeat((8 - header.length() % 8) % 8), 0);
        Path path = folder.resolve("model.safetensors");
        try (var out = new java.io.RandomAccessFile(path.toFile(), "rw")) {
            out.write(start);
            out.setLength(start.length + size + 8); // sparse: it takes a few blocks of the disk
            out.seek(start.length + size - 4);
            out.write(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40});
        }
        List<Float> values;
        long before;
        long after;
        try (Scope scope = Scope.open()) {
            before = residentBytes();
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                Tensor wide = file.tensor("wide");
                float last =
                        (float) wide.narrow(0, rows - 1, 1).narrow(1, 1023, 1).item();
                float[] far = file.tensor("far").toFloats();
                values = List.of(last, far[0], far[1]);
                after = residentBytes();
            }
        }
        assertThat(values).containsExactly(1f, 2f, 3f);
        assertThat(after - before).isLessThan(100L << 20);
    }

    /** 0 where the system does not tell. */
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }
}
