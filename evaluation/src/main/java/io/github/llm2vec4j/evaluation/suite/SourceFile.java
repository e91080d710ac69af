package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.core.tagging.ConlluReader;
import io.github.llm2vec4j.core.tagging.ConlluSentence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A text file read whole, unpacked where its name ends in .gz: strict UTF-8, no null bytes; a byte order mark and carriage returns at line ends are dropped.
 *
 * @param location where it lies, for messages
 * @param lines the lines; line number n of a message is lines.get(n - 1)
 */
record SourceFile(String location, List<String> lines) {

    /** Reads a file, or gives null when it is not there. */
    static @Nullable SourceFile read(DataFiles files, String name) {
        String location = files.locate(name);
        try (InputStream in = files.open(name)) {
            return in == null ? null : new SourceFile(location, lines(location, bytes(name, in)));
        } catch (IOException e) {
            throw new UncheckedIOException(location + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String name, InputStream in) throws IOException {
        return name.endsWith(".gz") ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
    }

    /** The sentences of a CoNLL-U file. */
    List<ConlluSentence> conllu() {
        return ConlluReader.read(lines, this::malformed);
    }

    MalformedDataException malformed(int line, String expected, String found) {
        return new MalformedDataException(location, line, expected, found);
    }

    private static List<String> lines(String location, byte[] bytes) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        while (from < bytes.length) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                if (bytes[to] == 0) {
                    throw new MalformedDataException(location, lines.size() + 1, "text", "a null byte");
                }
                to++;
            }
            lines.add(decode(location, lines.size() + 1, ByteBuffer.wrap(bytes, from, to - from)));
            from = to + 1;
        }
        return lines;
    }

    private static String decode(String location, int line, ByteBuffer bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            String unmarked = line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
            return unmarked.endsWith("\r") ? unmarked.substring(0, unmarked.length() - 1) : unmarked;
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(location, line, "UTF-8", "bytes that are not UTF-8");
        }
    }
}
