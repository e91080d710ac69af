package io.github.llm2vec4j.evaluation.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.evaluation.FakeEncoder;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
    private static final List<String> TEXTS = List.of("red cat", "blue dog", "red cat", "");

    @TempDir
    Path folder;

    private final FakeEncoder fake = new FakeEncoder();

    private CachedEncoder cached() {
        return new CachedEncoder("fake", fake, fake, VectorCache.open(folder));
    }

    @Test
    void theVectorsAreThoseOfTheEncoderAndASecondRunAsksForNone() {
        float[][] expected = new FakeEncoder().encode("find", TEXTS);
        assertThat(cached().encode("find", TEXTS)).isDeepEqualTo(expected);
        assertThat(fake.seen).containsExactly("find|red cat", "find|blue dog", "find|");
        fake.seen.clear();
        assertThat(cached().encode("find", TEXTS)).isDeepEqualTo(expected);
        assertThat(fake.seen).isEmpty();
        cached().encode("find", List.of("old tree", "red cat"));
        assertThat(fake.seen).containsExactly("find|old tree");
    }

    @Test
    void anInstructionOrWordsMakeAnotherKey() {
        CachedEncoder encoder = cached();
        encoder.encode(null, List.of("a b"));
        encoder.encode("a", List.of("b"));
        encoder.encode("", List.of("a b")); // none is as good as an empty one
        assertThat(fake.seen).containsExactly("a b", "a|b");
        assertThat(encoder.encodeWords(List.of(List.of("a", "b"))))
                .isDeepEqualTo(fake.encodeWords(List.of(List.of("a", "b"))));
        assertThat(VectorCache.open(folder).size()).isEqualTo(3);
        assertThat(cached().encodeWords(List.of(List.of("a", "b"), List.of("a")))[1])
                .hasDimensions(1, 32);
    }

    @Test
    void filesThatAreDamagedCountAsNone() throws IOException {
        cached().encode(null, TEXTS);
        Path file;
        try (Stream<Path> files = Files.list(folder)) {
            file = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        for (byte[] damaged :
                List.of(Arrays.copyOf(whole, whole.length - 1), Arrays.copyOf(whole, 20), new byte[0], new byte[100])) {
            Files.write(file, damaged);
            assertThat(VectorCache.open(folder).size()).isZero();
        }
        float[][] expected = new FakeEncoder().encode(null, TEXTS);
        assertThat(cached().encode(null, TEXTS)).isDeepEqualTo(expected);
        assertThat(cached().encode(null, TEXTS)).isDeepEqualTo(expected);
    }

    @Test
    void anEncoderThatLosesATextFillsNoCache() {
        TextEncoder broken = new TextEncoder() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public float[][] encode(@Nullable String instruction, List<String> texts) {
                return new float[][] {{1}};
            }
        };
        CachedEncoder encoder = new CachedEncoder("broken", broken, fake, VectorCache.open(folder));
        assertThatThrownBy(() -> encoder.encode(null, TEXTS)).hasMessage("encoder broken: expected 3 vectors, found 1");
        assertThat(VectorCache.open(folder).size()).isZero();
    }

    @Test
    void aResultIsKeptForTheSameTaskAlone() throws IOException {
        AtomicInteger runs = new AtomicInteger();
        Retrieval task = task("red cat");
        for (int i = 0; i < 2; i++) {
            TaskResult result = new ResultCache(folder).result(task, () -> {
                runs.incrementAndGet();
                return task.run(fake);
            });
            assertThat(result).isEqualTo(task.run(fake));
        }
        assertThat(runs).hasValue(1);
        Task other = task("blue cat");
        new ResultCache(folder).result(other, () -> {
            runs.incrementAndGet();
            return task.run(fake);
        });
        assertThat(runs).hasValue(2);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.writeString(file, "{");
            }
        }
        assertThat(new ResultCache(folder).result(task, () -> task.run(fake))).isEqualTo(task.run(fake));
    }

    private static Retrieval task(String text) {
        return new Retrieval("r", null, List.of(new Retrieval.Query(text, Set.of(2, 0))), List.of("red", "dog", "cat"));
    }
}
