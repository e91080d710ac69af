package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StageConfigTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "learnig_rate, learning_rate",
        "LEARNING_RATE, learning_rate",
        "max-seq-length, max_seq_length",
        "batch_size, micro_batch_size",
        "train_files, train_file",
        "max_step, max_steps",
        "lora_rank, lora_r"
    })
    void anUnknownKeyIsAnErrorThatNamesTheNearest(String key, String nearest) throws IOException {
        assertError("{\"" + key + "\": 1}", "unknown key '" + key + "'; did you mean '" + nearest + "'?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "output_dir | 5 | a text, found 5",
                "output_dir | [] | a text, found []",
                "max_steps | \"ten\" | an integer, found \"ten\"",
                "max_steps | 1.5 | an integer, found 1.5",
                "max_steps | 3000000000 | an integer, found 3000000000",
                "max_steps | true | an integer, found true",
                "learning_rate | \"1e-5\" | a number, found \"1e-5\"",
                "shuffle | 1 | true or false, found 1",
                "shuffle | \"true\" | true or false, found \"true\"",
                "model_config | \"mistral\" | an object, found \"mistral\"",
                "train_file | 7 | a name or a list of them, found 7",
                "train_file | [\"a\", 7] | a name or a list of them, found [\"a\",7]",
                "train_file | [\"a\", null] | a name or a list of them, found [\"a\",null]",
                "train_file | {} | a name or a list of them, found {}"
            })
    void aValueOfTheWrongKindIsAnErrorThatShowsBoth(String key, String value, String said) throws IOException {
        assertError("{\"" + key + "\": " + value + "}", key + ": expected " + said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max_steps | 0 | at least 1",
                "max_steps | -1 | at least 1",
                "per_device_train_batch_size | 0 | at least 1",
                "gradient_accumulation_steps | -2 | at least 1",
                "micro_batch_size | 0 | at least 1",
                "workers | 0 | at least 1",
                "lora_r | 0 | at least 1",
                "save_total_limit | 0 | at least 1",
                "stop_after_n_steps | 0 | at least 1",
                "max_seq_length | 1 | at least 2",
                "save_steps | -1 | 0 or more",
                "eval_steps | -1 | 0 or more",
                "warmup_steps | -1 | 0 or more",
                "validation_blocks | -1 | 0 or more",
                "learning_rate | -1.0E-5 | 0 or more",
                "weight_decay | -0.1 | 0 or more",
                "adam_epsilon | -1 | 0 or more",
                "num_train_epochs | 0 | above 0",
                "loss_scale | 0 | above 0",
                "lora_alpha | -8 | above 0",
                "max_grad_norm | 0 | above 0",
                "simcse_dropout | 1 | 0 to below 1",
                "lora_dropout | -0.1 | 0 to below 1",
                "adam_beta1 | 1.0 | 0 to below 1",
                "adam_beta2 | 1.5 | 0 to below 1",
                "mlm_probability | 0 | above 0 to 1",
                "mlm_probability | 1.1 | above 0 to 1"
            })
    void aNumberOutOfRangeIsAnErrorThatNamesTheRange(String key, String value, String range) throws IOException {
        assertError("{\"" + key + "\": " + value + "}", key + ": expected " + range + ", found " + value);
    }

    @ParameterizedTest
    @CsvSource({"max_steps, 1", "learning_rate, 0", "lora_dropout, 0", "mlm_probability, 1", "save_steps, 0", "seed, -3"
    })
    void theEndsOfTheRangesMayBeUsed(String key, String value) throws IOException {
        assertThat(read("{\"" + key + "\": " + value + "}").number(key, 99)).isEqualTo(Double.parseDouble(value));
    }

    @Test
    void nullIsAsIfTheKeyWereNotThere() throws IOException {
        StageConfig config = read("""
                {"max_steps": null, "learning_rate": null, "output_dir": null, "shuffle": null, "train_file": null,
                 "model_config": null}
                """);

        assertThat(config.has("max_steps")).isFalse();
        assertThat(config.integer("max_steps", 7)).isEqualTo(7);
        assertThat(config.number("learning_rate", 0.5)).isEqualTo(0.5);
        assertThat(config.text("output_dir", "there")).isEqualTo("there");
        assertThat(config.flag("shuffle", true)).isTrue();
        assertThat(config.files("train_file")).isEmpty();
        assertThatThrownBy(() -> config.text("output_dir"))
                .isInstanceOf(ConfigException.class)
                .hasMessage(config.source() + ": output_dir is missing: set it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | found nothing",
                "[1, 2] | found [1,2]",
                "null | found null",
                "\"text\" | found \"text\"",
                "{\"seed\": 1 | line 1: not valid JSON",
                "{\"seed\": 1} {\"seed\": 2} | line 1: not valid JSON",
                "{\"seed\": 1, \"seed\": 2} | Duplicate field 'seed'",
                "{seed: 1} | line 1: not valid JSON",
                "{\"learning_rate\": NaN} | line 1: not valid JSON"
            })
    void aFileThatIsNoJsonObjectIsAnError(String content, String said) throws IOException {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(folder.resolve("settings.json").toString())
                .hasMessageContaining(said)
                .hasMessageNotContaining("\n");
    }

    @Test
    void theLineOfABrokenFileIsNamed() {
        assertThatThrownBy(() -> read("{\n\"seed\": 1,\n\"max_steps\": 2,,\n}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(folder.resolve("settings.json") + " line 3: not valid JSON: ");
    }

    @Test
    void aMissingFileOrAFolderIsAnError() {
        Path missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> StageConfig.read(missing))
                .isInstanceOf(ConfigException.class)
                .hasMessage(missing + ": no such file; give a JSON file of settings");
        assertThatThrownBy(() -> StageConfig.read(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessage(folder + ": expected a file, found a folder; give a JSON file of settings");
    }

    @Test
    void aLongValueIsCutInTheError() throws IOException {
        assertThatThrownBy(() -> read("{\"seed\": \"" + "x".repeat(10_000) + "\"}"))
                .isInstanceOf(ConfigException.class)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(300));
    }

    @ParameterizedTest
    @CsvSource({
        "lr_scheduler_type, polynomial, 'linear, cosine or constant_with_warmup'",
        "pooling_mode, median, mean",
        "torch_dtype, int4, bf16"
    })
    void aNameThatIsNotSupportedIsRefusedBeforeAnyTraining(String key, String value, String known) {
        ObjectNode json =
                new JsonMapper().createObjectNode().put("output_dir", "out").put(key, value);

        assertThatThrownBy(() -> new Stage(StageKind.MNTP, StageConfig.of(json, "here.json"), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("here.json: " + key + ": ")
                .hasMessageContaining("'" + value + "'")
                .hasMessageContaining(known)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simcse", "supervised"})
    void aContrastiveBatchOfOneIsRefused(String name) throws IOException {
        StageKind kind = StageKind.of(name);
        TinyStage stage = new TinyStage(kind, folder).with("per_device_train_batch_size", "1");

        assertThatThrownBy(() -> stage.stage("out").run(true))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("settings: per_device_train_batch_size: expected at least 2 for " + name);
    }

    @Test
    void settingsOfTheCommandLineAreCheckedToo() {
        StageConfig config = StageConfig.of(new JsonMapper().createObjectNode(), "settings");

        assertThat(config.with("max_steps", "5").integer("max_steps", 0)).isEqualTo(5);
        assertThat(config.with("output_dir", "a folder").text("output_dir")).isEqualTo("a folder");
        assertThat(config.with("output_dir", "").text("output_dir")).isEmpty();
        assertThatThrownBy(() -> config.with("max_steps", "-5"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("settings: max_steps: expected at least 1, found -5");
        assertThatThrownBy(() -> config.with("max_stepz", "5"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("did you mean 'max_steps'?");
    }

    private StageConfig read(String content) throws IOException {
        return StageConfig.read(Files.writeString(folder.resolve("settings.json"), content));
    }

    private void assertError(String content, String said) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(ConfigException.class)
                .hasMessage(folder.resolve("settings.json") + ": " + said);
    }
}
