package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.core.tagging.ConlluSentence;
import io.github.llm2vec4j.evaluation.suite.EmbeddedText.Question;
import io.github.llm2vec4j.evaluation.suite.EmbeddedText.Sentence;
import io.github.llm2vec4j.evaluation.suite.EmbeddedText.Triple;
import io.github.llm2vec4j.evaluation.task.Classification;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import io.github.llm2vec4j.evaluation.task.Clustering;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The tasks made of {@link EmbeddedText}. */
final class EmbeddedSuite {
    private static final String NAME = "hebrew-embedded";

    private final EmbeddedText text;
    private final SuiteBuilder builder;

    private EmbeddedSuite(EmbeddedText text, SuiteOptions options) {
        this.text = text;
        this.builder = new SuiteBuilder(NAME, options);
    }

    static Suite of(EmbeddedText text, SuiteOptions options) {
        EmbeddedSuite suite = new EmbeddedSuite(text, options);
        text.missing().forEach(missing -> suite.builder.skip(missing.name(), missing.reason()));
        suite.words();
        suite.topics();
        suite.clusters();
        suite.questions();
        suite.paraphrases();
        return suite.builder.build();
    }

    private void words() {
        List<ConlluSentence> train = builder.train(text.words().train(), ConlluSentence::text);
        List<ConlluSentence> test = builder.test(text.words().test(), ConlluSentence::text);
        Map<String, List<ConlluSentence>> parts = Map.of("train sentences", train, "test sentences", test);
        builder.add(
                "pos",
                "words.conllu",
                parts,
                () -> new WordTagging(
                        "pos",
                        WordTagging.Kind.PART_OF_SPEECH,
                        train.stream()
                                .map(ConlluSentence::taggedWithPartsOfSpeech)
                                .toList(),
                        test.stream()
                                .map(ConlluSentence::taggedWithPartsOfSpeech)
                                .toList()));
        Map<String, List<String>> entities =
                Map.of("entities to train on", entities(train), "entities to test on", entities(test));
        builder.add(
                "ner",
                "words.conllu",
                entities,
                () -> new WordTagging(
                        "ner",
                        WordTagging.Kind.ENTITIES,
                        train.stream().map(ConlluSentence::taggedWithEntities).toList(),
                        test.stream().map(ConlluSentence::taggedWithEntities).toList()));
    }

    private static List<String> entities(List<ConlluSentence> sentences) {
        return sentences.stream()
                .flatMap(s -> s.entities().stream())
                .filter(tag -> !tag.equals("O"))
                .toList();
    }

    private void topics() {
        List<Sentence> train = builder.train(text.sentences().train(), Sentence::text);
        List<Sentence> test = builder.test(text.sentences().test(), Sentence::text);
        builder.add(
                "topic-classification",
                "sentences-*.jsonl",
                Map.of("train sentences", train, "test sentences", test),
                () -> new Classification(
                        "topic-classification",
                        builder.instruction("topic-classification"),
                        train.stream()
                                .map(s -> new Labelled(s.text(), s.topic()))
                                .toList(),
                        test.stream()
                                .map(s -> new Labelled(s.text(), s.topic()))
                                .toList(),
                        builder.probes()));
    }

    /** The sentences of the test part, clustered into topics. */
    private void clusters() {
        List<Sentence> test = builder.test(text.sentences().test(), Sentence::text);
        List<String> topics = test.stream().map(Sentence::topic).distinct().toList();
        builder.add(
                "topic-clustering",
                "sentences-*.jsonl",
                Map.of("two topics in the test sentences", topics.size() < 2 ? List.of() : topics),
                () -> new Clustering(
                        "topic-clustering",
                        builder.instruction("topic-clustering"),
                        test.stream()
                                .map(s -> new Labelled(s.text(), s.topic()))
                                .toList()));
    }

    /** The questions of the test part against all passages, those of the train part being the distractors. */
    private void questions() {
        List<Question> asked = builder.test(text.questions().test(), Question::question);
        List<String> corpus = Stream.concat(text.questions().train().stream(), text.questions().test().stream())
                .map(Question::passage)
                .toList();
        builder.add("question-retrieval", "questions.jsonl", Map.of("test questions", asked), () -> {
            QuestionAnswering data = QuestionAnswering.of(
                    asked.stream()
                            .map(q -> new QuestionAnswering.Pair(q.question(), q.passage()))
                            .toList(),
                    corpus);
            return new Retrieval(
                    "question-retrieval", builder.instruction("question-retrieval"), data.queries(), data.corpus());
        });
    }

    private void paraphrases() {
        List<Triple> test = builder.test(text.triples().test(), Triple::sentence);
        List<String> fitTexts = text.triples().train().stream()
                .flatMap(t -> Stream.of(t.sentence(), t.paraphrase(), t.negative()))
                .toList();
        builder.add(
                "paraphrase",
                "triples.jsonl",
                Map.of("test triples", test),
                () -> new Paraphrase(
                        "paraphrase",
                        builder.instruction("paraphrase"),
                        fitTexts,
                        test.stream()
                                .map(t -> new Paraphrase.Triple(t.sentence(), t.paraphrase(), t.negative()))
                                .toList()));
    }
}
