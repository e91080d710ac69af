package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every vector of the reference that is right; {@link ReferenceErrors} says which are not, and why. */
class EncoderGoldenTest {
    private static final double FP32 = 2e-5;
    /**
     * The reference's two attention kernels differ by up to 0.09 in bf16; see also the test of the distance to fp32.
     */
    private static final double BF16 = 0.2;

    @TempDir
    private Path temporary;

    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(Golden.OWN, "mistral", "mistral", ReferenceErrors.OWN, "float32", FP32),
                arguments(Golden.OWN, "llama", "llama", ReferenceErrors.OWN, "float32", FP32),
                arguments(Golden.SHARED, "mistral", "mistral", ReferenceErrors.LLAMA, "float32", FP32),
                arguments(Golden.SHARED, "llama", "llama", ReferenceErrors.LLAMA, "float32", FP32),
                arguments(Golden.SHARED, "llama3-rope", "llama3-rope", ReferenceErrors.LLAMA, "float32", FP32),
                arguments(Golden.SHARED, "gemma", "gemma", ReferenceErrors.GEMMA, "float32", FP32),
                arguments(Golden.SHARED, "qwen2", "qwen2", ReferenceErrors.QWEN2, "float32", FP32),
                arguments(
                        Golden.SHARED,
                        "qwen2_truly_bidirectional_patched",
                        "qwen2",
                        ReferenceErrors.QWEN2,
                        "float32",
                        FP32),
                arguments(
                        Golden.SHARED, "mistral-bf16_as_fp32", "mistral-bf16", ReferenceErrors.LLAMA, "float32", FP32),
                arguments(
                        Golden.SHARED,
                        "mistral-bf16_as_bf16",
                        "mistral-bf16",
                        ReferenceErrors.LLAMA,
                        "bfloat16",
                        BF16));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void vectorsAreThoseOfTheReference(
            Golden golden, String run, String model, ReferenceErrors errors, String dtype, double tolerance)
            throws IOException {
        GoldenItems items = GoldenItems.of(golden, run);
        int compared = 0;
        try (GoldenArrays arrays = golden.arrays("encode/" + run + "/arrays.safetensors")) {
            for (String name : new TreeSet<>(arrays.namesUnder("emb/"))) {
                String[] parts = name.split("/");
                boolean causal = parts[1].equals("uni");
                if (run.equals("qwen2") && !causal) {
                    continue; // the reference's is causal all the same
                }
                EncoderConfig config = TinyEncoder.config(parts[0], Pooling.of(parts[2]), parts[3].equals("skip"));
                if (config.pooling() == Pooling.BOS_TOKEN && model.equals("qwen2")) {
                    continue; // it has none
                }
                try (Llm2Vec encoder = TinyEncoder.load(golden, "models/" + model, temporary, config, causal, dtype)) {
                    List<PreparedText> prepared = items.prepare(encoder);
                    List<Integer> comparable = comparable(arrays, parts[0], prepared, config);
                    assertThat(comparable)
                            .as(
                                    "items of %s with the reference's tokens: all but %s",
                                    name, errors.of(parts[0], config))
                            .isEqualTo(IntStream.range(0, items.count())
                                    .filter(i -> !errors.of(parts[0], config).containsKey(i))
                                    .boxed()
                                    .toList());
                    float[][] actual = encoder.encodePrepared(prepared);
                    float[][] expected = arrays.floatRows("emb/" + name);
                    for (int item : comparable) {
                        Difference.assertWithin(tolerance, actual[item], expected[item], name + ", item " + item);
                        compared++;
                    }
                }
            }
        }
        assertThat(compared).as("vectors compared").isGreaterThanOrEqualTo(36);
    }

    /** Where roundings differ, no more is lost than by the reference: the distance to the vectors in fp32. */
    @Test
    void vectorsInBf16AreAsNearToFp32AsThoseOfTheReference() throws IOException {
        GoldenItems items = GoldenItems.of(Golden.SHARED, "mistral-bf16_as_bf16");
        double own = 0;
        double reference = 0;
        try (GoldenArrays narrow = Golden.SHARED.arrays("encode/mistral-bf16_as_bf16/arrays.safetensors");
                GoldenArrays wide = Golden.SHARED.arrays("encode/mistral-bf16_as_fp32/arrays.safetensors")) {
            for (String direction : List.of("bi", "uni")) {
                String name = "emb/small/" + direction + "/mean/skip";
                EncoderConfig config = TinyEncoder.config("small", Pooling.MEAN, true);
                try (Llm2Vec encoder = TinyEncoder.load(
                        Golden.SHARED, "models/mistral-bf16", temporary, config, direction.equals("uni"), "bfloat16")) {
                    List<PreparedText> prepared = items.prepare(encoder);
                    float[][] actual = encoder.encodePrepared(prepared);
                    for (int item : comparable(wide, "small", prepared, config)) {
                        float[] exact = wide.floatRows(name)[item];
                        own += squaredDistance(actual[item], exact);
                        reference += squaredDistance(narrow.floatRows(name)[item], exact);
                    }
                }
            }
        }
        assertThat(own).as("squared distance to fp32").isPositive().isLessThan(1.1 * reference);
    }

    private static double squaredDistance(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> ((double) a[i] - b[i]) * ((double) a[i] - b[i]))
                .sum();
    }

    private static List<Integer> comparable(
            GoldenArrays arrays, String setting, List<PreparedText> prepared, EncoderConfig config) {
        boolean closed = config.pooling() == Pooling.EOS_TOKEN;
        return GoldenItems.comparable(
                arrays, "tok/" + setting + "/" + (closed ? "eos_token" : "plain"), prepared, config);
    }
}
