package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.encoder.Template;
import io.github.llm2vec4j.core.encoder.TextPreparation;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows of texts that belong together, each file a data set. A row has a query, a text that answers it, and texts
 * that do not: one in each of several columns, or a list in one. A column {@code instruction} comes before the instruction
 * of the data set. A tab-separated file without a line of names has query, positive and, if there is a third column,
 * negative.
 *
 * @param columns where the texts stand
 * @param instructions what is said before a query that says nothing itself
 * @param negatives how many a row gives, the first ones; a row with fewer is passed over. Null for as many as the first row
 *     of the file has, where every row must have as many
 * @param mostOfPositive leaves out a negative whose score is above this share of the positive's, as it may be an answer too;
 *     infinite for none
 */
public record ContrastiveFiles(
        Columns columns,
        Instructions instructions,
        @Nullable Integer negatives,
        double mostOfPositive) {
    private static final Logger LOG = LoggerFactory.getLogger(ContrastiveFiles.class);
    private static final String INSTRUCTION = "instruction";

    /**
     * The names of columns.
     *
     * @param scores a list of numbers: of the positive, then of each negative
     */
    public record Columns(String query, String positive, List<String> negatives, String scores) {
        public static final Columns DEFAULT = new Columns("query", "positive", List.of("negative"), "scores");

        public Columns {
            negatives = List.copyOf(negatives);
        }

        List<String> all() {
            List<String> all = new ArrayList<>(List.of(query, positive));
            all.addAll(negatives);
            all.addAll(List.of(scores, INSTRUCTION));
            return all;
        }
    }

    /** Pairs, triples and longer rows under the usual names, with one instruction. */
    public static ContrastiveFiles of(String instruction) {
        return new ContrastiveFiles(Columns.DEFAULT, Instructions.of(instruction), null, Double.POSITIVE_INFINITY);
    }

    /**
     * Reads the files.
     *
     * @throws BadDataException naming the file and the line of what is damaged or missing
     */
    public ContrastiveRows read(List<Path> files, Tokenizer tokenizer, Template template, int maxLength) {
        return read(
                DataSet.ofEach(files),
                RowRange.ALL,
                texts -> true,
                ContrastiveRows.preparation(tokenizer, template, maxLength));
    }

    /**
     * Reads data sets.
     *
     * @param range which rows of each
     * @param wanted whether a row of these texts is taken
     * @throws BadDataException naming the file and the line of what is damaged or missing
     */
    public ContrastiveRows read(
            List<DataSet> sets, RowRange range, Predicate<List<String>> wanted, TextPreparation preparation) {
        List<List<PreparedText[]>> datasets = new ArrayList<>();
        for (DataSet set : sets) {
            datasets.add(read(set, range, wanted, preparation));
        }
        return new ContrastiveRows(datasets);
    }

    private List<PreparedText[]> read(
            DataSet set, RowRange range, Predicate<List<String>> wanted, TextPreparation preparation) {
        List<PreparedText[]> rows = new ArrayList<>();
        long read = 0;
        long empty = 0;
        try (TableRows table = new TableRows(set.tables(), range, this::prepare)) {
            while (table.hasNext()) {
                Row row = table.next();
                String instruction = row.text(INSTRUCTION);
                if (instruction == null) {
                    instruction = instructions.of(set.name(), read);
                }
                read++;
                Integer expected =
                        negatives != null || rows.isEmpty() ? negatives : Integer.valueOf(rows.get(0).length - 2);
                List<String> texts = texts(row, expected);
                if (texts.isEmpty()) {
                    empty++;
                } else if (wanted.test(texts)) {
                    rows.add(prepared(texts, instruction.strip(), preparation));
                }
            }
        }
        if (empty > 0) {
            LOG.warn("{}: {} of {} rows lack a text and are passed over", set.files(), empty, read);
        }
        return rows;
    }

    private void prepare(Table table) {
        List<String> there = table.columns();
        if (table instanceof DelimitedTable delimited && delimited.isTabSeparated() && !there.contains(columns.query)) {
            List<String> names = new ArrayList<>(List.of(columns.query, columns.positive));
            names.addAll(columns.negatives);
            delimited.withoutNames(names, 2);
        } else if (table instanceof TextTable) {
            throw new BadDataException(table.source() + ": a plain text has no columns " + columns.query + " and "
                    + columns.positive + ": give .jsonl, .csv, .tsv or .parquet");
        }
        table.need(List.of(columns.query, columns.positive));
        table.select(columns.all());
    }

    /** Query, positive and negatives; empty where the row lacks one and is passed over. */
    private List<String> texts(Row row, @Nullable Integer expected) {
        String query = row.neededText(columns.query);
        String positive = row.neededText(columns.positive);
        if (query == null || query.isBlank() || positive == null || positive.isBlank()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>(List.of(query, positive));
        List<String> wrong = new ArrayList<>();
        columns.negatives.forEach(column -> wrong.addAll(row.texts(column)));
        texts.addAll(mostOfPositive < Double.POSITIVE_INFINITY ? belowPositive(row, wrong) : wrong);
        if (negatives != null) {
            return texts.size() < 2 + negatives ? List.of() : texts.subList(0, 2 + negatives);
        }
        if (expected != null && texts.size() != 2 + expected) {
            throw new BadDataException(row.place() + ": expected " + expected
                    + " negatives as in the first row, found " + (texts.size() - 2)
                    + ": set negatives to take as many of each row");
        }
        return texts;
    }

    private List<String> belowPositive(Row row, List<String> wrong) {
        JsonNode scores = row.value(columns.scores);
        if (!scores.isArray() || scores.size() != 1 + wrong.size()) {
            throw row.expected(
                    "a list of " + (1 + wrong.size()) + " numbers, of the positive and each negative,", columns.scores);
        }
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            if (!scores.get(i).isNumber()) {
                throw row.expected("a list of numbers", columns.scores);
            }
            if (i > 0
                    && scores.get(i).asDouble()
                            <= mostOfPositive * scores.get(0).asDouble()) {
                kept.add(wrong.get(i - 1));
            }
        }
        return kept;
    }

    private static PreparedText[] prepared(List<String> texts, String said, TextPreparation preparation) {
        PreparedText[] prepared = new PreparedText[texts.size()];
        for (int i = 0; i < prepared.length; i++) {
            boolean instructed = i == 0 && !said.isEmpty();
            prepared[i] = preparation.prepare(instructed ? Instruction.of(said + ";") : Instruction.NONE, texts.get(i));
        }
        return prepared;
    }
}
