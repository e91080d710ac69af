package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.core.tagging.ConlluSentence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The text that ships with the project, split by {@link Split}. Whoever trains on it takes the train parts, by
 * {@link #trainTexts} for text alone; the test parts are for evaluation only. A missing file leaves its part empty
 * and is named in {@code missing}.
 *
 * @param sentences sentences-a.jsonl and sentences-b.jsonl, by topic and text
 * @param questions questions.jsonl, by topic and passage, so that a passage is on one side only
 * @param triples triples.jsonl, by topic and sentence
 * @param words words.conllu, by topic and text
 * @param missing file name and where it was looked for
 */
public record EmbeddedText(
        Split<Sentence> sentences,
        Split<Question> questions,
        Split<Triple> triples,
        Split<ConlluSentence> words,
        List<Skipped> missing) {

    /** A sentence and its topic. */
    public record Sentence(String text, String topic) {}

    /** A question, a passage that answers it, and their topic. */
    public record Question(String question, String passage, String topic) {}

    /** A sentence, a paraphrase of it, a hard negative, and their topic. */
    public record Triple(String sentence, String paraphrase, String negative, String topic) {}

    public EmbeddedText {
        missing = List.copyOf(missing);
    }

    /**
     * Reads and splits the files.
     *
     * @throws MalformedDataException for a file that is there but not as it should be
     */
    public static EmbeddedText read(DataFiles files) {
        List<Skipped> missing = new ArrayList<>();
        List<Sentence> sentences = new ArrayList<>();
        for (String name : List.of("sentences-a.jsonl", "sentences-b.jsonl")) {
            sentences.addAll(jsonl(files, name, missing, row -> new Sentence(row.text("text"), row.text("topic"))));
        }
        List<Question> questions = jsonl(
                files,
                "questions.jsonl",
                missing,
                row -> new Question(row.text("question"), row.text("passage"), row.text("topic")));
        List<Triple> triples = jsonl(
                files,
                "triples.jsonl",
                missing,
                row -> new Triple(
                        row.text("sentence"), row.text("paraphrase"), row.text("negative"), row.text("topic")));
        List<ConlluSentence> words = read(files, "words.conllu", missing, SourceFile::conllu);
        return new EmbeddedText(
                Split.byTopic(sentences, Sentence::topic, Sentence::text),
                Split.byTopic(questions, Question::topic, Question::passage),
                Split.byTopic(triples, Triple::topic, Triple::sentence),
                Split.byTopic(words, ConlluSentence::topic, ConlluSentence::text),
                missing);
    }

    /**
     * The train parts, split once more in the same way: what to choose settings by, so that the test parts stay unseen.
     */
    public EmbeddedText development() {
        return new EmbeddedText(
                Split.byTopic(sentences.train(), Sentence::topic, Sentence::text),
                Split.byTopic(questions.train(), Question::topic, Question::passage),
                Split.byTopic(triples.train(), Triple::topic, Triple::sentence),
                Split.byTopic(words.train(), ConlluSentence::topic, ConlluSentence::text),
                missing);
    }

    /**
     * Every text of the train parts, each once: sentences, questions and passages, triples, tagged sentences; without
     * those that also occur in a test part.
     */
    public List<String> trainTexts() {
        Set<String> test = new HashSet<>(texts(Split::test));
        return texts(Split::train).stream().filter(text -> !test.contains(text)).toList();
    }

    private Set<String> texts(Part part) {
        Set<String> texts = new LinkedHashSet<>();
        part.of(sentences).forEach(s -> texts.add(Split.normal(s.text())));
        for (Question question : part.of(questions)) {
            texts.add(Split.normal(question.question()));
            texts.add(Split.normal(question.passage()));
        }
        for (Triple triple : part.of(triples)) {
            texts.add(Split.normal(triple.sentence()));
            texts.add(Split.normal(triple.paraphrase()));
            texts.add(Split.normal(triple.negative()));
        }
        part.of(words).forEach(s -> texts.add(Split.normal(s.text())));
        return texts;
    }

    private interface Part {
        <T> List<T> of(Split<T> split);
    }

    private static <T> List<T> jsonl(
            DataFiles files, String name, List<Skipped> missing, Function<JsonRows.Row, T> parse) {
        return read(
                files,
                name,
                missing,
                file -> JsonRows.lines(file).stream().map(parse).toList());
    }

    private static <T> List<T> read(
            DataFiles files, String name, List<Skipped> missing, Function<SourceFile, List<T>> parse) {
        SourceFile file = SourceFile.read(files, name);
        if (file == null) {
            missing.add(new Skipped(name, files.locate(name) + " is missing"));
            return List.of();
        }
        return parse.apply(file);
    }
}
