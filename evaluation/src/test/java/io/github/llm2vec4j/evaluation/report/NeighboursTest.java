package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NeighboursTest {
    private static final List<Example> EXAMPLES =
            List.of(new Example("a", "x"), new Example("b", "x"), new Example("c", "y"), new Example("a", "x"));
    private static final Map<String, float[][]> EMBEDDINGS =
            Map.of("m", new float[][] {{1, 0}, {2, 2}, {0.1f, 1}, {5, 0}});

    @Test
    void findsTheNearestByCosineWithoutTheQueryItself() {
        Neighbours neighbours = Neighbours.of(EXAMPLES, List.of(0), EMBEDDINGS, 3);

        List<Neighbours.Hit> hits = neighbours.queries().get(0).hits().get(0);
        assertThat(hits).extracting(hit -> hit.example().text()).containsExactly("b", "c");
        assertThat(hits.get(0).cosine()).isCloseTo(Math.sqrt(0.5), within(1e-6));
    }

    @Test
    void theMapCountsHowOftenTheNearestSharesTheTopic() {
        EmbeddingMap map = EmbeddingMap.of(EXAMPLES, EMBEDDINGS);

        // a and a are nearest to each other; b is nearer to c (y) than to a; c is nearest to b (x).
        assertThat(map.panels().get(0).sameTopic()).isEqualTo(0.5);
        assertThat(map.sameTopicByChance()).isEqualTo(6.0 / 12);
        assertThat(map.topics()).containsExactly("x", "y");
    }
}
