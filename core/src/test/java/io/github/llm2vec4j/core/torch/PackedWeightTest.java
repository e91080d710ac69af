package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.Difference;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedWeightTest {
    private static final int ROWS = 19;
    private static final int INPUTS = 96;
    private static final int OUTPUTS = 48;

    @BeforeEach
    void hasKernels() {
        Assumptions.assumeTrue(
                PackedWeight.isAvailable(DType.F32) && PackedWeight.isAvailable(DType.I8),
                "this engine has no packed kernels");
    }

    @ParameterizedTest
    @EnumSource(Epilogue.Kind.class)
    void doesWhatTheOperationsDoOneByOne(Epilogue.Kind kind) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor x = random(1, 1, ROWS, INPUTS);
            Tensor weight = random(2, OUTPUTS, INPUTS);
            Tensor bias = random(3, OUTPUTS);
            Epilogue epilogue = new Epilogue(kind, random(4, 1, ROWS, OUTPUTS));
            float[] expected = epilogue.apply(x.linear(weight, bias)).toFloats();
            try (PackedWeight packed = PackedWeight.of(weight, bias);
                    PackedWeight int8 = PackedWeight.int8(weight, bias);
                    PackedWeight int4 = PackedWeight.int4(weight, bias)) {
                Difference.assertWithin(
                        2e-5, packed.apply(new LinearInput(x), epilogue).toFloats(), expected, "fp32");
                assertThat(Difference.cosine(
                                int8.apply(new LinearInput(x), epilogue).toFloats(), expected))
                        .as("cosine in int8")
                        .isGreaterThan(Int8Weight.levels() == 127 ? 0.9998 : 0.9995)
                        .isLessThan(1);
                assertThat(Difference.cosine(
                                int4.apply(new LinearInput(x), epilogue).toFloats(), expected))
                        .as("cosine in 4 bits")
                        .isGreaterThan(0.98)
                        .isLessThan(0.9998);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16"})
    void int4IsExactOnSevenStepsToEachSide(DType type) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            float[] w = new float[OUTPUTS * INPUTS];
            for (int i = 0; i < w.length; i++) {
                w[i] = (i % 32 == 0 ? 7 : i * 11 % 15 - 7) * (1 + i / 32 % 3);
            }
            Tensor input = Tensor.of(whole(ROWS * INPUTS), ROWS, INPUTS).to(type);
            Tensor weight = Tensor.of(w, OUTPUTS, INPUTS).to(type);
            try (PackedWeight int4 = PackedWeight.int4(weight, null)) {
                Difference.assertWithinRelative(
                        type == DType.F32 ? 1e-6 : 0.01,
                        int4.apply(new LinearInput(input), Epilogue.NONE).toFloats(),
                        input.to(DType.F32).linear(weight.to(DType.F32), null).toFloats(),
                        "product");
            }
        }
    }

    private static float[] whole(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i * 7 % 31 - 15;
        }
        return values;
    }

    @Test
    void int4RefusesSizesThatItsKernelDoesNotTake() {
        try (Scope scope = Scope.open()) {
            org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                    .isThrownBy(() -> PackedWeight.int4(random(1, OUTPUTS, 40), null))
                    .withMessageContaining("40 inputs and 48 outputs")
                    .withMessageContaining("take int8");
        }
    }

    @Test
    void bf16IsWithinItsRounding() {
        Assumptions.assumeTrue(PackedWeight.isAvailable(DType.BF16), "this host has no packed kernels for bf16");
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor x = random(1, ROWS, INPUTS);
            Tensor weight = random(2, OUTPUTS, INPUTS);
            try (PackedWeight packed = PackedWeight.of(weight.to(DType.BF16), null)) {
                Tensor narrow = packed.apply(new LinearInput(x.to(DType.BF16)), Epilogue.NONE);
                assertThat(narrow.dtype()).isEqualTo(DType.BF16);
                Difference.assertWithinRelative(
                        0.01, narrow.toFloats(), x.linear(weight, null).toFloats(), "product");
            }
        }
    }

    /** The sums are as large as they can be, where a kernel that adds in 16 bits would lose them. */
    @Test
    void int8IsExactOnWholeNumbers() {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            float[] x = new float[ROWS * INPUTS];
            float[] w = new float[OUTPUTS * INPUTS];
            for (int i = 0; i < x.length; i++) {
                x[i] = i < INPUTS || i % INPUTS == 0 ? 127 : i * 7 % 255 - 127;
            }
            int levels = (int) Int8Weight.levels();
            for (int i = 0; i < w.length; i++) {
                w[i] = i < INPUTS || i % INPUTS == 0 ? levels : i * 11 % (2 * levels + 1) - levels;
            }
            Tensor input = Tensor.of(x, ROWS, INPUTS);
            Tensor weight = Tensor.of(w, OUTPUTS, INPUTS);
            try (PackedWeight int8 = PackedWeight.int8(weight, null)) {
                Difference.assertWithinRelative(
                        1e-6,
                        int8.apply(new LinearInput(input), Epilogue.NONE).toFloats(),
                        input.linear(weight, null).toFloats(),
                        "product");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16"})
    void aRowDoesNotDependOnTheOthers(DType type) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                PackedWeight int8 = PackedWeight.int8(random(2, OUTPUTS, INPUTS), null)) {
            Tensor large = random(5, 3, INPUTS).mul(1000);
            Tensor row = random(1, 1, INPUTS);
            float[] alone =
                    int8.apply(new LinearInput(row.to(type)), Epilogue.NONE).toFloats();
            float[] among = int8.apply(
                            new LinearInput(
                                    Tensor.cat(java.util.List.of(large, row), 0).to(type)),
                            Epilogue.NONE)
                    .toFloats();
            assertThat(Arrays.copyOfRange(among, 3 * OUTPUTS, 4 * OUTPUTS)).isEqualTo(alone);
        }
    }

    @Test
    void rowsOfZeroStayZero() {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                PackedWeight int8 = PackedWeight.int8(Tensor.zeros(DType.F32, OUTPUTS, INPUTS), null)) {
            assertThat(int8.apply(new LinearInput(Tensor.zeros(DType.BF16, 2, INPUTS)), Epilogue.NONE)
                            .toFloats())
                    .containsOnly(0f);
        }
    }

    @Test
    void holdsNoMemoryWhenItIsClosed() {
        long before = Tensor.liveCount();
        for (int i = 0; i < 50; i++) {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter();
                    PackedWeight packed = PackedWeight.of(random(2, OUTPUTS, INPUTS), random(3, OUTPUTS));
                    PackedWeight int8 = PackedWeight.int8(random(2, OUTPUTS, INPUTS), random(3, OUTPUTS))) {
                Stream.of(packed, int8)
                        .forEach(weight -> weight.apply(
                                new LinearInput(random(1, ROWS, INPUTS)), Epilogue.activation("gelu_pytorch_tanh")));
            }
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    private static Tensor random(long seed, long... shape) {
        return Tensor.zeros(DType.F32, shape).normalInPlace(0, 1, RandomState.seeded(seed));
    }
}
