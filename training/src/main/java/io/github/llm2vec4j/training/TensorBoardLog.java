package io.github.llm2vec4j.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes the figures of a run as an event file of TensorBoard: {@code train/loss}, {@code train/grad_norm}, {@code
 * train/learning_rate} and {@code train/tokens_per_second} of each step, and {@code eval/…} of each scoring, as the
 * Hugging Face Trainer names them.
 *
 * <p>Each start writes a file of its own; one that goes on says from which step, and TensorBoard then drops what earlier
 * files have of later ones. A file is a row of records, each a length, its checksum, an {@code Event} of protocol
 * buffers, and its checksum.
 */
final class TensorBoardLog implements TrainingListener {
    private static final String VERSION = "brain.Event:2";

    /** Fields of the messages Event, Summary, Summary.Value and SessionLog, by their numbers in event.proto. */
    private static final int WALL_TIME = 1;

    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int STATUS = 1;
    private static final int START = 1;

    private final Path folder;
    private @Nullable Path file;

    /**
     * @param folder in which the files of a run are, and which TensorBoard is to be given
     */
    TensorBoardLog(Path folder) {
        this.folder = folder;
    }

    @Override
    public void started(long step, long steps) {
        file = newFile();
        append(new Message().text(FILE_VERSION, VERSION));
        append(new Message().integer(STEP, step + 1).message(SESSION_LOG, new Message().integer(STATUS, START)));
    }

    @Override
    public void stepEnded(Step step) {
        Map<String, Double> values = new TreeMap<>();
        values.put("train/loss", step.loss());
        values.put("train/grad_norm", step.gradientNorm());
        values.put("train/learning_rate", step.learningRate());
        values.put("train/tokens_per_second", step.tokens() / step.seconds());
        scalars(step.number(), values);
    }

    @Override
    public void evaluated(long step, Map<String, Double> scores) {
        Map<String, Double> values = new TreeMap<>();
        scores.forEach((name, score) -> values.put(name.replaceFirst("^eval_", "eval/"), score));
        scalars(step, values);
    }

    private void scalars(long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach((tag, value) ->
                summary.message(VALUE, new Message().text(TAG, tag).single(SIMPLE_VALUE, value.floatValue())));
        append(new Message().integer(STEP, step).message(SUMMARY, summary));
    }

    /** By the time of its making, as TensorBoard orders files; where two are made in one second, by a number. */
    private Path newFile() {
        String name = "events.out.tfevents." + System.currentTimeMillis() / 1000 + "." + hostName() + "."
                + ProcessHandle.current().pid();
        try {
            Files.createDirectories(folder);
            for (int number = 0; ; number++) {
                try {
                    return Files.createFile(folder.resolve(name + "." + number));
                } catch (FileAlreadyExistsException e) {
                    // the next number
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": no event file can be made there: " + e.getMessage(), e);
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private void append(Message event) {
        Path open = file;
        if (open == null) {
            throw new IllegalStateException("the run has not started");
        }
        byte[] bytes = event.real(WALL_TIME, System.currentTimeMillis() * 1e-3).bytes();
        ByteBuffer record = ByteBuffer.allocate(bytes.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(bytes.length);
        record.putInt(maskedChecksum(record.array(), Long.BYTES));
        record.put(bytes);
        record.putInt(maskedChecksum(bytes, bytes.length));
        try {
            Files.write(open, record.array(), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(open + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** CRC-32C, turned and moved so that the checksum of data that holds a checksum is sound. */
    private static int maskedChecksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    /** A message of protocol buffers, field by field. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int FIXED_64 = 1;
        private static final int BYTES = 2;
        private static final int FIXED_32 = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message integer(int field, long value) {
            varint(field << 3 | VARINT);
            varint(value);
            return this;
        }

        Message real(int field, double value) {
            varint(field << 3 | FIXED_64);
            return fixed(Double.doubleToLongBits(value), Double.BYTES);
        }

        Message single(int field, float value) {
            varint(field << 3 | FIXED_32);
            return fixed(Float.floatToIntBits(value), Float.BYTES);
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        private Message bytes(int field, byte[] value) {
            varint(field << 3 | BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Message fixed(long bits, int count) {
            for (int i = 0; i < count; i++) {
                out.write((int) (bits >>> 8 * i));
            }
            return this;
        }

        private void varint(long value) {
            long left = value;
            while ((left & ~0x7FL) != 0) {
                out.write((int) (left & 0x7F | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
        }
    }
}
