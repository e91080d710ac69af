package io.github.llm2vec4j.evaluation.baseline;

import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.SparseRows;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Bag of words: {@code (1 + ln tf) * (1 + ln((1 + n) / (1 + df)))} for each word of the train texts, at L2 norm 1;
 * words not in the train texts are left out (scikit-learn's {@code TfidfVectorizer(sublinear_tf=True)} over {@link
 * Words}). Instructions are ignored.
 */
public final class TfIdf implements TextFeatures {
    @Override
    public String name() {
        return "TF-IDF";
    }

    @Override
    public Fitted fit(List<String> trainTexts) {
        TreeMap<String, Integer> documents = new TreeMap<>(); // word -> number of texts that hold it
        for (String text : trainTexts) {
            new HashSet<>(Words.of(text)).forEach(word -> documents.merge(word, 1, Integer::sum));
        }
        Map<String, Column> columns = new HashMap<>();
        documents.forEach((word, df) ->
                columns.put(word, new Column(columns.size(), 1 + Math.log((1.0 + trainTexts.size()) / (1.0 + df)))));
        return (instruction, texts) -> rows(columns, texts);
    }

    private record Column(int number, double idf) {}

    private static Rows rows(Map<String, Column> vocabulary, List<String> texts) {
        int[][] columns = new int[texts.size()][];
        float[][] values = new float[texts.size()][];
        for (int i = 0; i < columns.length; i++) {
            TreeMap<Integer, Integer> counts = new TreeMap<>();
            Map<Integer, Double> idf = new HashMap<>();
            for (String word : Words.of(texts.get(i))) {
                @Nullable Column column = vocabulary.get(word);
                if (column != null) {
                    counts.merge(column.number(), 1, Integer::sum);
                    idf.put(column.number(), column.idf());
                }
            }
            columns[i] = counts.keySet().stream().mapToInt(Integer::intValue).toArray();
            values[i] = new float[columns[i].length];
            for (int j = 0; j < columns[i].length; j++) {
                int column = columns[i][j];
                values[i][j] = (float) ((1 + Math.log(counts.getOrDefault(column, 1))) * idf.getOrDefault(column, 1.0));
            }
        }
        return new SparseRows(columns, values, vocabulary.size()).normalized();
    }
}
