package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.suite.LeakCheck;
import io.github.llm2vec4j.evaluation.suite.Robustness;
import io.github.llm2vec4j.evaluation.suite.SuiteOptions;
import io.github.llm2vec4j.evaluation.suite.TaskCard;
import io.github.llm2vec4j.evaluation.task.Probe;
import io.github.llm2vec4j.recipe.EvaluationRun;
import io.github.llm2vec4j.recipe.EvaluationSettings;
import io.github.llm2vec4j.recipe.FileTask;
import io.github.llm2vec4j.recipe.HubChoice;
import io.github.llm2vec4j.recipe.RecipeListener;
import io.github.llm2vec4j.recipe.SimilarityFile;
import io.github.llm2vec4j.recipe.TaggedTask;
import io.github.llm2vec4j.training.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code evaluate}: the scores of models, side by side. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Scores models on the Hebrew tasks, side by side, with confidence intervals and paired tests.",
        footer = {
            "",
            "Examples:",
            "  ./llm2vec evaluate --model runs/hebrew-mini/mntp-supervised --baselines",
            "  ./llm2vec evaluate --model A --model B --suite hebrew --data DIR --out results"
        })
final class EvaluateCommand implements Callable<Integer> {
    private static final int FOLDER_TRAIN = 3000;
    private static final int FOLDER_TEST = 1000;

    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "A model or adapter folder, OWNER/NAME of a model on the hub, or embedded:hebrew-mini; may be given several times.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--embeddings",
            paramLabel = "NAME=FILE",
            description = "Another encoder, of which only vectors are at hand: .jsonl with the fields text and"
                    + " embedding. --texts writes the texts to encode.")
    private Map<String, Path> embeddings = new LinkedHashMap<>();

    @Option(
            names = "--baselines",
            description = "Also score what a model has to beat: its decoder without training, causal and in both"
                    + " directions, the mean of static token embeddings, and TF-IDF.")
    private boolean baselines;

    @Option(
            names = "--suite",
            paramLabel = "NAME",
            description = "embedded, the project's own text, or hebrew, the public data sets of --data, or without it"
                    + " MTEB's Hebrew tasks of the hub (default: hebrew if there is --data, else embedded).")
    private @Nullable String suite;

    @Option(names = "--data", paramLabel = "DIR", description = "The folder of the public Hebrew data sets.")
    private @Nullable Path data;

    @Option(names = "--mteb", description = "Also score MTEB's Hebrew tasks, whose data is fetched from the hub.")
    private boolean mteb;

    @Option(
            names = "--tagged",
            paramLabel = "TASK=TRAIN,TEST",
            description =
                    "Also score a linear probe on these files of tagged words, CoNLL or CoNLL-U; TASK is pos_tags,"
                            + " chunk_tags or ner_tags, and the task's name.")
    private Map<TagTask, String> tagged = new LinkedHashMap<>();

    @Option(
            names = "--sts",
            paramLabel = "NAME=FILE",
            description =
                    "Also score similarity on this table: Parquet, CSV, TSV or JSON lines with the columns sentence1,"
                            + " sentence2 and score.")
    private Map<String, Path> similarity = new LinkedHashMap<>();

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description =
                    "Only this task; may be given several times. MTEB's names are those of its Hebrew tasks, whose"
                            + " data is fetched from the hub: MassiveIntentClassification, BelebeleRetrieval, ...")
    private Set<String> tasks = new LinkedHashSet<>();

    @Option(
            names = "--instructions",
            paramLabel = "WHICH",
            defaultValue = "none",
            description =
                    "What the model is told of a task: none (default), en, he, or a .json file of task names, ours"
                            + " or MTEB's, and instructions.")
    private String instructions = "none";

    @Option(
            names = "--probes",
            split = ",",
            paramLabel = "NAME",
            description = "Classifiers beside logistic regression: mlp, random_forest, few_shot (as MTEB does).")
    private Set<Probe> probes = new LinkedHashSet<>();

    @Option(
            names = "--words",
            paramLabel = "WHERE",
            description = "Where a word's state is read: same_token (default) or previous_token.")
    private WordStates.@Nullable Position words;

    @Option(
            names = "--max-train",
            paramLabel = "N",
            description = "Train items of a task at most (default: " + FOLDER_TRAIN + " with --data, else all).")
    private @Nullable Integer maxTrain;

    @Option(
            names = "--max-test",
            paramLabel = "N",
            description = "Test items of a task at most (default: " + FOLDER_TEST
                    + " with --data, else all; of the hub all).")
    private @Nullable Integer maxTest;

    @Option(
            names = "--robustness",
            description =
                    "Also score the sentence tasks with other spellings of their test texts: points, prefixes split"
                            + " and joined, defective and full spelling, final letters, geresh, English words.")
    private boolean robustness;

    @Option(
            names = "--space",
            description = "Also measure the space of the vectors: anisotropy, uniformity, alignment.")
    private boolean space;

    @Option(names = "--causal", description = "Attend as the decoder did, to earlier tokens alone.")
    private boolean causal;

    @Option(
            names = "--trained-on",
            paramLabel = "FILE",
            description = "Look for the test texts in this file of training texts; may be given several times.")
    private List<Path> trainedOn = new ArrayList<>();

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where vectors and results are kept (default: llm2vec4j/evaluation in the user's cache).")
    private @Nullable Path cache;

    @Option(names = "--no-cache", description = "Keep nothing and compute everything.")
    private boolean noCache;

    @Option(
            names = "--texts",
            paramLabel = "FILE",
            description = "Only write the texts of the tasks, a JSON string a line, for another program to encode.")
    private @Nullable Path texts;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Also write report.html, report.json, results.json, and mteb/ for the Python package mteb.")
    private @Nullable Path out;

    @Override
    public Integer call() throws Exception {
        if (out != null) {
            OutputPath.checkFolder("--out", out);
        }
        if (texts != null) {
            OutputPath.checkFile("--texts", texts);
        } else if (models.isEmpty() && embeddings.isEmpty()) {
            throw new ConfigException("evaluate: give a model (--model) or vectors (--embeddings)");
        }
        EvaluationRun run = new EvaluationRun(settings());
        if (texts != null) {
            writeTexts(texts, run.texts());
            return 0;
        }
        boolean quiet = main != null && main.quiet();
        if (!quiet) {
            run.suite().skipped().forEach(skipped -> System.err.println(skipped));
        }
        EvaluationRun.Findings findings = run.run(quiet ? new RecipeListener() {} : new ConsoleListener());
        if (!quiet) {
            System.err.println("overlap: " + run.leaks().size() + " tasks checked, "
                    + run.leaks().stream().filter(LeakCheck::leaks).count()
                    + " with test texts that are among the texts trained on");
            run.leaks().stream().filter(LeakCheck::leaks).forEach(leak -> System.err.println("  " + leak));
        }
        System.out.print(ResultTable.ofAllMetrics(findings.results()).toText());
        System.out.println(ResultTable.LEGEND);
        findings.robustness().forEach((model, rows) -> System.out.printf("%n%s%n%s", model, Robustness.toText(rows)));
        findings.space().forEach((model, figures) -> {
            System.out.printf("%n%s%n", model);
            figures.inWords().forEach((name, value) -> System.out.println("  " + name + ": " + value));
        });
        run.publishedBesideOurs(findings)
                .forEach((what, figures) -> System.out.println("published: " + what + ": " + figures));
        if (out != null) {
            run.write(out, findings, given(spec));
        }
        return 0;
    }

    private EvaluationSettings settings() {
        if (suite != null && !suite.equals("hebrew") && !suite.equals("embedded")) {
            throw new ConfigException("--suite " + suite + ": expected hebrew or embedded");
        }
        boolean hebrew = suite == null ? data != null : suite.equals("hebrew");
        if (!hebrew && data != null) {
            throw new ConfigException("--data: is read by the suite hebrew alone: leave out --suite embedded");
        }
        int train = maxTrain != null ? maxTrain : hebrew ? FOLDER_TRAIN : Integer.MAX_VALUE;
        int test = maxTest != null ? maxTest : hebrew ? FOLDER_TEST : Integer.MAX_VALUE;
        Map<String, String> told = instructions.equals("none")
                ? Map.of()
                : instructions.endsWith(".json")
                        ? TaskCard.instructions(Path.of(instructions))
                        : TaskCard.instructions(instructions);
        int hubTest = maxTest != null ? maxTest : Integer.MAX_VALUE;
        Set<String> local = new LinkedHashSet<>(tasks);
        local.removeAll(TaskCard.onHub().keySet());
        if (hebrew && data == null && !local.isEmpty()) {
            throw new ConfigException("--task " + local.iterator().next() + ": expected one of "
                    + TaskCard.onHub().keySet() + ", or give the folder of the other data sets with --data");
        }
        return new EvaluationSettings(
                models,
                embeddings,
                causal,
                words,
                baselines,
                data,
                files(),
                local,
                hub(local, hebrew && data == null, new SuiteOptions(Integer.MAX_VALUE, hubTest, told)),
                new SuiteOptions(train, test, told, probes),
                robustness,
                space,
                trainedOn,
                noCache ? null : cache != null ? cache : defaultCache());
    }

    /**
     * What is scored of the hub.
     *
     * @param local the tasks that are asked for by name and are not there
     * @param only whether the suite is that of the hub
     */
    private HubChoice hub(Set<String> local, boolean only, SuiteOptions options) {
        List<String> named =
                tasks.stream().filter(task -> !local.contains(task)).toList();
        if (!named.isEmpty()) {
            return HubChoice.of(named, only || local.isEmpty(), options);
        }
        return mteb || (only && local.isEmpty()) ? HubChoice.all(only, options) : HubChoice.NONE;
    }

    private List<FileTask> files() {
        List<FileTask> given = new ArrayList<>();
        tagged.forEach((task, files) -> {
            String[] two = files.split(",");
            if (two.length != 2 || two[0].isBlank() || two[1].isBlank()) {
                throw new ConfigException("--tagged " + task + "=" + files
                        + ": expected two files, TRAIN,TEST, to learn from and to score");
            }
            given.add(new TaggedTask(task, Path.of(two[0]), Path.of(two[1])));
        });
        similarity.forEach((name, file) -> given.add(new SimilarityFile(name, file)));
        return given;
    }

    static Path defaultCache() {
        String user = System.getenv("XDG_CACHE_HOME");
        Path folder =
                user != null && !user.isBlank() ? Path.of(user) : Path.of(System.getProperty("user.home"), ".cache");
        return folder.resolve("llm2vec4j").resolve("evaluation");
    }

    private static void writeTexts(Path file, List<String> texts) throws IOException {
        StringBuilder lines = new StringBuilder();
        texts.forEach(text -> lines.append(new com.fasterxml.jackson.databind.node.TextNode(text))
                .append('\n'));
        AtomicFiles.writeString(file, lines.toString());
    }

    /** The command line that is being run. */
    static String given(@Nullable CommandSpec spec) {
        List<String> given = spec == null || spec.commandLine().getParseResult() == null
                ? List.of()
                : spec.commandLine().getParseResult().originalArgs();
        return "./llm2vec " + String.join(" ", given);
    }
}
