package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorTest {
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void valuesGoInAndComeOutInRowOrder() {
        Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

        assertThat(tensor.shape()).containsExactly(2, 3);
        assertThat(tensor.size(-1)).isEqualTo(3);
        assertThat(tensor.byteCount()).isEqualTo(24);
        assertThat(tensor.toRows()).isDeepEqualTo(new float[][] {{1, 2, 3}, {4, 5, 6}});
        assertThat(tensor.transpose(0, 1).toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(Tensor.of(new long[] {Long.MIN_VALUE, 7}, 2).toLongs()).containsExactly(Long.MIN_VALUE, 7);
        assertThat(tensor).hasToString("F32[2, 3]");
    }

    @Test
    void valuesThatDoNotFillTheShapeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of(new float[3], 2, 2))
                .withMessageContaining("[2, 2] needs 4 values, found 3");
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.of(new long[3], 2));
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.ofBytes(DType.F32, new byte[7], 2));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void tensorsWithoutElementsAreHandled(DType type) {
        Tensor empty = Tensor.zeros(type, 0, 3);

        assertThat(empty.toFloats()).isEmpty();
        assertThat(empty.toLongs()).isEmpty();
        assertThat(empty.toRows()).isEmpty();
        assertThat(empty.byteCount()).isZero();
        assertThat(Tensor.ofBytes(type, new byte[0], 3, 0).dtype()).isEqualTo(type);
        empty.readBytes(0, new byte[0], 0);
    }

    @Test
    void emptyArraysMakeEmptyTensors() {
        assertThat(Tensor.of(new float[0], 0).shape()).containsExactly(0);
        assertThat(Tensor.of(new long[0], 2, 0).shape()).containsExactly(2, 0);
        assertThat(Tensor.of(new float[0], 0).isFinite()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void bytesComeBackAsTheyWentIn(DType type) {
        byte[] bytes = new byte[6 * type.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (type == DType.BOOL ? i % 2 : i + 1);
        }
        Tensor tensor = Tensor.ofBytes(type, bytes, 2, 3);
        byte[] middle = new byte[bytes.length];
        tensor.readBytes(2, middle, bytes.length - 2);

        assertThat(tensor.dtype()).isEqualTo(type);
        assertThat(tensor.byteCount()).isEqualTo(bytes.length);
        assertThat(java.util.Arrays.copyOf(middle, bytes.length - 2))
                .isEqualTo(java.util.Arrays.copyOfRange(bytes, 2, bytes.length));
    }

    @Test
    void bytesOutsideOfTheTensorAreRefused() {
        Tensor tensor = Tensor.zeros(DType.F32, 2, 2);
        assertThatIllegalArgumentException().isThrownBy(() -> tensor.readBytes(-1, new byte[4], 4));
        assertThatIllegalArgumentException().isThrownBy(() -> tensor.readBytes(13, new byte[4], 4));
        assertThatIllegalArgumentException().isThrownBy(() -> tensor.readBytes(Long.MAX_VALUE, new byte[4], 4));
        assertThatIllegalArgumentException().isThrownBy(() -> tensor.readBytes(0, new byte[4], -1));
        assertThatIllegalArgumentException().isThrownBy(() -> tensor.readBytes(0, new byte[4], 8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tensor.transpose(0, 1).readBytes(0, new byte[4], 4));
    }

    @Test
    void aViewAtAnyAddressHasTheRightValues() {
        Tensor bytes = Tensor.ofBytes(DType.U8, new byte[] {0, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0}, 8);
        assertThat(bytes.narrow(0, 1, 4).viewAs(DType.F32, 1).item()).isEqualTo(1);
        assertThat(bytes.viewAs(DType.F32, 2).shape()).containsExactly(2);
        assertThat(bytes.narrow(0, 8, 0).viewAs(DType.F32, 0).toFloats()).isEmpty();
    }

    @Test
    void operationsInPlaceChangeTheTensorAndReturnIt() {
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Tensor a = Tensor.of(new float[] {2, 3}, 2);
        Tensor b = Tensor.of(new float[] {4, 6}, 2);

        assertThat(x.addInPlace(a)).isSameAs(x);
        assertThat(x.toFloats()).containsExactly(3, 5);
        assertThat(x.mulInPlace(2)).isSameAs(x);
        assertThat(x.toFloats()).containsExactly(6, 10);
        assertThat(x.lerpInPlace(b, 0.5)).isSameAs(x);
        assertThat(x.toFloats()).containsExactly(5, 8);
        assertThat(x.addProductInPlace(a, b, 0.5)).isSameAs(x);
        assertThat(x.toFloats()).containsExactly(9, 17);
        assertThat(x.addQuotientInPlace(b, a, -2)).isSameAs(x);
        assertThat(x.toFloats()).containsExactly(5, 13);
        assertThat(x.copyInPlace(a)).isSameAs(x);
        assertThat(x.fillInPlace(7)).isSameAs(x);
        assertThat(x.toFloats()).containsExactly(7, 7);
        assertThat(a.toFloats()).containsExactly(2, 3);
    }

    @Test
    void aCopyHasMemoryOfItsOwnAndADetachedTensorHasNot() {
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Tensor copy = x.copy();
        Tensor detached = x.detach();
        x.fillInPlace(5);

        assertThat(copy.toFloats()).containsExactly(1, 2);
        assertThat(detached.toFloats()).containsExactly(5, 5);
    }

    @Test
    void rowsAreNormalizedToLengthOne() {
        Tensor rows = Tensor.of(new float[] {3, 4, 0, 0}, 2, 2).normalize(1e-12);
        assertThat(rows.toFloats()).containsExactly(0.6f, 0.8f, 0, 0);
    }

    @Test
    void attentionAveragesTheValuesThatAQueryMaySee() {
        Tensor query = Tensor.zeros(DType.F32, 1, 4, 3, 2);
        Tensor key = Tensor.zeros(DType.F32, 1, 2, 3, 2);
        Tensor value = Tensor.of(new float[] {1, 1, 2, 2, 3, 3, 10, 10, 20, 20, 30, 30}, 1, 2, 3, 2);
        Tensor mask = Tensor.ofBytes(DType.BOOL, new byte[] {1, 0, 1}, 1, 1, 1, 3);

        assertThat(FusedAttention.of(query, key, value, null, false, 1)
                        .narrow(1, 3, 1)
                        .toFloats())
                .containsExactly(new float[] {20, 20, 20, 20, 20, 20}, within(1e-5f));
        assertThat(FusedAttention.of(query, key, value, null, true, 1)
                        .narrow(1, 0, 1)
                        .toFloats())
                .containsExactly(new float[] {1, 1, 1.5f, 1.5f, 2, 2}, within(1e-6f));
        assertThat(FusedAttention.of(query, key, value.mul(2), mask, false, 1)
                        .narrow(1, 0, 1)
                        .toFloats())
                .containsExactly(new float[] {4, 4, 4, 4, 4, 4}, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.25, 0.9})
    void dropoutKeepsTheMean(double probability) {
        Tensor x = Tensor.full(DType.F32, 1, 100_000);
        Tensor dropped = x.dropout(probability, RandomState.seeded(3));
        Tensor zeros = dropped.eq(Tensor.zeros(DType.F32, 1)).to(DType.F32);

        assertThat(dropped.mean().item()).isCloseTo(1, within(0.05));
        assertThat(zeros.mean().item()).isCloseTo(probability, within(0.01));
    }

    @Test
    void dropoutOfEverythingIsZeroAndNotNaN() {
        assertThat(Tensor.full(DType.F32, 1, 4)
                        .dropout(1, RandomState.seeded(3))
                        .toFloats())
                .containsOnly(0f);
    }

    @Test
    void nonFiniteValuesAreSeen() {
        assertThat(Tensor.of(new float[] {1, Float.NaN}, 2).isFinite()).isFalse();
        assertThat(Tensor.of(new float[] {1, Float.NEGATIVE_INFINITY}, 2).isFinite())
                .isFalse();
        assertThat(Tensor.of(new float[] {1, Float.MAX_VALUE}, 2).isFinite()).isTrue();
    }

    @Test
    void shapesThatDoNotFitAreRefusedAndTheTensorsStayUsable() {
        Tensor a = Tensor.full(DType.F32, 1, 2, 3);
        Tensor b = Tensor.full(DType.F32, 1, 2, 3);

        assertThatThrownBy(() -> a.matmul(b)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> a.reshape(5)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> a.item()).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> Tensor.zeros(DType.F32, -1)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> Tensor.full(DType.F32, 1, 5, 2).embedding(Tensor.of(new long[] {5}, 1)))
                .isInstanceOf(RuntimeException.class);
        assertThat(a.matmul(b.transpose(0, 1)).toFloats()).containsOnly(3f);
    }

    @Test
    void partsAreJoined() {
        Tensor a = Tensor.of(new float[] {1, 2}, 1, 2);
        Tensor b = Tensor.of(new float[] {3, 4}, 1, 2);
        assertThat(Tensor.cat(List.of(a, b), 0).toFloats()).containsExactly(1, 2, 3, 4);
        assertThat(Tensor.cat(List.of(a, b, a), 1).shape()).containsExactly(1, 6);
    }
}
