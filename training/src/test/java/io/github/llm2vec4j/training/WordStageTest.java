package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Tagger;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** From tagged words to a tagger. */
class WordStageTest {
    private static final List<List<String>> SENTENCES =
            List.of(List.of("river", "stone", "שלום"), List.of("walks"), List.of("seven", "מים", "bread", "light"));

    @TempDir
    Path folder;

    private TinyStage stage(boolean adapter) throws IOException {
        return new TinyStage(StageKind.WORD, folder)
                .with("max_steps", "120")
                .with("eval_steps", "60")
                .with("train_adapter", String.valueOf(adapter));
    }

    @ParameterizedTest
    @CsvSource({
        "false, same_token, true",
        "false, next_token, false",
        "true, same_token, true",
        "true, same_token, false"
    })
    void aTaggerNamesTheWordsThatItWasTaught(boolean adapter, String labels, boolean merge) throws IOException {
        long outside = Tensor.liveCount();
        Path output = stage(adapter)
                .with("retroactive_labels", "\"" + labels + "\"")
                .with("merge_subwords", String.valueOf(merge))
                .finish("out");

        assertThat(Files.exists(output.resolve("adapter_model.safetensors"))).isEqualTo(adapter);
        double accuracy = lastScore(output, "eval_accuracy");
        assertThat(accuracy).isGreaterThan(adapter ? 0.95 : 0.6);
        try (Tagger tagger = Tagger.load(output.toString(), "float32")) {
            assertThat(tagger.config().labels()).containsExactly("FIRST", "SECOND", "SHORT");
            List<List<String>> tags = tagger.tag(SENTENCES);
            List<List<String>> right = SENTENCES.stream()
                    .map(words -> words.stream().map(TinyStage::tagOf).toList())
                    .toList();
            if (adapter) {
                assertThat(tags).isEqualTo(right);
            }
            assertThat(tags).extracting(List::size).containsExactly(3, 1, 4);
        }
        assertThat(ModelChain.resolve(output.toString(), List.of()).adapters()).hasSize(adapter ? 1 : 0);
        assertThat(Tensor.liveCount()).isEqualTo(outside);
    }

    @Test
    void theScoresOfALoadedTaggerAreThoseAtTheEndOfItsTraining() throws IOException {
        TinyStage stage = stage(true)
                .with("peft_addr", "\"" + Golden.OWN.file("adapters/mistral-mntp") + "\"")
                .with("bidirectional", "false");
        Path output = stage.finish("out");
        stage.with("cls_addr", "\"" + output + "\"");
        Path scored = stage.finish("scored");

        JsonNode summary =
                new JsonMapper().readTree(scored.resolve("result_summary.json").toFile());
        assertThat(summary.path("accuracy").doubleValue()).isEqualTo(lastScore(output, "eval_accuracy"));
        assertThat(summary.has("f1")).as("of parts of speech").isFalse();
        assertThat(scored.resolve("classifier.safetensors")).doesNotExist();
    }

    @Test
    void spansAreScoredAsAWhole() throws IOException {
        Path file = Files.writeString(folder.resolve("ner.txt"), "river B-LOC\nstone I-LOC\nwalks O\n\n".repeat(8));
        Path output = stage(true)
                .with("task", "\"ner_tags\"")
                .with("train_file", "\"" + file + "\"")
                .with("eval_file", "\"" + file + "\"")
                .finish("out");

        assertThat(lastScore(output, "eval_f1")).isEqualTo(1);
        assertThat(lastScore(output, "eval_precision")).isEqualTo(1);
        assertThat(lastScore(output, "eval_recall")).isEqualTo(1);
        try (Tagger tagger = Tagger.load(output.toString())) {
            assertThat(tagger.config().labels()).startsWith("O");
        }
    }

    @Test
    void dropoutIsForTrainingAlone() throws IOException {
        TinyStage stage =
                stage(false).with("learning_rate", "0").with("max_steps", "10").with("eval_steps", "5");
        Path with = stage.with("classifier_dropout", "0.9").finish("with");
        Path without = stage.with("classifier_dropout", "0").finish("without");

        assertThat(scores(with)).hasSize(3).isEqualTo(scores(without));
        assertThat(scores(with))
                .as("at each scoring")
                .extracting(line -> line.get("eval_loss"))
                .containsOnly(scores(with).get(0).get("eval_loss"));
        assertThat(TinyStage.log(with).get(1).get("loss"))
                .isNotEqualTo(TinyStage.log(without).get(1).get("loss"));
    }

    @Test
    void anUntrainedTagCountsAsWrong() throws IOException {
        Path file = Files.writeString(folder.resolve("dev.txt"), "river UNKNOWN\n");
        Path output = stage(false).with("eval_file", "\"" + file + "\"").finish("out");

        assertThat(lastScore(output, "eval_accuracy")).isZero();
        assertThat(lastScore(output, "eval_loss")).isZero();
    }

    @Test
    void aTaggerOfAnotherModelIsRefused() throws IOException {
        Path base = Golden.OWN.copy("models/mistral", folder.resolve("base"));
        Path output = new TinyStage(StageKind.WORD, folder)
                .with("model_name_or_path", "\"" + base + "\"")
                .finish("out");
        Files.copy(
                Golden.OWN.file("models/llama/model.safetensors"),
                base.resolve("model.safetensors"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> Tagger.load(output.toString()))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("was trained on another base model");
    }

    @ParameterizedTest
    @CsvSource({
        "retroactive_labels, \"next_token\", 'retroactive_labels: is next_token, but the tagger in '",
        "bidirectional, false, 'bidirectional: is false, but the tagger in '",
        "task, \"ner_tags\", 'task: is ner_tags, but the tagger in '"
    })
    void aConfigurationThatMeansAnotherTaggerIsRefused(String key, String value, String said) throws IOException {
        TinyStage stage = new TinyStage(StageKind.WORD, folder);
        Path output = stage.finish("out");
        stage.with("cls_addr", "\"" + output + "\"").with(key, value);

        assertThatThrownBy(() -> stage.stage("scored").run(true))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said);
        assertThat(folder.resolve("scored")).doesNotExist();
    }

    @Test
    void aTaggerOfAnotherAdapterIsRefused() throws IOException {
        TinyStage stage = new TinyStage(StageKind.WORD, folder);
        Path output = stage.finish("out");
        stage.with("cls_addr", "\"" + output + "\"")
                .with("peft_addr", "\"" + Golden.OWN.file("adapters/mistral-mntp") + "\"");

        assertThatThrownBy(() -> stage.stage("scored").run(true))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("was trained on another model");
    }

    @Test
    void maskedNextTokensAreNotLearnedCausally() throws IOException {
        TinyStage stage = new TinyStage(StageKind.MNTP, folder).with("bidirectional", "false");

        assertThatThrownBy(() -> stage.stage("out"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("bidirectional: false is not for mntp");
    }

    /** Of each model: the decoder as it is, with both directions, after MNTP, after SimCSE. */
    static Stream<String> referenceConfigs() {
        return Stream.of("Llama2", "Mistral", "ShearedLlama")
                .flatMap(model ->
                        Stream.of("uni", "bi", "bi-mntp", "bi-mntp-simcse").map(kind -> model + "-" + kind + ".json"));
    }

    @ParameterizedTest
    @MethodSource("referenceConfigs")
    void theReferencesConfigurationsTrainAndScore(String name) throws IOException {
        Path configs = Golden.SHARED.folder().resolveSibling("reference-configs");
        Path output = folder.resolve("out");
        StageConfig train = onTinyModel(configs.resolve("train_configs/word-task/" + name))
                .with("max_steps", "2")
                .with("output_dir", output.toString());
        assertThat(new Stage(StageKind.WORD, train, List.of()).run(false)).isTrue();
        StageConfig test = onTinyModel(configs.resolve("test_configs/word-task/" + name))
                .with("cls_addr", output.toString())
                .with("output_dir", folder.resolve("scored").toString());
        assertThat(new Stage(StageKind.WORD, test, List.of()).run(false)).isTrue();

        assertThat(folder.resolve("scored/result_summary.json")).content().contains("accuracy");
        try (Tagger tagger = Tagger.load(output.toString())) {
            assertThat(tagger.config().bidirectional()).isEqualTo(!name.contains("uni"));
            assertThat(tagger.config().reading().name()).isEqualTo(name.contains("mntp") ? "next_token" : "same_token");
            assertThat(tagger.tag(SENTENCES)).hasSize(3);
        }
    }

    private StageConfig onTinyModel(Path file) throws IOException {
        String words = new TinyStage(StageKind.WORD, folder).config("out").text("train_file");
        StageConfig config = StageConfig.read(file)
                .with("model_name_or_path", Golden.OWN.file("models/mistral").toString())
                .with("torch_dtype", "float32")
                .with("train_file", words)
                .with("eval_file", words);
        return config.has("peft_addr")
                ? config.with(
                        "peft_addr", Golden.OWN.file("adapters/mistral-mntp").toString())
                : config;
    }

    private static double lastScore(Path output, String name) {
        List<JsonNode> scores = scores(output);
        return scores.get(scores.size() - 1).get(name).doubleValue();
    }

    private static List<JsonNode> scores(Path output) {
        return TinyStage.log(output).stream()
                .filter(line -> line.has("eval_accuracy"))
                .toList();
    }
}
