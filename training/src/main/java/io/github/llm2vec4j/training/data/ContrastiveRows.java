package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.encoder.EncoderConfig;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.encoder.Template;
import io.github.llm2vec4j.core.encoder.TextPreparation;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Rows of texts that belong together: a query, a text that answers it, and any number of texts that do not. Rows of one
 * data set have as many columns each, and a batch comes from one data set.
 *
 * @param datasets for each data set its rows, each row its columns: query, positive, negatives
 */
public record ContrastiveRows(List<List<PreparedText[]>> datasets) {

    /** Each text twice, without white space around it, for SimCSE. */
    public static ContrastiveRows ofTexts(List<String> texts, Tokenizer tokenizer, int maxLength) {
        return ofTexts(texts, tokenizer, Template.NONE, maxLength);
    }

    /** Each text twice, without white space around it, in a model's template. */
    public static ContrastiveRows ofTexts(List<String> texts, Tokenizer tokenizer, Template template, int maxLength) {
        TextPreparation preparation = preparation(tokenizer, template, maxLength);
        List<PreparedText[]> rows = texts.stream()
                .map(text -> preparation.prepare(Instruction.NONE, text.strip()))
                .map(text -> new PreparedText[] {text, text})
                .toList();
        return new ContrastiveRows(List.of(rows));
    }

    /** Reads pairs and triples for a model without a template. */
    public static ContrastiveRows read(List<Path> files, String instruction, Tokenizer tokenizer, int maxLength) {
        return read(files, instruction, tokenizer, Template.NONE, maxLength);
    }

    /**
     * Reads pairs and triples, each file a data set. The fields of a row are {@code query}, {@code positive} and {@code
     * negative}; a tab-separated file has the first two, or all three, as its columns. A field {@code instruction}
     * belongs to the query; where a row has none, the given one does.
     *
     * @throws BadDataException naming the file and what is missing in it
     */
    public static ContrastiveRows read(
            List<Path> files, String instruction, Tokenizer tokenizer, Template template, int maxLength) {
        TextPreparation preparation = preparation(tokenizer, template, maxLength);
        List<List<PreparedText[]>> datasets = new ArrayList<>();
        for (Path file : files) {
            List<PreparedText[]> rows = new ArrayList<>();
            for (Map<String, String> row : TextFiles.rows(file, List.of("query", "positive", "negative"), 2)) {
                rows.add(columns(file, rows.size() + 1, row, instruction, preparation));
            }
            if (rows.stream().mapToInt(row -> row.length).distinct().count() > 1) {
                throw new BadDataException(file + ": some rows have a negative and some do not");
            }
            datasets.add(rows);
        }
        return new ContrastiveRows(datasets);
    }

    private static TextPreparation preparation(Tokenizer tokenizer, Template template, int maxLength) {
        return new TextPreparation(tokenizer, new EncoderConfig(Pooling.MEAN, maxLength, maxLength, true), template);
    }

    private static PreparedText[] columns(
            Path file, int number, Map<String, String> row, String fallback, TextPreparation preparation) {
        String query = row.get("query");
        String positive = row.get("positive");
        String negative = row.get("negative");
        if (query == null || positive == null || query.isBlank() || positive.isBlank()) {
            throw new BadDataException(file + " row " + number + ": expected the fields query and positive, found "
                    + row.keySet() + (query != null && query.isBlank() ? " with a blank query" : ""));
        }
        String said = row.getOrDefault("instruction", fallback).strip();
        Instruction instruction = said.isEmpty() ? Instruction.NONE : Instruction.of(said + ";");
        List<PreparedText> columns = new ArrayList<>();
        columns.add(preparation.prepare(instruction, query));
        columns.add(preparation.prepare(Instruction.NONE, positive));
        if (negative != null) {
            columns.add(preparation.prepare(Instruction.NONE, negative));
        }
        return columns.toArray(PreparedText[]::new);
    }
}
