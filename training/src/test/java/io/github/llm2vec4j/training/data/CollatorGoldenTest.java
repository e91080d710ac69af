package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Masking against the reference's collators: the same draws give the same inputs and labels. */
class CollatorGoldenTest {
    private static final double NO = 0.999999;

    static Stream<Arguments> collators() {
        return Stream.of(Golden.values())
                .flatMap(golden -> Stream.of(
                        arguments(golden, "all_mask", true),
                        arguments(golden, "all_mask_p20", true),
                        arguments(golden, "default", false)));
    }

    @ParameterizedTest
    @MethodSource("collators")
    void inputsAndLabelsAreThoseOfTheReference(Golden golden, String kind, boolean replaceAll) {
        JsonNode json = golden.json("training/collators/collators.json");
        try (GoldenArrays arrays = golden.arrays("training/collators/collators.safetensors")) {
            int[][] inputs = arrays.intRows(kind + "/in_input_ids");
            MaskingPolicy policy = policy(json, kind, replaceAll, specialIds(arrays, kind, inputs));
            int[][] expectedInputs = arrays.intRows(kind + "/out_input_ids");
            int[][] expectedLabels = arrays.intRows(kind + "/out_labels");
            for (int r = 0; r < inputs.length; r++) {
                GivenDraws draws = draws(arrays, kind, r, replaceAll);
                MaskingPolicy.Masked masked = policy.mask(inputs[r], draws);
                assertThat(masked.inputs()).as("inputs of row %d", r).isEqualTo(expectedInputs[r]);
                assertThat(masked.labels()).as("labels of row %d", r).isEqualTo(expectedLabels[r]);
                assertThat(draws.isUsedUp())
                        .as("draws of row %d are used up", r)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("collators")
    void theChancesAreThoseOfTheReference(Golden golden, String kind, boolean replaceAll) {
        JsonNode json = golden.json("training/collators/collators.json");
        try (GoldenArrays arrays = golden.arrays("training/collators/collators.safetensors")) {
            int[][] inputs = arrays.intRows(kind + "/in_input_ids");
            Set<Integer> special = specialIds(arrays, kind, inputs);
            MaskingPolicy policy = policy(json, kind, replaceAll, special);
            float[][] probability = arrays.floatRows(kind + "/draw0_probability");
            for (int r = 0; r < inputs.length; r++) {
                for (int i = 0; i < inputs[r].length; i++) {
                    double expected = special.contains(inputs[r][i]) ? 0 : policy.probability();
                    assertThat((double) probability[r][i]).isCloseTo(expected, within(1e-6));
                }
            }
        }
    }

    /** Rows of unequal length are masked one by one and padded on the left, where nothing is masked. */
    @ParameterizedTest
    @EnumSource(Golden.class)
    void rowsOfUnequalLengthArePaddedAsByTheReference(Golden golden) {
        JsonNode json = golden.json("training/collators/collators.json");
        JsonNode tokenized = golden.json("training/collators/grouping.json").path("tokenized_input_ids");
        String kind = "unequal_lengths";
        try (GoldenArrays arrays = golden.arrays("training/collators/collators.safetensors");
                Tokenizer tokenizer = Tokenizer.load(golden.file("tokenizers/llama-bpe"))) {
            int[][] expectedInputs = arrays.intRows(kind + "/out_input_ids");
            int[][] expectedLabels = arrays.intRows(kind + "/out_labels");
            int[][] mask = arrays.intRows(kind + "/out_attention_mask");
            MaskingPolicy policy = policy(json, "all_mask", true, Set.of(tokenizer.bosId()));
            int[][] inputs = new int[expectedInputs.length][];
            for (int r = 0; r < inputs.length; r++) {
                int padding = GoldenArrays.padding(mask[r]);
                int[] labels = Arrays.copyOfRange(expectedLabels[r], padding, expectedLabels[r].length);
                GivenDraws draws = new GivenDraws();
                Arrays.stream(labels).forEach(label -> draws.add(label == -100 ? NO : 0));
                int[] row = unpadded(expectedInputs[r], expectedLabels[r], padding);
                if (arrays.has(kind + "/draw0_result")) {
                    assertThat(row).isEqualTo(ints(tokenized.path(r)));
                }
                MaskingPolicy.Masked masked = policy.mask(row, draws);
                assertThat(masked.labels()).as("labels of row %d", r).isEqualTo(labels);
                assertThat(Arrays.stream(expectedLabels[r], 0, padding)).allMatch(label -> label == -100);
                inputs[r] = masked.inputs();
            }
            TokenBatch batch = TokenBatch.of(List.of(inputs), tokenizer.padId());
            assertThat(batch.ids())
                    .isEqualTo(Arrays.stream(expectedInputs)
                            .flatMapToInt(Arrays::stream)
                            .asLongStream()
                            .toArray());
            for (int r = 0; r < inputs.length; r++) {
                assertThat(batch.padding()[r]).isEqualTo(GoldenArrays.padding(mask[r]));
            }
        }
    }

    private static MaskingPolicy policy(JsonNode json, String kind, boolean replaceAll, Set<Integer> special) {
        return new MaskingPolicy(
                json.path(kind).path("mlm_probability").asDouble(0.8),
                json.path("mask_token_id").asInt(),
                replaceAll,
                json.path("tokenizer_len_after").asInt(),
                special);
    }

    /** The draws of a row in the order in which the policy asks for them. */
    private static GivenDraws draws(GoldenArrays arrays, String kind, int row, boolean replaceAll) {
        int[] chosen = arrays.intRows(kind + "/draw0_result")[row];
        int[] mask = replaceAll ? chosen : arrays.intRows(kind + "/draw1_result")[row];
        int[] random = replaceAll ? chosen : arrays.intRows(kind + "/draw2_result")[row];
        int[] words = replaceAll ? chosen : arrays.intRows(kind + "/random_words")[row];
        GivenDraws draws = new GivenDraws();
        for (int i = 0; i < chosen.length; i++) {
            draws.add(chosen[i] == 1 ? 0 : NO);
            if (chosen[i] == 0 || replaceAll) {
                continue;
            }
            draws.add(mask[i] == 1 ? 0 : random[i] == 1 ? 0.85 : 0.95);
            if (mask[i] == 0 && random[i] == 1) {
                draws.addToken(words[i]);
            }
        }
        return draws;
    }

    private static Set<Integer> specialIds(GoldenArrays arrays, String kind, int[][] inputs) {
        int[][] special = arrays.intRows(kind + "/in_special_tokens_mask");
        Set<Integer> ids = new HashSet<>();
        for (int r = 0; r < inputs.length; r++) {
            for (int i = 0; i < inputs[r].length; i++) {
                if (special[r][i] == 1) {
                    ids.add(inputs[r][i]);
                }
            }
        }
        assertThat(ids).isNotEmpty();
        return ids;
    }

    /** A row before it was masked and padded. */
    private static int[] unpadded(int[] inputs, int[] labels, int padding) {
        int[] row = new int[inputs.length - padding];
        Arrays.setAll(row, i -> labels[padding + i] == -100 ? inputs[padding + i] : labels[padding + i]);
        return row;
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        Arrays.setAll(values, i -> array.path(i).asInt());
        return values;
    }
}
