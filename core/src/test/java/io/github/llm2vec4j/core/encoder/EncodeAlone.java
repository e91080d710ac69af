package io.github.llm2vec4j.core.encoder;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Encodes some texts in a JVM of its own; prints what {@link AwkwardHostTest} reads. */
final class EncodeAlone {
    static final List<String> TEXTS = List.of("שלום עולם", "הַיַּלְדָּה שָׁתְתָה חָלָב 😀", "one two three");

    private EncodeAlone() {}

    public static void main(String[] arguments) {
        try (Llm2Vec model = Llm2Vec.builder(arguments[0]).dtype("float32").build()) {
            for (float[] vector : model.encode(TEXTS)) {
                System.out.println("vector: " + hex(vector));
            }
        }
        System.out.println("heap: " + Runtime.getRuntime().maxMemory());
        System.out.println("cores: " + Runtime.getRuntime().availableProcessors());
    }

    private static String hex(float[] vector) {
        return IntStream.range(0, vector.length)
                .mapToObj(i -> HexFormat.of().toHexDigits(Float.floatToIntBits(vector[i])))
                .collect(Collectors.joining());
    }
}
