package io.github.llm2vec4j.training.objective;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.Row;
import io.github.llm2vec4j.training.data.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which rows of which data set make a batch, as in the reference's reader of the E5 data. */
class BatchOrderTest {
    private static final int BATCH = 4;
    private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote("!@#$%^&*()"));

    /** The shared set's samples are in the order of the files, the own set's are shuffled within each. */
    @Test
    void inFileOrderTheBatchesAreThoseOfTheReference() throws IOException {
        List<List<List<String>>> expected = batchesOf(Golden.SHARED.json("training/supervised/mistral.json"));
        List<Path> files = files(Golden.SHARED);
        ContrastiveObjective objective = objective(Golden.SHARED, files, false);
        Set<List<List<String>>> own = new HashSet<>();
        for (int step = 0; step < objective.stepsPerEpoch(); step++) {
            own.add(texts(files, objective.batch(step)));
        }
        assertThat(own).hasSize(objective.stepsPerEpoch()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @EnumSource(Golden.class)
    void shuffledBatchesDrawOnTheDatasetsAsThoseOfTheReference(Golden golden) throws IOException {
        List<Path> files = files(golden);
        List<Set<List<String>>> datasets =
                files.stream().map(file -> Set.copyOf(texts(file))).toList();
        int[] reference = new int[files.size()];
        for (List<List<String>> batch : batchesOf(golden.json("training/supervised/mistral.json"))) {
            reference[only(datasets, batch)]++;
        }
        ContrastiveObjective objective = objective(golden, files, true);
        int[] own = new int[files.size()];
        for (int step = 0; step < objective.stepsPerEpoch(); step++) {
            ContrastiveObjective.Batch batch = objective.batch(step);
            assertThat(only(datasets, texts(files, batch))).isEqualTo(batch.dataset());
            own[batch.dataset()]++;
        }
        for (int d = 0; d < files.size(); d++) {
            // The fixtures hold the samples of the steps that were run, which need not be all.
            assertThat(reference[d])
                    .as("batches of %s", files.get(d).getFileName())
                    .isLessThanOrEqualTo(own[d]);
        }
    }

    /** The one data set that all rows of a batch are of. */
    private static int only(List<Set<List<String>>> datasets, List<List<String>> batch) {
        int[] those = IntStream.range(0, datasets.size())
                .filter(d -> datasets.get(d).containsAll(batch))
                .toArray();
        assertThat(those).as("data sets of a batch").hasSize(1);
        return those[0];
    }

    @ParameterizedTest
    @EnumSource(Golden.class)
    void anEpochHasEveryWholeBatchOfEveryDatasetOnce(Golden golden) throws IOException {
        List<Path> files = files(golden);
        ContrastiveObjective objective = objective(golden, files, true);
        int epoch = objective.stepsPerEpoch();
        for (int e = 0; e < 3; e++) {
            int[] batches = new int[files.size()];
            Set<List<Integer>> seen = new HashSet<>();
            for (int s = 0; s < epoch; s++) {
                ContrastiveObjective.Batch batch = objective.batch((long) e * epoch + s);
                batches[batch.dataset()]++;
                for (int row : batch.rows()) {
                    assertThat(row).isBetween(0, rowCount(files.get(batch.dataset())) - 1);
                    assertThat(seen.add(List.of(batch.dataset(), row)))
                            .as("row seen once")
                            .isTrue();
                }
            }
            assertThat(batches)
                    .isEqualTo(files.stream()
                            .mapToInt(file -> rowCount(file) / BATCH)
                            .toArray());
        }
    }

    @Test
    void epochsDifferAndTheSameSeedGivesTheSameOrder() throws IOException {
        List<Path> files = files(Golden.OWN);
        ContrastiveObjective one = objective(Golden.OWN, files, true);
        ContrastiveObjective other = objective(Golden.OWN, files, true);
        int epoch = one.stepsPerEpoch();
        List<Integer> first =
                IntStream.range(0, epoch).mapToObj(s -> one.batch(s).dataset()).toList();
        List<Integer> second = IntStream.range(epoch, 2 * epoch)
                .mapToObj(s -> one.batch(s).dataset())
                .toList();
        assertThat(first)
                .isNotEqualTo(second)
                .isNotEqualTo(first.stream().sorted().toList());
        for (int s = 2 * epoch - 1; s >= 0; s--) { // in any order of asking
            assertThat(other.batch(s).dataset()).isEqualTo(one.batch(s).dataset());
            assertThat(other.batch(s).rows()).isEqualTo(one.batch(s).rows());
        }
    }

    private static ContrastiveObjective objective(Golden golden, List<Path> files, boolean shuffle) {
        try (Tokenizer tokenizer = Tokenizer.load(golden.file("tokenizers/llama-bpe"))) {
            return new ContrastiveObjective(
                    ContrastiveRows.read(files, "", tokenizer, 96),
                    tokenizer.padId(),
                    new ContrastiveObjective.Settings(
                            Pass.Direction.BIDIRECTIONAL, BATCH, BATCH, false, 50, 0, 0, 7, shuffle, false));
        }
    }

    private static List<Path> files(Golden golden) throws IOException {
        try (Stream<Path> files = Files.list(golden.file("training/supervised/e5"))) {
            return files.sorted().toList();
        }
    }

    private static int rowCount(Path file) {
        return texts(file).size();
    }

    /** The query, positive and negative of each row of a batch. */
    private static List<List<String>> texts(List<Path> files, ContrastiveObjective.Batch batch) {
        List<List<String>> rows = texts(files.get(batch.dataset()));
        return Arrays.stream(batch.rows()).mapToObj(rows::get).toList();
    }

    private static List<List<String>> texts(Path file) {
        List<List<String>> rows = new ArrayList<>();
        try (Table table = Table.open(file)) {
            for (Row row = table.next(); row != null; row = table.next()) {
                rows.add(List.of(row.text("query"), row.text("positive"), row.text("negative")));
            }
        }
        return rows;
    }

    /** The same of the reference's samples, which come batch after batch. */
    private static List<List<List<String>>> batchesOf(JsonNode json) {
        List<List<String>> samples = new ArrayList<>();
        for (JsonNode texts : json.path("texts_per_sample")) {
            List<String> row = new ArrayList<>();
            texts.forEach(text -> row.add(SEPARATOR.split(text.asText(), -1)[1]));
            samples.add(row);
        }
        List<List<List<String>>> batches = new ArrayList<>();
        for (int i = 0; i + BATCH <= samples.size(); i += BATCH) {
            batches.add(samples.subList(i, i + BATCH));
        }
        assertThat(new LinkedHashSet<>(batches)).hasSizeGreaterThan(5);
        return batches;
    }
}
