package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.golden.ChildJvm;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM started without the launcher, under hard conditions, encodes as this one does. The model needs 300 MB in fp32:
 * with a heap of 64 MB that is more than twice what JavaCPP by itself would allow.
 */
class AwkwardHostTest {
    private static final int HEAP = 64 << 20;

    @TempDir
    private static Path temporary;

    private static Path model;
    private static float[][] expected;

    @BeforeAll
    static void makeAModel() throws IOException {
        model = Golden.OWN.copy("models/mistral", temporary.resolve("model"));
        ObjectNode json = (ObjectNode) Golden.OWN.json("models/mistral/config.json");
        json.put("hidden_size", 1024).put("intermediate_size", 4096).put("num_hidden_layers", 5);
        json.put("num_attention_heads", 8).put("num_key_value_heads", 2).put("head_dim", 128);
        Files.writeString(model.resolve("config.json"), json.toString());
        try (Scope scope = Scope.open()) {
            SafetensorsWriter.writePending(
                    model.resolve("model.safetensors"),
                    Decoder.randomWeights(DecoderConfig.of(json), 3, DType.BF16),
                    Map.of("format", "pt"));
        }
        assertThat(2 * Files.size(model.resolve("model.safetensors"))).isGreaterThan(4L * HEAP);
        try (Llm2Vec loaded = Llm2Vec.builder(model.toString()).dtype("float32").build()) {
            expected = loaded.encode(EncodeAlone.TEXTS);
        }
    }

    @Test
    void aHeapThatIsSmallBesideTheModel() throws Exception {
        ChildJvm.Result result = run(List.of("-Xmx" + HEAP), Map.of());
        assertThat(Long.parseLong(result.value("heap"))).isLessThanOrEqualTo(HEAP);
    }

    @Test
    void aLocaleWithoutHebrewLetters() throws Exception {
        run(List.of("-Dfile.encoding=ISO-8859-1"), Map.of("LC_ALL", "C", "LANG", "C"));
    }

    @Test
    void oneCore() throws Exception {
        ChildJvm.Result result = run(List.of("-XX:ActiveProcessorCount=1"), Map.of());
        assertThat(result.value("cores")).isEqualTo("1");
    }

    /** Neither oneDNN nor libtorch may use what this host has beyond AVX2. */
    @Test
    void aProcessorWithoutAvx512() throws Exception {
        run(List.of(), Map.of("ONEDNN_MAX_CPU_ISA", "AVX2", "ATEN_CPU_CAPABILITY", "default"));
    }

    private static ChildJvm.Result run(List<String> flags, Map<String, String> variables) throws Exception {
        ChildJvm.Result result = ChildJvm.run(flags, variables, EncodeAlone.class, model.toString());
        float[][] actual = result.output()
                .lines()
                .filter(line -> line.startsWith("vector: "))
                .map(line -> floats(line.substring("vector: ".length())))
                .toArray(float[][]::new);
        assertThat(actual.length).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Difference.cosine(actual[i], expected[i])).isGreaterThanOrEqualTo(0.999999);
        }
        return result;
    }

    private static float[] floats(String hex) {
        float[] values = new float[hex.length() / 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(hex.substring(8 * i, 8 * i + 8), 16));
        }
        return values;
    }
}
