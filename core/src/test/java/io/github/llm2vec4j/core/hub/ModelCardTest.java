package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The card of an adapter, and what names from elsewhere can do to it. */
class ModelCardTest {
    private static final String HOSTILE =
            "a`|\"\n---\n# b <script>alert(1)</script> [x](javascript:y) \u202e *c* {{d}} \u0000";

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path temporary;

    private Path base;
    private Path folder;

    @BeforeEach
    void makeAnAdapter() throws IOException {
        base = Files.createDirectory(temporary.resolve("base"));
        Files.writeString(base.resolve("README.md"), """
                ---
                language:
                - he
                - "en"
                license: apache-2.0
                tags: [x]
                ---
                # base
                license: other
                """);
        folder = Files.createDirectory(temporary.resolve("encoder"));
        Files.writeString(folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"owner/model\"}");
        Files.writeString(folder.resolve("llm2vec_config.json"), "{\"pooling_mode\": \"mean\"}");
        Files.writeString(folder.resolve("llm2vec4j.json"), """
                {"base_model": "owner/model@0123456789012345678901234567890123456789", "adapters_before": [],
                 "sha256": {"base_model": "abc", "adapters_before": []}}""");
    }

    private static ObjectNode training(String name) {
        ObjectNode json = JSON.createObjectNode();
        json.put("stage", "simcse")
                .put("seed", 42)
                .put("steps", 1000)
                .put("compute_type", "float32")
                .put("workers", 2);
        json.putArray("data")
                .addObject()
                .put("name", name)
                .put("bytes", 5)
                .put("of", "sha256")
                .put("sha256", "dead");
        json.putObject("settings").put("learning_rate", 3e-5).put("instruction", name);
        json.putObject("versions").put("llm2vec4j", "1");
        json.putObject("scores").put("eval_loss", 2.5);
        json.putArray("overlap").addObject().put("set", name).put("texts", 9).put("found", 2);
        return json;
    }

    private String card() throws IOException {
        return Files.readString(folder.resolve("README.md"));
    }

    @Test
    void itSaysHowTheModelWasMadeAndWhatItScores() throws IOException {
        ModelRecord.writeTraining(folder, base, List.of(), training("texts.txt"));
        ModelRecord.writeResults(
                folder,
                List.of(
                        new ModelRecord.Result("pos", "TokenClassification", "own", "accuracy", 0.91234, 0.9, 0.92),
                        new ModelRecord.Result("sts", "STS", "own", "spearman", 0.5, Double.NaN, Double.NaN)));

        assertThat(card()).startsWith("""
                ---
                language:
                - he
                - en
                license: apache-2.0
                library_name: peft
                pipeline_tag: feature-extraction
                base_model: owner/model
                base_model_relation: adapter
                tags:
                - llm2vec
                - text-embedding
                - feature-extraction
                model-index:
                - name: encoder
                  results:
                  - task:
                      type: TokenClassification
                    dataset:
                      name: pos
                      type: own
                    metrics:
                    - type: accuracy
                      value: 0.91234
                      name: "accuracy, 95 % interval 0.9000 to 0.9200"
                  - task:
                      type: STS
                """);
        assertThat(card())
                .contains("# encoder\n", "An adapter (LoRA) for `owner/model`, weights with sha256 `abc`")
                .contains("Llm2Vec.load(\"encoder\")")
                .contains("LLM2Vec.from_pretrained(\"owner/model\", peft_model_name_or_path=\"encoder\")")
                .contains("--format sentence-transformers")
                .contains("### simcse", "| data | `texts.txt`, 5 bytes, sha256 `dead` |", "| seed | 42 |")
                .contains("`learning_rate 3.0E-5`", "| test texts of texts.txt in the data | 2 of 9 |")
                .contains("| pos | accuracy | 0.9123 | 0.9000 to 0.9200 |\n| sts | spearman | 0.5000 |  |\n")
                .doesNotContain("has yet to be said");
    }

    @Test
    void aNameFromElsewhereIsNothingButText() throws IOException {
        ModelRecord.writeTraining(folder, base, List.of(), training(HOSTILE));
        ModelRecord.writeResults(folder, List.of(new ModelRecord.Result(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, 0, 1)));
        String text = new ModelCard(folder, HOSTILE).text();

        assertThat(text.lines().filter(line -> line.equals("---"))).hasSize(2);
        assertThat(text).doesNotContain("\n# b", "\u202e", "\u0000");
        String body = text.substring(text.indexOf("\n---\n", 4));
        assertThat(body.replaceAll("`[^`\n]*`", "")).doesNotContain("<script>", "[x](", " *c* ");
        assertThat(body.lines().filter(line -> line.startsWith("| test texts of")))
                .singleElement()
                .asString()
                .contains("a\\`\\|", "\\<script\\>");
        assertThat(text).contains("Llm2Vec.load(\"a____---___b__script_alert");
    }

    @Test
    void aCardOfSomebodysOwnStays() throws IOException {
        Files.writeString(folder.resolve("README.md"), "mine");
        ModelRecord.writeTraining(folder, base, List.of(), training("texts.txt"));
        assertThat(card()).isEqualTo("mine");
    }

    @Test
    void whatIsNotKnownIsSaidToBeMissing() throws IOException {
        ModelCard.write(folder);
        assertThat(card())
                .contains("Under which licence it may be used has yet to be said", "What it was trained on has yet")
                .doesNotContain("license:", "model-index");
    }

    @Test
    void anAdapterOnOthersIsMergedBeforePythonReadsIt() throws IOException {
        Files.writeString(folder.resolve("llm2vec4j.json"), """
                {"base_model": "../base", "adapters_before": ["../mntp"],
                 "sha256": {"base_model": "abc", "adapters_before": ["def"]}}""");
        ModelCard.write(folder);
        assertThat(card())
                .contains("- The adapter `mntp` is merged into that first, weights with sha256 `def`")
                .contains("export --model encoder --format merged --to merged", "LLM2Vec.from_pretrained(\"merged\")")
                .doesNotContain("base_model:");
    }

    @Test
    void theTrainingsBelowAreKept() throws IOException {
        Path below = Files.createDirectory(temporary.resolve("mntp"));
        Files.writeString(below.resolve("llm2vec4j.json"), "{}");
        ModelRecord.writeTraining(below, base, List.of(), training("first.txt"));
        ModelRecord.writeTraining(folder, base, List.of(below), training("second.txt"));

        assertThat(card()).containsSubsequence("`first.txt`", "`second.txt`");
        assertThat(ModelRecord.lastTraining(folder).at("/data/0/name").asText()).isEqualTo("second.txt");
    }
}
