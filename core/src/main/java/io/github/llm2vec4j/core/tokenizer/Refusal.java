package io.github.llm2vec4j.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** What is said of a {@code tokenizer.json} that is not used. */
record Refusal(Path file) {
    private static final String REMEDY = ": copy tokenizer.json anew from the model's publisher";

    /** For a file that is damaged, or made to do harm. */
    BadCheckpointException refused(String reason) {
        return new BadCheckpointException(file, reason + REMEDY);
    }

    /** For a file that may be newer than this program. */
    BadCheckpointException unknown(String what, String expected) {
        return new BadCheckpointException(file, what + ": expected " + expected);
    }

    /** An integer within bounds, or a refusal. */
    long integer(JsonNode node, Supplier<String> what, long from, long to) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < from || node.asLong() > to) {
            throw refused(what.get() + " is " + (node.isMissingNode() ? "missing" : shown(node.toString()))
                    + ", expected " + (from == to ? from : from + " to " + to));
        }
        return node.asLong();
    }

    /** A value of the file in one line of bounded length. */
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() > 80 ? line.substring(0, 80) + "…" : line;
    }
}
