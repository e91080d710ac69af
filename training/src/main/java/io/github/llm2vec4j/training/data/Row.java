package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of a {@link Table}.
 *
 * @param place its file and line, or its file and number where a format has no lines; for messages
 * @param values by column; JSON's null where a cell is empty
 */
public record Row(String place, Map<String, JsonNode> values) {
    private static final int MOST_SHOWN = 60;

    /** The value of a column; missing where the row has no such column. */
    public JsonNode value(String column) {
        return values.getOrDefault(column, MissingNode.getInstance());
    }

    /**
     * The text in a column, or null where there is none.
     *
     * @throws BadDataException if something else than a text is there
     */
    public @Nullable String text(String column) {
        JsonNode value = value(column);
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        if (!value.isTextual()) {
            throw expected("a text", column);
        }
        return value.asText();
    }

    /**
     * The text in a column that every row has; null where it says so.
     *
     * @throws BadDataException if the row has no such column, or something else than a text there
     */
    public @Nullable String neededText(String column) {
        if (value(column).isMissingNode()) {
            throw expected("a text", column);
        }
        return text(column);
    }

    /**
     * The texts in a column: one, or those of a list.
     *
     * @throws BadDataException if something else is there
     */
    public List<String> texts(String column) {
        JsonNode value = value(column);
        if (!value.isArray()) {
            String text = text(column);
            return text == null ? List.of() : List.of(text);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw expected("texts", column);
            }
            texts.add(item.asText());
        }
        return texts;
    }

    /** What is wrong with a column of this row. */
    BadDataException expected(String what, String column) {
        String found = value(column).isMissingNode()
                ? "no such column; there are " + values.keySet()
                : value(column).toString();
        return new BadDataException(place + ": expected " + what + " in column '" + column + "', found "
                + (found.length() > MOST_SHOWN ? found.substring(0, MOST_SHOWN) + "…" : found));
    }
}
