package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.evaluation.suite.HubTables;
import io.github.llm2vec4j.training.data.HubDataSet;
import io.github.llm2vec4j.training.data.Row;
import io.github.llm2vec4j.training.data.Table;
import io.github.llm2vec4j.training.data.TableSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the tables of evaluation from the hub, each data set as it was when first asked for. */
final class HubRows implements HubTables {
    private final HubSettings settings;
    private final Map<String, HubDataSet> opened = new HashMap<>();

    HubRows(HubSettings settings) {
        this.settings = settings;
    }

    @Override
    public List<Map<String, String>> rows(String dataSet, @Nullable String config, String split, List<String> columns) {
        HubDataSet set = opened.computeIfAbsent(dataSet, name -> HubDataSet.open(name, settings));
        Set<String> splits = set.splits(config);
        String there = splits.size() == 1 ? splits.iterator().next() : split;
        List<Map<String, String>> rows = new ArrayList<>();
        for (TableSource source : set.split(config, there).tables()) {
            try (Table table = source.open()) {
                table.select(columns);
                for (Row row = table.next(); row != null; row = table.next()) {
                    rows.add(cells(row, columns));
                }
            }
        }
        return rows;
    }

    private static Map<String, String> cells(Row row, List<String> columns) {
        Map<String, String> cells = new LinkedHashMap<>();
        for (String column : columns) {
            JsonNode value = row.value(column);
            if (value.isValueNode() && !value.isNull()) {
                cells.put(column, value.asText());
            }
        }
        return cells;
    }
}
