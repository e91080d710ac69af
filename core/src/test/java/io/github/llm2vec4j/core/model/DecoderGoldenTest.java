package io.github.llm2vec4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderGoldenTest {
    private static final double FP32 = 2e-5;
    private static final double BF16 = 0.1;
    private static final double LOGITS = 1e-4;

    static Stream<Arguments> states() {
        return Stream.of(
                arguments(Golden.OWN, "mistral", "mistral", "bi"),
                arguments(Golden.OWN, "mistral", "mistral", "uni"),
                arguments(Golden.OWN, "llama", "llama", "bi"),
                arguments(Golden.OWN, "llama", "llama", "uni"),
                arguments(Golden.SHARED, "mistral", "mistral", "bi"),
                arguments(Golden.SHARED, "mistral", "mistral", "uni"),
                arguments(Golden.SHARED, "mistral-bf16_as_fp32", "mistral-bf16", "bi"),
                arguments(Golden.SHARED, "mistral-bf16_as_fp32", "mistral-bf16", "uni"),
                arguments(Golden.SHARED, "llama", "llama", "bi"),
                arguments(Golden.SHARED, "llama", "llama", "uni"),
                arguments(Golden.SHARED, "llama3-rope", "llama3-rope", "bi"),
                arguments(Golden.SHARED, "llama3-rope", "llama3-rope", "uni"),
                arguments(Golden.SHARED, "gemma", "gemma", "bi"),
                arguments(Golden.SHARED, "gemma", "gemma", "uni"),
                // The reference's "bidirectional" Qwen2 is causal; the patched one is the right answer.
                arguments(Golden.SHARED, "qwen2", "qwen2", "uni"),
                arguments(Golden.SHARED, "qwen2_truly_bidirectional_patched", "qwen2", "bi"));
    }

    @ParameterizedTest
    @MethodSource("states")
    void statesOfTokensAreThoseOfTheReference(Golden golden, String run, String model, String direction) {
        try (GoldenArrays arrays = golden.arrays("encode/" + run + "/arrays.safetensors");
                Decoder decoder = Decoder.load(golden.file("models/" + model), DType.F32)) {
            compareStates(arrays, decoder, direction, DType.F32, FP32, false);
        }
    }

    @ParameterizedTest
    @MethodSource("states")
    void statesOfPaddingAreThoseOfTheReference(Golden golden, String run, String model, String direction) {
        try (GoldenArrays arrays = golden.arrays("encode/" + run + "/arrays.safetensors");
                Decoder decoder = Decoder.load(golden.file("models/" + model), DType.F32)) {
            compareStates(arrays, decoder, direction, DType.F32, FP32, true);
        }
    }

    private static void compareStates(
            GoldenArrays arrays, Decoder decoder, String direction, DType type, double tolerance, boolean padding) {
        float[] expected = arrays.floats("hidden/small/" + direction);
        TokenBatch batch =
                batch(arrays.intRows("tok/small/plain/input_ids"), arrays.intRows("tok/small/plain/attention_mask"));
        float[] actual = states(decoder, batch, direction, type);
        int hidden = decoder.config().hiddenSize();
        int compared = 0;
        for (int r = 0; r < batch.rows(); r++) {
            int border = r * batch.length() + batch.padding()[r];
            int from = (padding ? r * batch.length() : border) * hidden;
            int to = (padding ? border : (r + 1) * batch.length()) * hidden;
            Difference.assertWithin(
                    tolerance,
                    Arrays.copyOfRange(actual, from, to),
                    Arrays.copyOfRange(expected, from, to),
                    "row " + r);
            compared += to - from;
        }
        assertThat(compared).as("values compared").isPositive();
    }

    @ParameterizedTest
    @EnumSource(Golden.class)
    void logitsWithAnAdapterAreThoseOfTheReference(Golden golden) {
        String file = "training/mntp/mistral";
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                GoldenArrays arrays = golden.arrays(file + ".safetensors");
                Decoder decoder = Decoder.load(golden.file("models/mistral"), DType.F32)) {
            LoraConfig config = new LoraConfig(4, 8, 0, LoraConfig.ALL_LINEAR, "models/mistral");
            try (LoraAdapter adapter = LoraAdapter.inject(decoder, config, 1)) {
                adapter.parameters()
                        .forEach(p -> p.value()
                                .copyInPlace(Tensor.of(
                                        arrays.floats("lora_init/model." + p.name()),
                                        p.value().shape())));
                int[] shape = arrays.shape("batches/input_ids");
                int rows = shape[1];
                int length = shape[2];
                long[] ids = Arrays.stream(arrays.ints("batches/input_ids"))
                        .limit((long) rows * length)
                        .asLongStream()
                        .toArray();
                Tensor states = decoder.hiddenStates(
                        new TokenBatch(rows, length, ids, new int[rows]),
                        Pass.inference(Pass.Direction.BIDIRECTIONAL, DType.F32));
                Difference.assertWithin(FP32, states.toFloats(), arrays.floats("batch0/hidden"), "states");
                Tensor logits = states.linear(decoder.head().value(), null);
                Difference.assertWithin(
                        LOGITS,
                        logits.narrow(0, 0, 2).narrow(2, 0, 64).toFloats(),
                        arrays.floats("batch0/logits_first2rows_first64vocab"),
                        "logits");
                Difference.assertWithin(
                        LOGITS,
                        logits.narrow(0, 0, 1).narrow(1, length - 1, 1).toFloats(),
                        arrays.floats("batch0/logits_row0_full_last_position"),
                        "logits of the last position");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Golden.class)
    void onlyBidirectionalAttentionSeesLaterTokens(Golden golden) {
        try (Decoder decoder = Decoder.load(golden.file("models/mistral"), DType.F32)) {
            int hidden = decoder.config().hiddenSize();
            for (String direction : new String[] {"bi", "uni"}) {
                float[] one = states(decoder, batch(new int[][] {{1, 30, 31, 32}}, null), direction, DType.F32);
                float[] other = states(decoder, batch(new int[][] {{1, 30, 31, 40}}, null), direction, DType.F32);
                double change = Difference.max(Arrays.copyOf(one, hidden), Arrays.copyOf(other, hidden));
                assertThat(change > 1e-3)
                        .as("%s: the first state changes with the last token", direction)
                        .isEqualTo(direction.equals("bi"));
            }
        }
    }

    @Test
    void theSlidingWindowActsOnlyOnCausalAttention() {
        int[] ids = new int[30];
        Arrays.setAll(ids, i -> 20 + 3 * i);
        int[] changed = ids.clone();
        changed[0] = 500;
        try (Decoder decoder = Decoder.load(Golden.OWN.file("models/mistral"), DType.F32)) {
            int hidden = decoder.config().hiddenSize();
            assertThat(decoder.config().slidingWindows().stream()
                            .mapToInt(Integer::intValue)
                            .sum())
                    .isLessThan(ids.length);
            for (String direction : new String[] {"bi", "uni"}) {
                float[] one = states(decoder, batch(new int[][] {ids}, null), direction, DType.F32);
                float[] other = states(decoder, batch(new int[][] {changed}, null), direction, DType.F32);
                int last = one.length - hidden;
                double change = Difference.max(
                        Arrays.copyOfRange(one, last, one.length), Arrays.copyOfRange(other, last, other.length));
                assertThat(change > 1e-3)
                        .as("%s: the last state changes with the first token", direction)
                        .isEqualTo(direction.equals("bi"));
            }
        }
    }

    @Test
    void bf16WeightsAndArithmeticStayNearTheReference() {
        try (GoldenArrays arrays = Golden.SHARED.arrays("encode/mistral-bf16_as_bf16/arrays.safetensors");
                Decoder decoder = Decoder.load(Golden.SHARED.file("models/mistral-bf16"), DType.BF16)) {
            // A state is not an average as an embedding is, so its rounding is some times larger.
            compareStates(arrays, decoder, "bi", DType.BF16, 4 * BF16, false);
        }
    }

    private static TokenBatch batch(int[][] ids, int[][] mask) {
        int[] padding = new int[ids.length];
        Arrays.setAll(padding, r -> mask == null ? 0 : GoldenArrays.padding(mask[r]));
        long[] flat =
                Arrays.stream(ids).flatMapToInt(Arrays::stream).asLongStream().toArray();
        return new TokenBatch(ids.length, ids[0].length, flat, padding);
    }

    private static float[] states(Decoder decoder, TokenBatch batch, String direction, DType type) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Pass.Direction d = direction.equals("bi") ? Pass.Direction.BIDIRECTIONAL : Pass.Direction.CAUSAL;
            return decoder.hiddenStates(batch, Pass.inference(d, type)).toFloats();
        }
    }
}
