package io.github.llm2vec4j.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** What scikit-learn, scipy and seqeval computed; made by {@code src/test/python/make_metric_golden.py}. */
public final class Golden {
    private Golden() {}

    /** One section of the file. */
    public static JsonNode section(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/metric-golden.json")) {
            if (in == null) {
                throw new IllegalStateException("expected metric-golden.json among the test resources, found none");
            }
            return new ObjectMapper().readTree(in).required(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::doubleValue)
                .toArray();
    }

    public static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(node -> strings.add(node.textValue()));
        return strings;
    }

    /** float[rows][columns]. */
    public static float[][] matrix(JsonNode array) {
        float[][] rows = new float[array.size()][];
        for (int i = 0; i < rows.length; i++) {
            double[] row = doubles(array.get(i));
            rows[i] = new float[row.length];
            for (int j = 0; j < row.length; j++) {
                rows[i][j] = (float) row[j];
            }
        }
        return rows;
    }
}
