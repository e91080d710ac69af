package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.probe.TaggedSentence;
import io.github.llm2vec4j.evaluation.task.Classification;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import io.github.llm2vec4j.evaluation.task.PairClassification;
import io.github.llm2vec4j.evaluation.task.PairClassification.Pair;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The tasks made of a folder of public Hebrew data sets, each under the file names of its publisher. */
final class FolderSuite {
    private static final String NAME = "hebrew";
    private static final String POS_TRAIN = "ud-htb/he_htb-ud-dev.conllu";
    private static final String POS_TEST = "ud-htb/he_htb-ud-test.conllu";
    private static final String NER_TRAIN = "nemo/token-single_gold_train.bmes";
    private static final String NER_TEST = "nemo/token-single_gold_test.bmes";
    private static final String SENTIMENT_TRAIN = "sentiment/train.tsv";
    private static final String SENTIMENT_TEST = "sentiment/test_gold.tsv";
    private static final String HEQ = "heq/heq_val_v1.1.json";
    private static final String HEBNLI = "hebnli/HebNLI_val.jsonl";

    private final DataFiles files;
    private final SuiteBuilder builder;

    private FolderSuite(DataFiles files, SuiteOptions options) {
        this.files = files;
        this.builder = new SuiteBuilder(NAME, options);
    }

    static Suite of(DataFiles files, SuiteOptions options) {
        FolderSuite suite = new FolderSuite(files, options);
        suite.partsOfSpeech();
        suite.entities();
        suite.sentiment();
        suite.retrieval();
        suite.inference();
        return suite.builder.build();
    }

    private void partsOfSpeech() {
        List<SourceFile> sources = builder.open("ud-htb-pos", files, POS_TRAIN, POS_TEST);
        if (!sources.isEmpty()) {
            List<TaggedSentence> train = tagged(ConlluReader.read(sources.get(0)));
            List<TaggedSentence> test = tagged(ConlluReader.read(sources.get(1)));
            words("ud-htb-pos", WordTagging.Kind.PART_OF_SPEECH, sources, train, test);
        }
    }

    private void entities() {
        List<SourceFile> sources = builder.open("nemo-ner", files, NER_TRAIN, NER_TEST);
        if (!sources.isEmpty()) {
            List<TaggedSentence> train = EntityColumns.read(sources.get(0));
            List<TaggedSentence> test = EntityColumns.read(sources.get(1));
            words("nemo-ner", WordTagging.Kind.ENTITIES, sources, train, test);
        }
    }

    private static List<TaggedSentence> tagged(List<ConlluSentence> sentences) {
        return sentences.stream().map(ConlluSentence::taggedWithPartsOfSpeech).toList();
    }

    private void words(
            String task,
            WordTagging.Kind kind,
            List<SourceFile> sources,
            List<TaggedSentence> train,
            List<TaggedSentence> test) {
        List<TaggedSentence> trained = builder.train(train, s -> String.join(" ", s.words()));
        List<TaggedSentence> tested = builder.test(test, s -> String.join(" ", s.words()));
        add(task, sources, trained, tested, () -> new WordTagging(task, kind, trained, tested));
    }

    private void sentiment() {
        String task = "sentiment";
        List<SourceFile> sources = builder.open(task, files, SENTIMENT_TRAIN, SENTIMENT_TEST);
        if (!sources.isEmpty()) {
            List<Labelled> train = builder.train(LabelledTsv.read(sources.get(0)), Labelled::text);
            List<Labelled> test = builder.test(LabelledTsv.read(sources.get(1)), Labelled::text);
            add(task, sources, train, test, () -> new Classification(task, builder.instruction(task), train, test));
        }
    }

    private void add(String task, List<SourceFile> sources, List<?> train, List<?> test, Supplier<Task> make) {
        String location = sources.get(0).location() + " and " + sources.get(1).location();
        builder.add(task, location, Map.of("train items", train, "test items", test), make);
    }

    /** The answerable questions; the corpus is every passage of the file. */
    private void retrieval() {
        String task = "heq-retrieval";
        for (SourceFile file : builder.open(task, files, HEQ)) {
            QuestionAnswering data = QuestionAnswering.readSquad(file);
            List<Retrieval.Query> asked = builder.test(data.queries(), Retrieval.Query::text);
            builder.add(
                    task,
                    file.location(),
                    Map.of("answerable questions", asked),
                    () -> new Retrieval(task, builder.instruction(task), asked, data.corpus()));
        }
    }

    /** Entailment pairs against contradiction pairs; a baseline learns its word weights from the neutral pairs. */
    private void inference() {
        String task = "hebnli-pairs";
        for (SourceFile file : builder.open(task, files, HEBNLI)) {
            List<Pair> pairs = new ArrayList<>();
            List<String> neutral = new ArrayList<>();
            for (JsonRows.Row row : JsonRows.lines(file)) {
                String premise = row.text("translation1");
                String hypothesis = row.text("translation2");
                switch (row.text("original_label")) {
                    case "entailment" -> pairs.add(new Pair(premise, hypothesis, true));
                    case "contradiction" -> pairs.add(new Pair(premise, hypothesis, false));
                    case "neutral" -> neutral.addAll(List.of(premise, hypothesis));
                    case "-" -> {} // the annotators did not agree
                    default ->
                        throw file.malformed(
                                row.line(), "entailment, contradiction, neutral or -", row.text("original_label"));
                }
            }
            List<Pair> test = builder.test(pairs, pair -> pair.first() + "\n" + pair.second());
            Map<String, List<Pair>> parts = Map.of(
                    "entailment pairs", test.stream().filter(Pair::positive).toList(),
                    "contradiction pairs",
                            test.stream().filter(p -> !p.positive()).toList());
            builder.add(
                    task,
                    file.location(),
                    parts,
                    () -> new PairClassification(task, builder.instruction(task), neutral, test));
        }
    }
}
