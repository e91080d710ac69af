package io.github.llm2vec4j.training.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines of UTF-8, which end in LF, CR or both. Each is decoded by itself, so that an error can name it: a reader decodes
 * ahead.
 */
final class Lines implements AutoCloseable {
    private final String source;
    private final InputStream in;
    private long number;
    private boolean afterReturn;

    Lines(String source, InputStream stream) {
        this.source = source;
        this.in = new BufferedInputStream(stream, 1 << 16);
    }

    /** The next line without its end, or null at the end. */
    @Nullable
    String next() {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        try {
            int first = in.read();
            if (first == '\n' && afterReturn) {
                first = in.read();
            }
            if (first < 0) {
                return null;
            }
            number++;
            int b = first;
            for (; b >= 0 && b != '\n' && b != '\r'; b = in.read()) {
                line.write(b);
                if (line.size() > Table.MOST_BYTES) {
                    throw new BadDataException(place() + ": is longer than " + (Table.MOST_BYTES >> 20)
                            + " MiB: is it a text file? Part it into lines");
                }
            }
            afterReturn = b == '\r';
        } catch (IOException e) {
            throw new BadDataException(source + " after line " + number + ": cannot be read: " + e.getMessage());
        }
        String text = decode(line.toByteArray(), place());
        return number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Where the line that was read last stands. */
    String place() {
        return source + " line " + number;
    }

    /** Strict UTF-8 without null bytes. */
    static String decode(byte[] bytes, String place) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (text.indexOf('\0') >= 0) {
                throw new BadDataException(place + ": holds a null byte: it is not a text file");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new BadDataException(place + ": not valid UTF-8");
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new BadDataException(source + ": cannot be closed: " + e.getMessage());
        }
    }
}
