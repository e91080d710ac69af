package io.github.llm2vec4j.evaluation.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The readers on the real files of their publishers; skipped, and counted so, where they are not at hand. */
class PublicDataTest {
    private static final Path FOLDER = Path.of(System.getProperty("hebrew.data", "../../shared/data/hebrew"));

    @BeforeEach
    void needsTheData() {
        assumeTrue(Files.isDirectory(FOLDER), FOLDER + " is not there: readers not tried on the published files");
    }

    @Test
    void everyFileReadsWhole() {
        Suite suite = HebrewSuite.folder(FOLDER, SuiteOptions.FULL);
        assertThat(suite.skipped()).extracting(Skipped::name).containsExactly("hebnli-triples");
        Map<String, Task> tasks = suite.tasks().stream().collect(Collectors.toMap(Task::name, task -> task));
        assertThat(tasks.get("ud-htb-pos").trainSize()).isEqualTo(484);
        assertThat(tasks.get("ud-htb-pos").testSize()).isEqualTo(491);
        assertThat(tasks.get("nemo-ner").testSize()).isEqualTo(706);
        assertThat(((Retrieval) tasks.get("heq-retrieval")).corpus()).hasSize(239);
        assertThat(tasks.get("hebnli-pairs").testSize()).isEqualTo(654 + 657);
        assertThat(tasks.get("tatoeba-bitext").testSize()).isEqualTo(500);
        assertThat(tasks.get("ntrex-bitext").testSize()).isEqualTo(997);
        assertThat(tasks.get("law-reranking").testSize()).isEqualTo(300);
        assertThat(tasks.get("law-clustering").testSize()).isEqualTo(300);
        assertThat(((Retrieval) tasks.get("law-retrieval")).corpus()).hasSizeBetween(450, 500);
        assertThat(((Retrieval) tasks.get("bill-retrieval")).corpus()).hasSizeBetween(280, 330);
        assertThat(((WordTagging) tasks.get("nemo-ner")).test())
                .flatExtracting(sentence -> sentence.tags())
                .contains("B-PER", "I-ORG", "O")
                .noneMatch(tag -> tag.startsWith("S-") || tag.startsWith("E-"));
    }

    @Test
    void theBaselinesScoreWhereTheyShould() {
        List<TaskResult> results = HebrewSuite.folder(FOLDER, SuiteOptions.SHORT)
                .runBaselines(result -> {})
                .results();
        Map<String, Double> scores =
                results.stream().collect(Collectors.toMap(TaskResult::task, TaskResult::mainScore));
        assertThat(scores.get("ud-htb-pos")).isBetween(0.70, 0.80);
        assertThat(scores.get("sentiment")).isBetween(0.75, 0.85);
        assertThat(scores.get("heq-retrieval")).isBetween(0.80, 0.95);
        assertThat(scores.get("hebnli-pairs")).isBetween(0.55, 0.75);
    }
}
