package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaggedFilesTest {
    private static final String FOUR_COLUMNS = """
            -DOCSTART- -X- -X- O

            Dana NNP B-NP B-PER
            lives VBZ B-VP O
            in IN B-PP O
            Haifa NNP B-NP B-LOC

            # # B-NP O
            . . O O
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "pos_tags, NNP VBZ IN NNP, # .",
        "chunk_tags, B-NP B-VP B-PP B-NP, B-NP O",
        "ner_tags, B-PER O O B-LOC, O O"
    })
    void theTaskChoosesTheColumn(String task, String first, String second) throws IOException {
        List<TaggedSentence> sentences = read(task, 0, "train.txt", FOUR_COLUMNS);

        assertThat(sentences).hasSize(2);
        assertThat(sentences.get(0).words()).containsExactly("Dana", "lives", "in", "Haifa");
        assertThat(sentences.get(0).tags()).containsExactly(first.split(" "));
        assertThat(sentences.get(1).words()).containsExactly("#", ".");
        assertThat(sentences.get(1).tags()).containsExactly(second.split(" "));
    }

    @ParameterizedTest
    @CsvSource({"pos_tags", "chunk_tags", "ner_tags"})
    void ofTwoColumnsTheSecondIsTheTag(String task) throws IOException {
        List<TaggedSentence> sentences = read(task, 0, "train.bmes", "דנה S-PER\nגרה O\nב חיפה S-GPE\r\n\n\nשלום O");

        assertThat(sentences).hasSize(2);
        assertThat(sentences.get(0).words()).containsExactly("דנה", "גרה", "ב חיפה");
        assertThat(sentences.get(0).tags()).containsExactly("S-PER", "O", "S-GPE");
    }

    @Test
    void aColumnCanBeNamed() throws IOException {
        assertThat(read("pos_tags", 4, "train.txt", FOUR_COLUMNS).get(0).tags())
                .containsExactly("B-PER", "O", "O", "B-LOC");
    }

    @Test
    void tabsPartColumnsWhereThereAreAny() throws IOException {
        assertThat(read("ner_tags", 0, "train.tsv", "New York\tNNP\tB-LOC\n").get(0))
                .isEqualTo(new TaggedSentence(List.of("New York"), List.of("B-LOC")));
    }

    @Test
    void conlluHasPartsOfSpeechAndEntities() throws IOException {
        String text = "# text = לים\n1-2\tלים\t_\t_\t_\t_\t_\t_\t_\tEntity=B-LOC\n"
                + "1\tל\t_\tADP\t_\t_\t2\t_\t_\t_\n2\tים\t_\tNOUN\t_\t_\t0\t_\t_\t_\n";
        assertThat(read("pos_tags", 0, "train.conllu", text).get(0).tags()).containsExactly("NOUN");
        assertThat(read("ner_tags", 0, "train.conllu", text).get(0).tags()).containsExactly("B-LOC");
        assertThatThrownBy(() -> read("chunk_tags", 0, "train.conllu", text))
                .isInstanceOf(BadDataException.class)
                .hasMessageEndingWith("train.conllu: CoNLL-U has no chunk_tags: give a file of columns");
        assertThatThrownBy(() -> read("pos_tags", 0, "train.conllu", "1\tx\n"))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("train.conllu line 1: expected 10 columns parted by tabs");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ner_tags | 0 | a B-PER/b | line 2: expected a word and its tag in columns, found b",
                "ner_tags | 0 | a N B-PER/b O | line 2: expected a word and 2 more in columns, found b O",
                "ner_tags | 4 | a N B-PER | line 1: expected a word and 3 more in columns, found a N B-PER",
                "ner_tags | 0 | a PER | line 1: expected a tag like O or B-PER in column 2, found a PER",
                "pos_tags | 0 | a~N/ ~N | line 2: expected a word and its tag in columns, found N",
                "pos_tags | 0 | a | line 1: expected a word and its tag in columns, found a",
            })
    void aLineThatDoesNotFitIsNamed(String task, int column, String lines, String said) {
        assertThatThrownBy(() ->
                        read(task, column, "train.txt", lines.replace('/', '\n').replace('~', '\t')))
                .isInstanceOf(BadDataException.class)
                .hasMessage(folder.resolve("train.txt") + " " + said);
    }

    @Test
    void aFileWithoutASentenceIsAnError() {
        assertThatThrownBy(() -> read("pos_tags", 0, "empty.txt", "\n\n"))
                .isInstanceOf(BadDataException.class)
                .hasMessageEndingWith("empty.txt: no sentence was found");
    }

    private List<TaggedSentence> read(String task, int column, String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        return new TaggedFiles(TagTask.of(task), column).read(List.of(file));
    }
}
