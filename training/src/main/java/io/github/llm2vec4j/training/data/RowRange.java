package io.github.llm2vec4j.training.data;

/**
 * Which rows are read, of all files one after the other.
 *
 * @param from the first row, counted from 0
 * @param to the row after the last
 */
public record RowRange(long from, long to) {
    public static final RowRange ALL = new RowRange(0, Long.MAX_VALUE);

    public RowRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("rows " + from + " to " + to + ": expected at least one row");
        }
    }
}
