package io.github.llm2vec4j.core.checkpoint;

/** IEEE 754 numbers of 16 bits. */
final class HalfFloat {
    private HalfFloat() {}

    static float toFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        if (exponent == 0) {
            float value = fraction * 0x1p-24f;
            return sign == 0 ? value : -value;
        }
        int wide = exponent == 31 ? 255 : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
}
