package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage that trains all weights leaves a model, whether it began with random weights or with a model. */
class WholeModelTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    @Test
    void aModelMadeFromNothingIsTrainedFurther() throws IOException {
        ObjectNode shape = (ObjectNode) Golden.OWN.json("models/llama/config.json");
        shape.remove("architectures");
        ObjectNode fresh = settings("fresh").put("tokenizer_path", tokenizer());
        fresh.set("model_config", shape);
        ObjectNode further = settings("further")
                .put("model_name_or_path", folder.resolve("fresh").toString());

        for (ObjectNode settings : List.of(fresh, further)) {
            Stage stage = new Stage(StageKind.CLM, StageConfig.of(settings, "test"), List.of());
            assertThat(stage.run(false)).isTrue();

            Path output = Path.of(settings.get("output_dir").asText());
            JsonNode config = JSON.readTree(output.resolve("config.json").toFile());
            assertThat(config.at("/architectures/0").asText()).isEqualTo("LlamaForCausalLM");
            assertThat(config.path("hidden_size")).isEqualTo(shape.path("hidden_size"));
            try (Llm2Vec model = Llm2Vec.load(output.toString())) {
                assertThat(model.encode(List.of("שלום"))[0]).hasSize(model.dimensions());
            }
        }
    }

    private static String tokenizer() {
        return Golden.OWN.file("models/llama").toString();
    }

    private ObjectNode settings(String name) throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "שלום עולם, זה טקסט קצר לאימון.\n".repeat(20));
        return JSON.createObjectNode()
                .put("output_dir", folder.resolve(name).toString())
                .put("train_file", text.toString())
                .put("max_seq_length", 16)
                .put("per_device_train_batch_size", 2)
                .put("max_steps", 2)
                .put("workers", 1);
    }
}
