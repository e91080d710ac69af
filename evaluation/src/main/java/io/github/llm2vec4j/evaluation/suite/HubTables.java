package io.github.llm2vec4j.evaluation.suite;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives the rows of data sets on the hub. */
@FunctionalInterface
public interface HubTables {
    /**
     * The rows of a split, or of the only split where there is but one.
     *
     * @param dataSet {@code OWNER/NAME@REVISION}
     * @param config which of its configurations, or null for the one that is meant where none is named
     * @param columns those that are read, as far as they are there
     * @return column to text, numbers as they are written
     */
    List<Map<String, String>> rows(String dataSet, @Nullable String config, String split, List<String> columns);
}
