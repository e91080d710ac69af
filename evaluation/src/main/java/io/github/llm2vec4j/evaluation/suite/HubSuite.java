package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.task.BitextMining;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import io.github.llm2vec4j.evaluation.task.FewShotClassification;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes MTEB's tasks of the rows of their data sets on the hub, as MTEB makes them. */
final class HubSuite {
    private static final String TRAIN = "train";

    private final String task;
    private final HubData data;
    private final HubTables tables;
    private final SuiteBuilder builder;

    private HubSuite(String task, HubData data, HubTables tables, SuiteOptions options) {
        this.task = task;
        this.data = data;
        this.tables = tables;
        this.builder = new SuiteBuilder(TaskCard.HUB, options);
    }

    static Suite of(String task, HubData data, HubTables tables, SuiteOptions options) {
        HubSuite suite = new HubSuite(task, data, tables, options);
        switch (data.protocol()) {
            case CLASSIFICATION -> suite.classification();
            case BITEXT -> suite.bitext();
            case RETRIEVAL -> suite.retrieval();
            case PASSAGES -> suite.passages();
        }
        return suite.builder.build();
    }

    private void classification() {
        List<Labelled> train = labelled(TRAIN);
        List<Labelled> test = builder.test(labelled(data.split()), Labelled::text);
        builder.add(
                task,
                data.address(),
                Map.of("train items", train, "test items", test),
                () -> new FewShotClassification(task, builder.instruction(task), train, test));
    }

    private List<Labelled> labelled(String split) {
        List<Labelled> items = new ArrayList<>();
        for (Cells row : cells(data.config(), split, column("text"), column("label"))) {
            items.add(new Labelled(row.text(column("text")), row.text(column("label"))));
        }
        return items;
    }

    private void bitext() {
        List<BitextMining.Pair> pairs = new ArrayList<>();
        for (Cells row : cells(data.config(), data.split(), column("first"), column("second"))) {
            pairs.add(new BitextMining.Pair(row.text(column("first")), row.text(column("second"))));
        }
        List<BitextMining.Pair> test = builder.test(pairs, BitextMining.Pair::first);
        builder.add(
                task,
                data.address(),
                Map.of("sentence pairs", test),
                () -> new BitextMining(task, builder.instruction(task), test));
    }

    /** Passages and questions each by their number, so that equal ones stay apart. */
    private void retrieval() {
        Map<String, Integer> numbers = new HashMap<>();
        List<String> corpus = new ArrayList<>();
        for (Cells row : cells(data.config() + "-corpus", data.split(), "_id", "id", "title", "text")) {
            numbers.put(row.id(), corpus.size());
            corpus.add((row.values().getOrDefault("title", "") + " " + row.text("text")).strip());
        }
        Map<String, Set<Integer>> relevant = new LinkedHashMap<>();
        for (Cells row : cells(data.config() + "-qrels", data.split(), "query-id", "corpus-id", "score")) {
            Integer passage = numbers.get(row.text("corpus-id"));
            if (passage == null) {
                throw row.malformed("a passage of the corpus in column corpus-id", row.text("corpus-id"));
            }
            if (row.number("score") > 0) {
                relevant.computeIfAbsent(row.text("query-id"), id -> new TreeSet<>())
                        .add(passage);
            }
        }
        List<Retrieval.Query> queries = new ArrayList<>();
        for (Cells row : cells(data.config() + "-queries", data.split(), "_id", "id", "text")) {
            Set<Integer> passages = relevant.get(row.id());
            if (passages != null) {
                queries.add(new Retrieval.Query(row.text("text"), passages));
            }
        }
        addRetrieval(queries, corpus);
    }

    private void passages() {
        Map<String, Integer> numbers = new HashMap<>();
        List<String> corpus = new ArrayList<>();
        Map<String, Set<Integer>> relevant = new LinkedHashMap<>();
        for (Cells row : cells(data.config(), data.split(), column("question"), column("passage"), column("key"))) {
            Integer known = numbers.putIfAbsent(row.text(column("key")), corpus.size());
            if (known == null) {
                corpus.add(row.text(column("passage")));
            }
            relevant.computeIfAbsent(row.text(column("question")), question -> new TreeSet<>())
                    .add(known == null ? corpus.size() - 1 : known);
        }
        List<Retrieval.Query> queries = new ArrayList<>();
        relevant.forEach((question, numbersOf) -> queries.add(new Retrieval.Query(question, numbersOf)));
        addRetrieval(queries, corpus);
    }

    private void addRetrieval(List<Retrieval.Query> queries, List<String> corpus) {
        List<Retrieval.Query> asked = builder.test(queries, Retrieval.Query::text);
        builder.add(
                task,
                data.address(),
                Map.of("questions with an answer", asked),
                () -> new Retrieval(task, builder.instruction(task), asked, corpus));
    }

    private String column(String what) {
        return data.columns().getOrDefault(what, what);
    }

    private List<Cells> cells(@Nullable String config, String split, String... columns) {
        String place = data.address() + (config == null ? "" : ", " + config) + ", " + split;
        List<Cells> cells = new ArrayList<>();
        for (Map<String, String> row : tables.rows(data.address(), config, split, List.of(columns))) {
            cells.add(new Cells(place, cells.size() + 1, row));
        }
        return cells;
    }

    /** A row and its place. */
    private record Cells(String place, int row, Map<String, String> values) {
        String text(String column) {
            String value = values.get(column);
            if (value == null) {
                throw malformed("a value in column " + column, "columns " + values.keySet());
            }
            return value;
        }

        double number(String column) {
            try {
                return Double.parseDouble(text(column));
            } catch (NumberFormatException e) {
                throw malformed("a number in column " + column, text(column));
            }
        }

        String id() {
            return values.containsKey("_id") ? text("_id") : text("id");
        }

        MalformedDataException malformed(String expected, String found) {
            return new MalformedDataException(place, row, expected, found);
        }
    }
}
