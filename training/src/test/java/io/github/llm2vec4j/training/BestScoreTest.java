package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keeping the best weights, stopping early, and averaging weights. */
class BestScoreTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "false, 0, 3 2 2.5 1 4, 1, 4, 1",
        "true, 0, 3 2 2.5 1 4, 4, 5, 0",
        "false, 0.6, 3 2.5 2.2 1.9, 1.9, 4, 3",
        "true, 0, NaN 1 2, 2, 3, 0",
        "false, 0, 1 NaN 2, 1, 1, 2"
    })
    void theBestIsRememberedAndWhatIsNoProgressCounted(
            boolean greater, double threshold, String scores, double best, long step, int stale) {
        try (Scope scope = Scope.open();
                BestScore score = new BestScore(
                        List.of(), new BestScore.Rule("eval_loss", greater, false, stale + 1, threshold))) {
            score.hear(0, Map.of("eval_loss", -100.0));
            String[] each = scores.split(" ");
            for (int i = 0; i < each.length; i++) {
                score.hear(i + 1, Map.of("eval_loss", Double.valueOf(each[i])));
            }
            JsonNode json = score.toJson();
            assertThat(json.path("score").doubleValue()).isEqualTo(best);
            assertThat(json.path("step").longValue()).isEqualTo(step);
            assertThat(json.path("scorings_without_progress").intValue()).isEqualTo(stale);
            assertThat(score.exhausted()).isFalse();
            score.hear(9, Map.of("eval_loss", best));
            assertThat(score.exhausted()).isTrue();
        }
    }

    @Test
    void theWeightsOfTheBestScoreComeBack() {
        try (Scope scope = Scope.open();
                Parameter parameter = new Parameter("p", Tensor.of(new float[] {1, 2}, 2), true);
                BestScore score = new BestScore(List.of(parameter), new BestScore.Rule("eval_f1", true, true, 0, 0))) {
            assertThat(score.restoreWeights()).as("nothing was scored").isFalse();
            score.hear(1, Map.of("eval_f1", 0.9));
            parameter.value().fillInPlace(7);
            score.hear(2, Map.of("eval_f1", 0.8));
            assertThat(score.restoreWeights()).isTrue();
            assertThat(parameter.value().toFloats()).containsExactly(1, 2);
        }
    }

    @Test
    void theAverageFollowsTheWeightsAndChangesPlacesWithThem() {
        try (Scope scope = Scope.open();
                Parameter parameter = new Parameter("p", Tensor.of(new float[] {0}, 1), true);
                WeightAverage average = new WeightAverage(List.of(parameter), 0.5)) {
            parameter.value().fillInPlace(11);
            average.update(1); // d = 2 / 11
            average.swap();
            assertThat(parameter.value().toFloats()[0]).isCloseTo(9f, org.assertj.core.data.Offset.offset(1e-5f));
            average.swap();
            assertThat(parameter.value().toFloats()).containsExactly(11);
            average.update(100); // d = 0.5
            average.swap();
            assertThat(parameter.value().toFloats()[0]).isCloseTo(10f, org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    /** The loss on other text than is trained on gets worse, sooner or later. */
    private TinyStage overfitting() throws IOException {
        Path other = Files.writeString(folder.resolve("other.txt"), "מים נגד שלום river ".repeat(40) + "\n");
        return new TinyStage(StageKind.CLM, folder)
                .with("eval_file", "\"" + other + "\"")
                .with("learning_rate", "0.2")
                .with("max_steps", "40")
                .with("eval_steps", "1")
                .with("lr_scheduler_type", "\"constant\"")
                .with("warmup_steps", "0");
    }

    @Test
    void theRunEndsWithTheWeightsOfItsBestScore() throws IOException {
        Path output = overfitting().with("load_best_model_at_end", "true").finish("out");

        List<JsonNode> scores = scores(output);
        double[] losses = scores.stream()
                .skip(1)
                .mapToDouble(line -> line.get("eval_loss").doubleValue())
                .toArray();
        double best = Arrays.stream(losses).min().orElseThrow();
        assertThat(best).isLessThan(losses[losses.length - 1]);
        JsonNode record = new JsonMapper()
                .readTree(output.resolve("training.json").toFile())
                .path("best");
        assertThat(record.path("score").doubleValue()).isEqualTo(best);
        Path straight =
                overfitting().with("max_steps", record.path("step").toString()).finish("straight");
        assertThat(output.resolve("model.safetensors")).hasSameBinaryContentAs(straight.resolve("model.safetensors"));
    }

    @Test
    void aRunThatMakesNoProgressEndsEarlyAlsoWhenItIsResumed() throws IOException {
        TinyStage stage = overfitting().with("early_stopping_patience", "3").with("load_best_model_at_end", "true");
        Path straight = stage.finish("straight");
        List<JsonNode> scores = scores(straight);
        int last = scores.get(scores.size() - 1).get("step").intValue();
        assertThat(last).isLessThan(40);

        stage.stopAfter(last - 2, "stopped");
        TinyStage.assertSameOutput(stage.finish("stopped"), straight);
        assertThat(stage.stage("stopped", TinyStage.atStep(last + 1, () -> {
                            throw new AssertionError("went on");
                        }))
                        .run(true))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"load_best_model_at_end, true", "early_stopping_patience, 2"})
    void withoutScoringsThereIsNoBest(String key, String value) throws IOException {
        TinyStage stage =
                new TinyStage(StageKind.CLM, folder).with("eval_steps", "0").with(key, value);

        assertThatThrownBy(() -> stage.stage("out"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("settings: " + key + ": set eval_steps too: nothing is scored without");
    }

    @Test
    void anUnknownMetricIsNamedBeforeTheFirstStep() throws IOException {
        TinyStage stage = new TinyStage(StageKind.CLM, folder)
                .with("load_best_model_at_end", "true")
                .with("metric_for_best_model", "\"f1\"");
        TrainingListener deaf = TinyStage.atStep(1, () -> {
            throw new AssertionError("trained");
        });

        assertThatThrownBy(() -> stage.stage("out", deaf).run(true))
                .isInstanceOf(ConfigException.class)
                .hasMessage("metric_for_best_model: there is no score 'eval_f1': expected one of eval_loss,"
                        + " eval_accuracy, eval_perplexity");
    }

    @Test
    void howOftenIsScoredIsAPartOfARunThatGoesByTheScores() throws IOException {
        TinyStage stage = new TinyStage(StageKind.CLM, folder).with("load_best_model_at_end", "true");
        stage.stopAfter(4, "out");
        stage.with("eval_steps", "1");

        assertThatThrownBy(() -> stage.finish("out"))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("eval_steps was 2 and is 1");
    }

    @Test
    void averagedWeightsAreScoredAndSaved() throws IOException {
        TinyStage stage = overfitting().with("max_steps", "12").with("eval_steps", "12");
        Path plain = stage.finish("plain");
        Path averaged = stage.with("ema_decay", "0.9").finish("averaged");

        assertThat(scores(averaged).get(0)).isEqualTo(scores(plain).get(0));
        assertThat(scores(averaged).get(1).get("eval_loss"))
                .isNotEqualTo(scores(plain).get(1).get("eval_loss"));
        assertThat(TinyStage.log(averaged).stream()
                        .map(line -> line.get("loss"))
                        .toList())
                .as("training itself goes on from the weights")
                .isEqualTo(TinyStage.log(plain).stream()
                        .map(line -> line.get("loss"))
                        .toList());
        assertThat(Files.mismatch(averaged.resolve("model.safetensors"), plain.resolve("model.safetensors")))
                .isNotEqualTo(-1);
    }

    private static List<JsonNode> scores(Path output) {
        return TinyStage.log(output).stream()
                .filter(line -> line.has("eval_loss"))
                .toList();
    }
}
