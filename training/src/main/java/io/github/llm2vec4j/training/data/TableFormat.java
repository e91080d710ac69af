package io.github.llm2vec4j.training.data;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** The forms of a table that are read, each with its endings. All but Parquet may be packed: {@code .gz}, {@code .zst}. */
public enum TableFormat {
    /** A text a line; its one column is {@link #TEXT_COLUMN}. Whatever has no other ending is read so. */
    TEXT(".txt"),
    /** A JSON object a line. */
    JSON_LINES(".jsonl", ".json", ".ndjson"),
    /** Comma-separated, with a line of names; a cell in double quotes may hold commas, line ends and doubled quotes. */
    CSV(".csv"),
    /** Tab-separated, with a line of names and without quotes. */
    TSV(".tsv"),
    PARQUET(".parquet");

    /** The name of the column of a plain text. */
    public static final String TEXT_COLUMN = "text";

    private static final List<String> PACKED = List.of(".gz", ".zst");

    private final List<String> endings;

    TableFormat(String... endings) {
        this.endings = List.of(endings);
    }

    /** The format of a file's ending. */
    public static TableFormat of(Path file) {
        String name = unpackedName(file);
        return Arrays.stream(values())
                .filter(format -> format.endings.stream().anyMatch(name::endsWith))
                .findFirst()
                .orElse(TEXT);
    }

    /** Whether a file has one of the endings. */
    static boolean isNamed(Path file) {
        String name = unpackedName(file);
        return Arrays.stream(values())
                .flatMap(format -> format.endings.stream())
                .anyMatch(name::endsWith);
    }

    /** The name of a file without its endings: that of a data set. */
    static String plainName(Path file) {
        String name = file.getFileName().toString();
        for (String packed : PACKED) {
            name = name.endsWith(packed) ? name.substring(0, name.length() - packed.length()) : name;
        }
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static String unpackedName(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        for (String packed : PACKED) {
            name = name.endsWith(packed) ? name.substring(0, name.length() - packed.length()) : name;
        }
        return name;
    }

    /** The bytes of a file, unpacked as its ending says. */
    static InputStream open(Path file) throws IOException {
        return unpacked(file.toString(), Files.newInputStream(file));
    }

    /** Bytes unpacked as the ending of a name says; they are closed where they are not what it says. */
    static InputStream unpacked(String name, InputStream in) throws IOException {
        String lower = name.toLowerCase(Locale.ROOT);
        try {
            return lower.endsWith(".gz")
                    ? new GZIPInputStream(in, 1 << 16)
                    : lower.endsWith(".zst") ? new ZstdInputStream(in) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
