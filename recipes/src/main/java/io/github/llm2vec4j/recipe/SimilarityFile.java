package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.evaluation.task.SemanticSimilarity;
import io.github.llm2vec4j.evaluation.task.SemanticSimilarity.Scored;
import io.github.llm2vec4j.training.data.BadDataException;
import io.github.llm2vec4j.training.data.Row;
import io.github.llm2vec4j.training.data.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Semantic textual similarity of a table with the columns {@code sentence1}, {@code sentence2} and {@code score}, as MTEB
 * has it.
 *
 * @param name of the task
 */
public record SimilarityFile(String name, Path file) implements FileTask {
    private static final String FIRST = "sentence1";
    private static final String SECOND = "sentence2";
    private static final String SCORE = "score";

    @Override
    public SemanticSimilarity read() {
        List<Scored> pairs = new ArrayList<>();
        try (Table table = Table.open(file)) {
            table.need(List.of(FIRST, SECOND, SCORE));
            for (Row row = table.next(); row != null; row = table.next()) {
                pairs.add(new Scored(text(row, FIRST), text(row, SECOND), score(row)));
            }
        }
        if (pairs.size() < 2) {
            throw new BadDataException(file + ": expected at least 2 rows, found " + pairs.size());
        }
        return new SemanticSimilarity(name, null, List.of(), pairs);
    }

    private static String text(Row row, String column) {
        String text = row.neededText(column);
        return text == null ? "" : text;
    }

    private static double score(Row row) {
        JsonNode value = row.value(SCORE);
        try {
            double score = Double.parseDouble(value.asText());
            if (Double.isFinite(score)) {
                return score;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new BadDataException(row.place() + ": expected a number in column '" + SCORE + "', found " + value);
    }
}
