package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.TextFiles;
import io.github.llm2vec4j.training.objective.ContrastiveObjective;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Unsupervised contrastive training against the reference, from the lines of the file on. */
class SimcseGoldenTest {
    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(Golden.OWN, "mistral", "mistral", true),
                arguments(Golden.OWN, "mistral_with_separator", "mistral", false),
                arguments(Golden.SHARED, "mistral", "mistral", true),
                arguments(Golden.SHARED, "mistral_with_separator", "mistral", false),
                arguments(Golden.SHARED, "llama", "llama", true));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void tokensAreThoseOfTheReference(Golden golden, String run, String base, boolean wholeRows) {
        try (GoldenArrays arrays = arrays(golden, run);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            List<PreparedText[]> rows = rows(golden, run, model).datasets().get(0);
            for (int b = 0; b < 2; b++) {
                for (int column = 0; column < 2; column++) {
                    String key = "batch" + b + "/text" + column;
                    int[][] ids = arrays.unpadded(key + "/input_ids", key + "/attention_mask");
                    for (int r = 0; r < ids.length; r++) {
                        PreparedText text = rows.get(b * ids.length + r)[column];
                        assertThat(text.ids()).as("%s row %d", key, r).isEqualTo(ids[r]);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void lossAndGradientsAreThoseOfTheReference(Golden golden, String run, String base, boolean wholeRows) {
        try (GoldenArrays arrays = arrays(golden, run);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            model.gradients(objective(golden, run, model, wholeRows), 1, false)
                    .assertReference(json(golden, run).path("batch0_loss").doubleValue(), arrays);
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theCurveAndTheFinalAdapterAreThoseOfTheReference(Golden golden, String run, String base, boolean wholeRows) {
        JsonNode json = json(golden, run);
        int steps = json.path("steps").asInt();
        LearningRate rate = new LearningRate(json.path("lr").doubleValue(), 0, steps, LearningRate.Schedule.LINEAR);
        try (GoldenArrays arrays = arrays(golden, run);
                GoldenModel model = GoldenModel.mntp(golden, base, arrays)) {
            List<TrainingListener.Step> heard = model.train(objective(golden, run, model, wholeRows), steps, rate);
            Parity.assertCurve(heard, rate, json.path("curve"));
            Parity.assertFinal(model.adapter.parameters(), arrays, "final");
        }
    }

    private static ContrastiveRows rows(Golden golden, String run, GoldenModel model) {
        List<String> lines = TextFiles.texts(List.of(golden.file("training/simcse/lines.txt")), List.of());
        int maxLength = json(golden, run).path("max_length").asInt();
        return ContrastiveRows.ofTexts(lines, model.tokenizer, maxLength);
    }

    private static ContrastiveObjective objective(Golden golden, String run, GoldenModel model, boolean wholeRows) {
        JsonNode json = json(golden, run);
        int batch = json.path("batch_size").asInt();
        return new ContrastiveObjective(
                rows(golden, run, model),
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
                        wholeRows));
    }

    private static GoldenArrays arrays(Golden golden, String run) {
        return golden.arrays("training/simcse/" + run + ".safetensors");
    }

    private static JsonNode json(Golden golden, String run) {
        return golden.json("training/simcse/" + run + ".json");
    }
}
