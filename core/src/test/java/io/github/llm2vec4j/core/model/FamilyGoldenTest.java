package io.github.llm2vec4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every block of every family against the Python package transformers. */
class FamilyGoldenTest {
    private static final double FP32 = 2e-5;
    private static final double LOGITS = 1e-4;

    @TempDir
    private Path temporary;

    static Stream<String> families() {
        return Stream.of("llama-linear", "llama-llama3", "qwen2", "qwen3", "gemma", "gemma2");
    }

    static Stream<Arguments> runs() {
        return families()
                .flatMap(family -> Stream.of(Pass.Direction.values())
                        .flatMap(direction ->
                                Stream.of(arguments(family, direction, false), arguments(family, direction, true))));
    }

    @ParameterizedTest(name = "{0}, {1}, trained {2}")
    @MethodSource("runs")
    void statesOfEveryBlockAndLogitsAreThoseOfTransformers(String family, Pass.Direction direction, boolean trained)
            throws IOException {
        String way = direction == Pass.Direction.CAUSAL ? "uni" : "bi";
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                Leaves leaves = new Leaves(List.of());
                GoldenArrays arrays = Golden.OWN.arrays("families/" + family + "/states.safetensors");
                Decoder decoder = Decoder.load(model(family), DType.F32)) {
            TokenBatch batch = batch(arrays);
            Pass pass = new Pass(direction, DType.F32, trained ? leaves : null, 0, 0, 0);
            Decoder.Inputs inputs = decoder.inputs(batch, pass);
            List<Tensor> states = new ArrayList<>(List.of(inputs.embedded()));
            for (int i = 0; i < decoder.layers().size(); i++) {
                states.add(decoder.layers()
                        .get(i)
                        .forward(states.get(i), inputs.rotary(), inputs.sights().get(i), pass));
            }
            states.add(decoder.hiddenStates(batch, pass));
            assertThat(arrays.namesUnder("states/" + way + "/")).hasSize(states.size());
            for (int i = 0; i < states.size(); i++) {
                String name = "states/" + way + "/" + i;
                compareTokens(batch, states.get(i).toFloats(), arrays.floats(name), name);
            }
            PackedBatch packed = packed(batch);
            List<Integer> layers =
                    IntStream.rangeClosed(0, decoder.layers().size()).boxed().toList();
            List<Tensor> together = decoder.hiddenStates(packed, pass, layers);
            for (int layer : layers) {
                // The last entry of hidden_states has the final norm; the golden file has that block without it too.
                int golden = layer < decoder.layers().size() ? layer : layer + 1;
                compareTokens(
                        batch,
                        padded(together.get(layer).toFloats(), batch),
                        states.get(golden).toFloats(),
                        "packed states of layer " + layer);
            }
            Tensor last = states.get(states.size() - 1).narrow(1, batch.length() - 1, 1);
            Tensor logits = decoder.head(pass).logits(last);
            Difference.assertWithin(LOGITS, logits.toFloats(), arrays.floats("logits/" + way), "logits");
        }
    }

    private static PackedBatch packed(TokenBatch batch) {
        return PackedBatch.of(IntStream.range(0, batch.rows())
                .mapToObj(r -> Arrays.stream(batch.ids())
                        .skip((long) r * batch.length() + batch.padding()[r])
                        .limit(batch.length() - batch.padding()[r])
                        .mapToInt(Math::toIntExact)
                        .toArray())
                .toList());
    }

    /** Values of packed tokens in their places of the rectangle. */
    private static float[] padded(float[] packed, TokenBatch batch) {
        int tokens = batch.ids().length - Arrays.stream(batch.padding()).sum();
        int hidden = packed.length / tokens;
        float[] all = new float[batch.ids().length * hidden];
        int read = 0;
        for (int r = 0; r < batch.rows(); r++) {
            int padding = batch.padding()[r];
            int count = (batch.length() - padding) * hidden;
            System.arraycopy(packed, read, all, (r * batch.length() + padding) * hidden, count);
            read += count;
        }
        return all;
    }

    private static void compareTokens(TokenBatch batch, float[] actual, float[] expected, String name) {
        int hidden = actual.length / batch.ids().length;
        for (int r = 0; r < batch.rows(); r++) {
            int from = (r * batch.length() + batch.padding()[r]) * hidden;
            int to = (r + 1) * batch.length() * hidden;
            Difference.assertWithin(
                    FP32,
                    Arrays.copyOfRange(actual, from, to),
                    Arrays.copyOfRange(expected, from, to),
                    name + ", row " + r);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void anAdapterOnAllLinearLayersHasTheNamesAndShapesOfPeft(String family) throws IOException {
        Map<String, List<Long>> expected = new LinkedHashMap<>();
        JsonNode shapes = Golden.OWN.json("families/lora_shapes.json").get(family.replaceAll("-.*", ""));
        shapes.fields()
                .forEachRemaining(entry -> expected.put(
                        entry.getKey(),
                        List.of(
                                entry.getValue().get(0).longValue(),
                                entry.getValue().get(1).longValue())));
        try (Decoder decoder = Decoder.load(model(family), DType.F32);
                LoraAdapter adapter =
                        LoraAdapter.inject(decoder, new LoraConfig(2, 4, 0, LoraConfig.ALL_LINEAR, family), 1)) {
            Map<String, List<Long>> actual = new LinkedHashMap<>();
            adapter.parameters()
                    .forEach(p -> actual.put(
                            p.name(), Arrays.stream(p.value().shape()).boxed().toList()));
            assertThat(actual).containsExactlyInAnyOrderEntriesOf(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void gradientsAreTheSameWithLayersComputedAgain(String family) throws IOException {
        try (Scope scope = Scope.open();
                GoldenArrays arrays = Golden.OWN.arrays("families/" + family + "/states.safetensors");
                Decoder decoder = Decoder.load(model(family), DType.F32);
                LoraAdapter adapter =
                        LoraAdapter.inject(decoder, new LoraConfig(2, 4, 0, LoraConfig.ALL_LINEAR, family), 1);
                Leaves leaves = new Leaves(adapter.parameters())) {
            Pass pass = new Pass(Pass.Direction.BIDIRECTIONAL, DType.F32, leaves, 0, 0, 0);
            TokenBatch batch = batch(arrays);
            List<Map<String, float[]>> ways = new ArrayList<>();
            for (boolean checkpointed : new boolean[] {false, true}) {
                leaves.clearGradients();
                Activations activations = decoder.forward(batch, pass, checkpointed);
                activations.backward(activations.output());
                Map<String, float[]> gradients = new LinkedHashMap<>();
                for (int i = 0; i < adapter.parameters().size(); i++) {
                    Tensor gradient = leaves.gradients().get(i);
                    assertThat(gradient).isNotNull();
                    gradients.put(adapter.parameters().get(i).name(), gradient.toFloats());
                }
                ways.add(gradients);
            }
            ways.get(0).forEach((name, gradient) -> {
                Difference.assertWithinRelative(1e-5, ways.get(1).get(name), gradient, name);
                // B is zero at first, so that nothing reaches A
                assertThat(Difference.largest(gradient) > 0).as(name).isEqualTo(name.contains("lora_B"));
            });
        }
    }

    /** 1 + 2⁻⁸ has no place in bf16: rounded first, it would be 1. */
    @Test
    void gemmasNormKeepsSmallWeightsInBf16() throws IOException {
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(model("gemma"), DType.BF16);
                Parameter weight = new Parameter(
                        "norm", Tensor.full(DType.F32, 1.0 / 256, 32).to(DType.BF16), false)) {
            float[] values = new float[32];
            for (int i = 0; i < 32; i++) {
                values[i] = (i - 15.5f) / 4;
            }
            double meanSquare = IntStream.range(0, 32)
                    .mapToDouble(i -> values[i] * values[i])
                    .average()
                    .orElseThrow();
            float[] actual = Decoder.norm(
                            Tensor.of(values, 1, 32).to(DType.BF16),
                            weight,
                            decoder.config(),
                            Pass.inference(Pass.Direction.CAUSAL, DType.BF16))
                    .toFloats();
            for (int i = 0; i < 32; i++) {
                double exact = values[i] / Math.sqrt(meanSquare) * (1 + 1.0 / 256);
                assertThat((double) actual[i]).as("value %s", i).isCloseTo(exact, withinPercentage(100 * 1.01 / 512));
            }
        }
    }

    private Path model(String family) throws IOException {
        Path folder = temporary.resolve(family);
        if (!Files.exists(folder)) {
            Golden.OWN.copy("families/" + family, folder);
            if (family.startsWith("llama")) {
                Files.copy(Golden.OWN.file("models/llama/model.safetensors"), folder.resolve("model.safetensors"));
            }
        }
        return folder;
    }

    private static TokenBatch batch(GoldenArrays arrays) {
        int[][] ids = arrays.intRows("input_ids");
        int[][] mask = arrays.intRows("attention_mask");
        return new TokenBatch(
                ids.length,
                ids[0].length,
                Arrays.stream(ids).flatMapToInt(Arrays::stream).asLongStream().toArray(),
                Arrays.stream(mask).mapToInt(GoldenArrays::padding).toArray());
    }
}
