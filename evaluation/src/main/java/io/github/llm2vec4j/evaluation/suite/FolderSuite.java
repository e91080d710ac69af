package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.core.tagging.ConlluSentence;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.evaluation.task.BitextMining;
import io.github.llm2vec4j.evaluation.task.Classification;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import io.github.llm2vec4j.evaluation.task.Clustering;
import io.github.llm2vec4j.evaluation.task.PairClassification;
import io.github.llm2vec4j.evaluation.task.PairClassification.Pair;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import io.github.llm2vec4j.evaluation.task.Reranking;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** Fewer triples say nothing. */
    private static final int LEAST_TRIPLES = 30;

    /** Sections of law that make a corpus; laws, and sections of each, that are ranked and clustered. */
    private static final int CORPUS = 500;

    private static final int LAWS = 20;
    private static final int SECTIONS = 15;

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
        suite.bitext("tatoeba-bitext", "tatoeba/tatoeba_dev");
        suite.bitext("ntrex-bitext", "ntrex/ntrex_dev");
        suite.titles("law-retrieval", TitleBody.FILES.get(0));
        suite.titles("bill-retrieval", TitleBody.FILES.get(1));
        suite.laws();
        return suite.builder.build();
    }

    private void partsOfSpeech() {
        List<SourceFile> sources = builder.open("ud-htb-pos", files, POS_TRAIN, POS_TEST);
        if (!sources.isEmpty()) {
            List<TaggedSentence> train = tagged(sources.get(0).conllu());
            List<TaggedSentence> test = tagged(sources.get(1).conllu());
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
            add(
                    task,
                    sources,
                    train,
                    test,
                    () -> new Classification(task, builder.instruction(task), train, test, builder.probes()));
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
        List<SourceFile> sources = builder.open(task, files, HEBNLI);
        if (sources.isEmpty()) {
            builder.skip("hebnli-triples", files.locate(HEBNLI) + " is missing");
        }
        for (SourceFile file : sources) {
            List<Pair> pairs = new ArrayList<>();
            List<String> neutral = new ArrayList<>();
            InferenceTriples triples = new InferenceTriples();
            for (JsonRows.Row row : JsonRows.lines(file)) {
                String premise = row.text("translation1");
                String hypothesis = row.text("translation2");
                switch (row.text("original_label")) {
                    case "entailment" -> {
                        pairs.add(new Pair(premise, hypothesis, true));
                        triples.entails(premise, hypothesis);
                    }
                    case "contradiction" -> {
                        pairs.add(new Pair(premise, hypothesis, false));
                        triples.contradicts(premise, hypothesis);
                    }
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
            triples(file, triples.triples(), neutral);
        }
    }

    private void triples(SourceFile file, List<Paraphrase.Triple> all, List<String> neutral) {
        String task = "hebnli-triples";
        if (all.size() < LEAST_TRIPLES) {
            builder.skip(
                    task,
                    file.location() + " has " + all.size() + " premises of which something follows and something is"
                            + " contradicted; at least " + LEAST_TRIPLES + " are needed");
            return;
        }
        List<Paraphrase.Triple> test = builder.test(all, Paraphrase.Triple::sentence);
        builder.add(
                task,
                file.location(),
                Map.of("triples", test),
                () -> new Paraphrase(task, builder.instruction(task), neutral, test));
    }

    /** Hebrew sentences and their English translations: line n of the one file translates line n of the other. */
    private void bitext(String task, String name) {
        List<SourceFile> sources = builder.open(task, files, name + ".he", name + ".en");
        if (sources.isEmpty()) {
            return;
        }
        List<String> hebrew = sources.get(0).lines();
        List<String> english = sources.get(1).lines();
        if (hebrew.size() != english.size()) {
            throw sources.get(1).malformed(0, hebrew.size() + " lines, as in " + name + ".he", english.size() + "");
        }
        List<BitextMining.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < hebrew.size(); i++) {
            if (!hebrew.get(i).isBlank() && !english.get(i).isBlank()) {
                pairs.add(new BitextMining.Pair(
                        hebrew.get(i).strip(), english.get(i).strip()));
            }
        }
        List<BitextMining.Pair> test = builder.test(pairs, BitextMining.Pair::first);
        builder.add(
                task,
                sources.get(0).location(),
                Map.of("sentence pairs", test),
                () -> new BitextMining(task, builder.instruction(task), test));
    }

    /** The text under a title, among the texts of the test part. */
    private void titles(String task, String name) {
        for (SourceFile file : builder.open(task, files, "title-body/" + name)) {
            List<TitleBody.Pair> sampled = Split.sample(
                    builder.test(TitleBody.of(file).test(), TitleBody.Pair::body), TitleBody.Pair::body, CORPUS);
            QuestionAnswering data = QuestionAnswering.of(
                    sampled.stream()
                            .map(pair -> new QuestionAnswering.Pair(pair.title(), pair.body()))
                            .toList(),
                    sampled.stream().map(TitleBody.Pair::body).toList());
            builder.add(
                    task,
                    file.location(),
                    Map.of("test titles", sampled),
                    () -> new Retrieval(task, builder.instruction(task), data.queries(), data.corpus()));
        }
    }

    /** The sections of some laws: each put first among those of its law by its title, and clustered into laws. */
    private void laws() {
        String ranking = "law-reranking";
        String clustering = "law-clustering";
        List<SourceFile> sources = builder.open(ranking, files, "title-body/" + TitleBody.FILES.get(0));
        if (sources.isEmpty()) {
            builder.skip(clustering, files.locate("title-body/" + TitleBody.FILES.get(0)) + " is missing");
        }
        for (SourceFile file : sources) {
            List<List<TitleBody.Pair>> laws = TitleBody.of(file).groups(LAWS, SECTIONS);
            List<Reranking.Query> queries = new ArrayList<>();
            List<Labelled> sections = new ArrayList<>();
            for (List<TitleBody.Pair> law : laws) {
                List<String> bodies = law.stream().map(TitleBody.Pair::body).toList();
                for (int i = 0; i < law.size(); i++) {
                    queries.add(new Reranking.Query(law.get(i).title(), bodies, Set.of(i)));
                    sections.add(new Labelled(bodies.get(i), law.get(i).whole()));
                }
            }
            List<Reranking.Query> asked = builder.test(queries, Reranking.Query::text);
            List<Labelled> clustered = builder.test(sections, Labelled::text);
            List<String> labels =
                    clustered.stream().map(Labelled::label).distinct().toList();
            builder.add(
                    ranking,
                    file.location(),
                    Map.of("laws of " + SECTIONS + " sections in its test part", asked),
                    () -> new Reranking(ranking, builder.instruction(ranking), asked));
            builder.add(
                    clustering,
                    file.location(),
                    Map.of(
                            "two laws of " + SECTIONS + " sections in its test part",
                            labels.size() < 2 ? List.of() : labels),
                    () -> new Clustering(clustering, builder.instruction(clustering), clustered));
        }
    }
}
