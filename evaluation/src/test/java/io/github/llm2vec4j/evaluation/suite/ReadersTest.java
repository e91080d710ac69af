package io.github.llm2vec4j.evaluation.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.tagging.ConlluSentence;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadersTest {
    private static final String SENTENCE = """
            # sent_id = 1
            # topic = travel
            # text = הלכתי לים.
            1	הלכתי	_	VERB	_	_	0	root	_	_
            2-4	לים	_	_	_	_	_	_	_	SpaceAfter=No|Entity=B-LOC
            2	ל	_	ADP	_	_	4	case	_	_
            3	ה	_	DET	_	_	4	det	_	_
            4	ים	_	NOUN	_	_	1	obl	_	_
            4.1	x	_	_	_	_	_	_	_	_
            5	.	_	PUNCT	_	_	1	punct	_	_

            """;

    @Test
    void aMultiwordTokenIsOneWordWithTheTagOfItsHead() {
        ConlluSentence sentence = read(SENTENCE, SourceFile::conllu).get(0);
        assertThat(sentence.words()).containsExactly("הלכתי", "לים", ".");
        assertThat(sentence.partsOfSpeech()).containsExactly("VERB", "NOUN", "PUNCT");
        assertThat(sentence.entities()).containsExactly("O", "B-LOC", "O");
        assertThat(sentence.topic()).isEqualTo("travel");
        assertThat(sentence.text()).isEqualTo("הלכתי לים.");
    }

    @Test
    void theHeadPartMayComeFirstAndWithoutHeadsTheLastPartCounts() {
        String possessive = "1-2\tביתו\t_\t_\t_\t_\t_\t_\t_\t_\n1\tבית\t_\tNOUN\t_\t_\t0\t_\t_\t_\n"
                + "2\tהוא\t_\tPRON\t_\t_\t1\t_\t_\t_\n";
        assertThat(read(possessive, SourceFile::conllu).get(0).partsOfSpeech()).containsExactly("NOUN");
        String headless = possessive.replace("\t0\t", "\t_\t").replace("\t1\t_\t_\t_\n", "\t_\t_\t_\t_\n");
        assertThat(read(headless, SourceFile::conllu).get(0).partsOfSpeech()).containsExactly("PRON");
        assertThat(read(headless, SourceFile::conllu).get(0).text()).isEqualTo("ביתו");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "PUNCT\t_; PUNCT_; 'line 10: expected 10 columns parted by tabs, found 9 in'",
                "VERB; VRB; 'line 4: expected a Universal POS tag in column 4, found VRB'",
                "5\t.; 6\t.; 'line 10: expected ID 5, found 6'",
                "5\t.; five\t.; 'line 10: expected an ID like 3, 3-4 or 3.1, found five'",
                "2-4; 2-9; 'line 5: expected words 2 to 9, found words to 5'",
                "Entity=B-LOC; Entity=(place; 'line 5: expected Entity=O or a tag like Entity=B-PER in column 10'"
            })
    void aMalformedConlluLineIsNamed(String right, String wrong, String message) {
        String broken = SENTENCE.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(wrong));
        assertThatThrownBy(() -> read(broken, SourceFile::conllu))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith("data/file, ")
                .hasMessageContaining(message);
    }

    @Test
    void overlappingMultiwordTokensAreNamed() {
        String overlapping = SENTENCE.replace("3\tה", "3-5\tx\t_\t_\t_\t_\t_\t_\t_\t_\n3\tה");
        assertThatThrownBy(() -> read(overlapping, SourceFile::conllu))
                .hasMessage("data/file, line 7: expected ranges that do not overlap, found 3-5");
    }

    @Test
    void entityColumnsBecomeIob2() {
        var sentences = read("דנה B-PER\nלוי E-PER\nב חיפה S-GPE\n\n\nשלום O", EntityColumns::read);
        assertThat(sentences).hasSize(2);
        assertThat(sentences.get(0).words()).containsExactly("דנה", "לוי", "ב חיפה");
        assertThat(sentences.get(0).tags()).containsExactly("B-PER", "I-PER", "B-GPE");
        assertThatThrownBy(() -> read("דנה B-PER\nלוי\n", EntityColumns::read))
                .hasMessage("data/file, line 2: expected a word, a space and a tag like O or B-PER, found לוי");
    }

    @Test
    void labelledTsvNeedsItsHeaderAndTwoColumns() {
        assertThat(read("comment\tlabel\n טוב \t0\r\n\nרע\t1\n", LabelledTsv::read))
                .containsExactly(new Labelled("טוב", "0"), new Labelled("רע", "1"));
        assertThatThrownBy(() -> read("טוב\t0\n", LabelledTsv::read))
                .hasMessage("data/file, line 1: expected the header \"comment<TAB>label\", found טוב\t0");
        assertThatThrownBy(() -> read("comment\tlabel\nטוב 0\n", LabelledTsv::read))
                .hasMessage("data/file, line 2: expected a text, a tab and a label, found טוב 0");
    }

    @Test
    void squadKeepsAnswerableQuestionsAndAllPassages() {
        String json = """
                {"data": [{"paragraphs": [
                  {"context": "P0", "qas": [
                    {"question": "Q", "answers": [{"text": "a"}], "is_impossible": false},
                    {"question": "none", "answers": [], "is_impossible": true}]},
                  {"context": "P1", "qas": [{"question": "Q", "answers": [{"text": "b"}]}]},
                  {"context": "P2", "qas": []}]}]}
                """;
        QuestionAnswering data = readFile(json, QuestionAnswering::readSquad);
        assertThat(data.corpus()).containsExactly("P0", "P1", "P2");
        assertThat(data.queries())
                .singleElement()
                .satisfies(query -> assertThat(query.relevant()).isEqualTo(Set.of(0, 1)));
        assertThatThrownBy(() -> readFile(json.replace("\"qas\": []", "\"qas\": 1"), QuestionAnswering::readSquad))
                .hasMessage("data/file: expected an array at /data/0/paragraphs/2/qas, found 1");
        assertThatThrownBy(() -> readFile("{\"data\": [", QuestionAnswering::readSquad))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("expected valid JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"text\": \"a\"}; line 2: expected a string with text in field \"topic\", found fields [text]",
                "{\"text\": 3, \"topic\": \"t\"}; line 2: expected a string with text in field \"text\", found 3",
                "{\"text\": \" \", \"topic\": \"t\"}; line 2: expected a string with text in field \"text\"",
                "{\"text\": \"a\", \"text\": \"b\"}; line 2: expected valid JSON, found Duplicate",
                "{\"text\": \"a\"} {}; line 2: expected valid JSON",
                "[1]; line 2: expected a JSON object, found [1]",
                "{\"text\"; line 2: expected valid JSON"
            })
    void aMalformedJsonLineIsNamed(String line, String message) {
        String content = "{\"text\": \"a\", \"topic\": \"t\"}\n" + line + "\n";
        DataFiles files = MapFiles.of(Map.of("sentences-a.jsonl", content));
        assertThatThrownBy(() -> EmbeddedText.read(files))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith("data/sentences-a.jsonl, ")
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void bytesThatAreNoTextAreNamedByLine() {
        byte[] latin = "comment\tlabel\ncaf\u00e9\t1\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> SourceFile.read(MapFiles.bytes("file", latin), "file"))
                .hasMessage("data/file, line 2: expected UTF-8, found bytes that are not UTF-8");
        byte[] nul = {'a', '\n', 'b', 0};
        assertThatThrownBy(() -> SourceFile.read(MapFiles.bytes("file", nul), "file"))
                .hasMessage("data/file, line 2: expected text, found a null byte");
    }

    private static <T> List<T> read(String content, Function<SourceFile, List<T>> reader) {
        return readFile(content, reader);
    }

    private static <R> R readFile(String content, Function<SourceFile, R> reader) {
        return reader.apply(Objects.requireNonNull(SourceFile.read(MapFiles.of(Map.of("file", content)), "file")));
    }
}
