package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.objective.ContrastiveObjective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Contrastive training with hard negatives against the reference, from a data file on. The reference pools as many of
 * the last tokens as the text has alone, so a part of the instruction where a row is cut; the rows are pooled likewise
 * here, so that the whole curve can be compared.
 */
class SupervisedGoldenTest {
    private static final String SEPARATOR = "!@#$%^&*()";

    @TempDir
    private Path temporary;

    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(Golden.OWN, "mistral"),
                arguments(Golden.SHARED, "mistral"),
                arguments(Golden.SHARED, "llama"));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void tokensAndPooledTokensAreThoseOfTheReference(Golden golden, String base) throws IOException {
        try (GoldenArrays arrays = arrays(golden, base);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            List<PreparedText[]> own = rows(golden, base, model);
            List<PreparedText[]> compatible = asReference(own, golden, base, model);
            for (int b = 0; b < 2; b++) {
                for (int column = 0; column < 3; column++) {
                    String key = "batch" + b + "/text" + column;
                    int[][] ids = arrays.unpadded(key + "/input_ids", key + "/attention_mask");
                    int[][] pooled = arrays.intRows(key + "/embed_mask");
                    for (int r = 0; r < ids.length; r++) {
                        int row = b * ids.length + r;
                        PreparedText text = own.get(row)[column];
                        assertThat(text.ids()).as("%s row %d", key, r).isEqualTo(ids[r]);
                        assertThat(pooledCount(compatible.get(row)[column]))
                                .as("pooled tokens of %s row %d", key, r)
                                .isEqualTo(Arrays.stream(pooled[r]).sum());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void whereNothingIsCutThePooledTokensAreThoseOfTheReference(Golden golden, String base) throws IOException {
        try (GoldenArrays arrays = arrays(golden, base);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            List<PreparedText[]> own = rows(golden, base, model);
            List<PreparedText[]> reference = asReference(own, golden, base, model);
            int equal = 0;
            for (int row = 0; row < own.size(); row++) {
                for (int column = 0; column < 3; column++) {
                    PreparedText text = own.get(row)[column];
                    if (text.truncated()) {
                        continue;
                    }
                    int expected = reference.get(row)[column].poolFrom();
                    // Tokens may merge where instruction and query meet, and the reference counts them apart.
                    assertThat(text.poolFrom())
                            .as("row %d column %d", row, column)
                            .isCloseTo(expected, within(column == 0 ? 1 : 0));
                    assertThat(text.poolTo()).isEqualTo(text.ids().length);
                    equal += text.poolFrom() == expected ? 1 : 0;
                }
            }
            assertThat(equal).as("texts pooled alike").isGreaterThan(2 * own.size());
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void lossAndGradientsAreThoseOfTheReference(Golden golden, String base) throws IOException {
        try (GoldenArrays arrays = arrays(golden, base);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            model.gradients(objective(golden, base, model), 1, false)
                    .assertReference(json(golden, base).path("batch0_loss").doubleValue(), arrays);
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theCurveAndTheFinalAdapterAreThoseOfTheReference(Golden golden, String base) throws IOException {
        JsonNode json = json(golden, base);
        int steps = json.path("steps").asInt();
        LearningRate rate = new LearningRate(
                json.path("lr").doubleValue(), json.path("warmup_steps").asInt(), steps, LearningRate.Schedule.LINEAR);
        try (GoldenArrays arrays = arrays(golden, base);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            List<TrainingListener.Step> heard = model.train(objective(golden, base, model), steps, rate);
            Parity.assertCurve(heard, rate, json.path("curve"));
            Parity.assertFinal(model.adapter.parameters(), arrays, "final");
        }
    }

    private ContrastiveObjective objective(Golden golden, String base, GoldenModel model) throws IOException {
        JsonNode json = json(golden, base);
        int batch = json.path("batch_size").asInt();
        List<PreparedText[]> rows = asReference(rows(golden, base, model), golden, base, model);
        return new ContrastiveObjective(
                new ContrastiveRows(List.of(rows)),
                model.tokenizer.padId(),
                new ContrastiveObjective.Settings(
                        Pass.Direction.BIDIRECTIONAL,
                        batch,
                        batch,
                        false,
                        json.path("scale").doubleValue(),
                        0,
                        0,
                        1,
                        false,
                        false));
    }

    /** The fixture's rows, written to a file and read. */
    private List<PreparedText[]> rows(Golden golden, String base, GoldenModel model) throws IOException {
        StringBuilder lines = new StringBuilder();
        JsonNode json = json(golden, base);
        for (JsonNode texts : json.path("texts_per_sample")) {
            ObjectNode row = new JsonMapper().createObjectNode();
            row.put("instruction", part(texts.path(0), 0).strip().replaceFirst(";$", ""));
            row.put("query", part(texts.path(0), 1));
            row.put("positive", part(texts.path(1), 1));
            row.put("negative", part(texts.path(2), 1));
            lines.append(row).append('\n');
        }
        Path file = temporary.resolve(golden + "-" + base + ".jsonl");
        Files.writeString(file, lines);
        return ContrastiveRows.read(
                        List.of(file),
                        "",
                        model.tokenizer,
                        json.path("max_length").asInt())
                .datasets()
                .get(0);
    }

    /** Pools the last n tokens, n being those of the text tokenised alone. */
    private static List<PreparedText[]> asReference(
            List<PreparedText[]> rows, Golden golden, String base, GoldenModel model) {
        JsonNode samples = json(golden, base).path("texts_per_sample");
        List<PreparedText[]> result = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            PreparedText[] row = rows.get(r).clone();
            for (int column = 0; column < row.length; column++) {
                int[] ids = row[column].ids();
                int alone = model.tokenizer
                        .encode(part(samples.path(r).path(column), 1), false)
                        .length();
                row[column] =
                        new PreparedText(ids, Math.max(0, ids.length - alone), ids.length, row[column].truncated());
            }
            result.add(row);
        }
        return result;
    }

    private static String part(JsonNode text, int index) {
        return text.asText().split(Pattern.quote(SEPARATOR), -1)[index];
    }

    private static int pooledCount(PreparedText text) {
        return text.poolTo() - text.poolFrom();
    }

    private static GoldenArrays arrays(Golden golden, String base) {
        return golden.arrays("training/supervised/" + base + ".safetensors");
    }

    private static JsonNode json(Golden golden, String base) {
        return golden.json("training/supervised/" + base + ".json");
    }
}
