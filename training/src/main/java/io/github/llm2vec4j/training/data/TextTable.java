package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A text a line. */
final class TextTable extends Table {
    private final Lines lines;

    TextTable(String source, InputStream stream) {
        super(source);
        lines = new Lines(source, stream);
    }

    @Override
    public List<String> columns() {
        return List.of(TableFormat.TEXT_COLUMN);
    }

    @Override
    public @Nullable Row next() {
        String line = lines.next();
        return line == null ? null : new Row(lines.place(), Map.of(TableFormat.TEXT_COLUMN, TextNode.valueOf(line)));
    }

    @Override
    public void close() {
        lines.close();
    }
}
