package io.github.llm2vec4j.core.torch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a program does that embeds the library in a JVM of its own; prints what {@link EngineSettingsTest} reads. */
final class EmbeddedUse {
    private static final int CHUNK_BYTES = 50 << 20;

    private EmbeddedUse() {}

    public static void main(String[] arguments) throws Exception {
        List<Tensor> kept = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < 12; i++) {
                kept.add(Tensor.full(DType.F32, i, CHUNK_BYTES / 4).keep());
            }
            System.out.println(
                    "heap below the tensors: " + (Runtime.getRuntime().maxMemory() < 12L * CHUNK_BYTES));
            System.out.println(
                    "sum: " + (long) kept.get(11).narrow(0, 0, 10).sum().item());
        }
        kept.forEach(Tensor::close);
        System.out.println("live: " + Tensor.liveCount());
        try (Workers workers = new Workers(2)) {
            System.out.println("worker threads: "
                    + workers.map(4, i -> {
                        try (Scope scope = Scope.open()) {
                            Tensor x = Tensor.full(DType.F32, 1, 256, 256);
                            x.matmul(x);
                            return Engine.intraOpThreads();
                        }
                    }));
        }
        System.out.println("threads: " + Engine.intraOpThreads());
        for (String name : List.of("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "OMP_WAIT_POLICY")) {
            System.out.println(name + ": " + environment(name));
        }
        Path file = Files.createTempFile("קובץ", ".bin");
        try (Scope scope = Scope.open()) {
            Files.write(file, new byte[] {1, 2, 3});
            System.out.println(
                    "mapped: " + MappedFile.open(file, 3).bytes(0, 3).sum().item());
        } finally {
            Files.delete(file);
        }
    }

    /** What the native libraries see, which Java's own copy of the environment does not show. */
    private static String environment(String name) {
        return NativeLibrary.getInstance(Platform.isWindows() ? "msvcrt" : Platform.C_LIBRARY_NAME)
                .getFunction("getenv")
                .invokeString(new Object[] {name}, false);
    }
}
