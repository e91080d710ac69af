package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read back record by record. TensorBoard itself reads them in the integration tests. */
class TensorBoardLogTest {
    @TempDir
    Path folder;

    @Test
    void aRecordHasTheBytesThatTensorBoardWrites() throws IOException {
        TensorBoardLog log = new TensorBoardLog(folder);
        log.started(0, 3);
        log.evaluated(300, Map.of("eval_loss", 1.5));

        List<byte[]> events = events(files(folder).get(0));
        assertThat(events).hasSize(3);
        // file_version = 3
        assertThat(withoutTime(events.get(0))).isEqualTo(concat(new byte[] {0x1A, 13}, "brain.Event:2"));
        // step = 2, session_log = 7 {status = 1: START}
        assertThat(withoutTime(events.get(1))).containsExactly(0x10, 1, 0x3A, 2, 8, 1);
        // step = 2, summary = 5 {value = 1 {tag = 1, simple_value = 2}}; 300 = 0b10_0101100
        byte[] value = concat(new byte[] {0x0A, 9}, "eval/loss", new byte[] {0x15, 0, 0, (byte) 0xC0, 0x3F});
        assertThat(withoutTime(events.get(2)))
                .isEqualTo(concat(
                        new byte[] {0x10, (byte) 0xAC, 2, 0x2A, (byte) (value.length + 2), 0x0A, (byte) value.length},
                        value));
    }

    @Test
    void aRunThatGoesOnWritesAnotherFile() throws IOException {
        TinyStage stage = new TinyStage(StageKind.MNTP, folder).with("report_to", "[\"tensorboard\"]");
        Path logs = stage.stopAfter(5, "out").resolve("runs");
        assertThat(files(logs)).hasSize(1);
        Path before = files(logs).get(0);
        byte[] bytes = Files.readAllBytes(before);

        stage.finish("out");

        List<Path> after = new ArrayList<>(files(logs));
        assertThat(before).hasBinaryContent(bytes);
        assertThat(after.remove(before)).isTrue();
        assertThat(after).hasSize(1);
        assertThat(withoutTime(events(after.get(0)).get(1)))
                .as("goes on at step 6")
                .startsWith(0x10, 6, 0x3A);
        assertThat(texts(before)).contains("train/loss", "train/grad_norm", "train/learning_rate", "eval/perplexity");
        assertThat(texts(after.get(0))).contains("train/tokens_per_second", "eval/accuracy");
    }

    @Test
    void theFolderAndWhetherToWriteAreSettings() throws IOException {
        Path given = folder.resolve("given");
        new TinyStage(StageKind.SIMCSE, folder)
                .with("logging_dir", "\"" + given + "\"")
                .finish("a");
        assertThat(files(given)).hasSize(1);
        assertThat(folder.resolve("a/runs")).doesNotExist();

        new TinyStage(StageKind.SIMCSE, folder)
                .with("logging_dir", "\"" + given + "\"")
                .with("report_to", "\"none\"")
                .finish("b");
        assertThat(files(given)).hasSize(1);

        new TinyStage(StageKind.SIMCSE, folder).finish("c");
        assertThat(folder.resolve("c/runs")).doesNotExist();

        TinyStage other = new TinyStage(StageKind.SIMCSE, folder).with("report_to", "\"wandb\"");
        assertThatThrownBy(() -> other.stage("d"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("settings: report_to: 'wandb' is not supported: expected tensorboard, all or none");
    }

    @Test
    void whereToLogDoesNotChangeTheRun() throws IOException {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        stage.stopAfter(4, "out");
        assertThat(stage.with("report_to", "\"tensorboard\"").finish("out").resolve("runs"))
                .isNotEmptyDirectory();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted().toList();
        }
    }

    /** The events of a file, whose checksums must be right. */
    private static List<byte[]> events(Path file) throws IOException {
        assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertThat(bytes.getInt()).isEqualTo(masked(length));
            byte[] event = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(event);
            assertThat(bytes.getInt()).isEqualTo(masked(event));
            events.add(event);
        }
        return events;
    }

    private static int masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int value = (int) crc.getValue();
        return (value >>> 15 | value << 17) + 0xa282ead8;
    }

    /** Without the wall time, the last nine bytes. */
    private static byte[] withoutTime(byte[] event) {
        assertThat(event[event.length - 9]).isEqualTo((byte) 0x09);
        return java.util.Arrays.copyOf(event, event.length - 9);
    }

    private static String texts(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    private static byte[] concat(Object... parts) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (Object part : parts) {
            out.writeBytes(part instanceof byte[] bytes ? bytes : ((String) part).getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
