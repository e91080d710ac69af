package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.Skipped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A report of INVENTED figures, to look at the page and to test it; {@link #main} writes it to a folder. */
public final class SampleReport {
    static final String BASELINE = "TF-IDF / most frequent tag";

    private static final List<ReportModel> MODELS = ReportModel.standard(BASELINE);

    private SampleReport() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        report().write(folder);
        System.out.println(folder.resolve(Report.HTML_FILE));
    }

    static Report report() {
        List<Example> examples = SampleSentences.examples();
        Map<String, float[][]> embeddings = new LinkedHashMap<>();
        embeddings.put(ReportModel.CAUSAL, vectors(examples, 0.28, 1));
        embeddings.put(ReportModel.MNTP, vectors(examples, 0.4, 2));
        embeddings.put(ReportModel.SIMCSE, vectors(examples, 0.8, 3));
        embeddings.put(ReportModel.SUPERVISED, vectors(examples, 1.1, 4));
        return new Report(
                new RunInfo(
                        "hebrew-mini (SAMPLE, figures invented)",
                        "embedded:hebrew-mini",
                        Instant.parse("2026-11-24T14:05:00Z"),
                        Duration.ofSeconds(692),
                        "llm2vec recipe hebrew-mini --out runs/sample"),
                MODELS,
                List.of(
                        new ReportTask("pos", "Part of speech", Level.WORD),
                        new ReportTask("ner", "Named entities", Level.WORD),
                        new ReportTask("topic", "Topic", Level.SENTENCE),
                        new ReportTask("sentiment", "Sentiment", Level.SENTENCE),
                        new ReportTask("retrieval", "Question to passage", Level.SENTENCE),
                        new ReportTask("paraphrase", "Paraphrase", Level.SENTENCE)),
                results(),
                List.of(new Skipped("similarity", "no file sts-he.tsv in the data folder")),
                List.of(
                        curve("mntp", 1000, 6.9, 3.3, 1),
                        curve("mntp-unsup-simcse", 300, 1.9, 0.12, 2),
                        curve("mntp-supervised", 300, 2.8, 0.9, 3)),
                EmbeddingMap.of(examples, embeddings),
                Neighbours.of(examples, List.of(3, 42, 190, 301), embeddings, 3),
                facts());
    }

    private static List<ModelResult> results() {
        double[][] scores = {
            {0.8712, 0.5011, 0.6120, 0.6930, 0.2212, 0.5511},
            {0.8533, 0.4804, 0.5718, 0.6741, 0.1450, 0.5320},
            {0.9014, 0.5587, 0.6433, 0.7012, 0.2571, 0.5702},
            {0.8911, 0.5391, 0.7544, 0.7088, 0.5266, 0.6623},
            {0.8902, 0.5420, 0.7967, 0.7221, 0.6120, 0.7404},
            {0.8105, 0.2930, 0.7711, 0.7420, 0.5810, 0.6017},
        };
        List<ModelResult> results = new ArrayList<>();
        for (int m = 0; m < MODELS.size(); m++) {
            String name = MODELS.get(m).name();
            results.add(new ModelResult(
                    name,
                    List.of(
                            result("pos", name, "accuracy", scores[m][0], 2430, "macro_f1"),
                            result("ner", name, "entity_f1", scores[m][1], 706, "precision"),
                            result("topic", name, "accuracy", scores[m][2], 312, "macro_f1"),
                            result("sentiment", name, "accuracy", scores[m][3], 2560, "macro_f1"),
                            result("retrieval", name, "ndcg_at_10", scores[m][4], 300, "mrr_at_10"),
                            result("paraphrase", name, "average_precision", scores[m][5], 75, "triple_accuracy"))));
        }
        return results;
    }

    private static TaskResult result(String task, String model, String metric, double score, int test, String other) {
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put(metric, score);
        scores.put(other, score * 0.93);
        TaskResult result = new TaskResult(task, model, metric, scores, 4 * test, test, details(task));
        return task.equals("sentiment") ? result.withEvidence(Statistic.RATIO, items(score, test)) : result;
    }

    private static Details details(String task) {
        return task.equals("topic")
                ? new Details(
                        List.of(
                                new Outcome("הגשם ירד", "weather", "weather", 1),
                                new Outcome("הרכבת יצאה", "travel", "weather", 0)),
                        Map.of("weather", Map.of("weather", 7), "travel", Map.of("travel", 3, "weather", 1)),
                        Map.of())
                : new Details(List.of(), Map.of(), Map.of());
    }

    /** As many items that are right as give the score, one of them in part. */
    private static double[][] items(double score, int test) {
        return IntStream.range(0, test)
                .mapToObj(i -> new double[] {Math.max(0, Math.min(1, score * test - i)), 1})
                .toArray(double[][]::new);
    }

    private static LossCurve curve(String stage, int steps, double from, double to, long seed) {
        Random random = new Random(seed);
        List<LossCurve.Point> training = new ArrayList<>();
        List<LossCurve.HeldOut> heldOut = new ArrayList<>();
        for (int step = 1; step <= steps; step++) {
            double loss = to + (from - to) * Math.exp(-6.0 * step / steps);
            training.add(new LossCurve.Point(step, loss * (1 + 0.08 * random.nextGaussian())));
            if (step == 1 || step % (steps / 10) == 0) {
                Map<String, Double> scores = new LinkedHashMap<>();
                scores.put("loss", loss * 1.04 + 0.05);
                scores.put("accuracy", 0.46 * (1 - Math.exp(-5.0 * step / steps)) + 0.01 * random.nextGaussian());
                scores.put("perplexity", Math.exp(loss * 1.04));
                heldOut.add(new LossCurve.HeldOut(step, scores));
            }
        }
        return new LossCurve(stage, training, heldOut);
    }

    /** Noise around a centre a topic: the stronger, the better the topics part. */
    private static float[][] vectors(List<Example> examples, double strength, long seed) {
        Random random = new Random(seed);
        Map<String, double[]> centres = new LinkedHashMap<>();
        int width = 32;
        double[] scales = new double[width];
        for (int d = 0; d < width; d++) {
            scales[d] = 1.6 / (1 + 0.4 * d);
        }
        float[][] vectors = new float[examples.size()][width];
        for (int i = 0; i < vectors.length; i++) {
            double[] centre = centres.computeIfAbsent(
                    examples.get(i).topic(), t -> random.doubles(width, -2, 2).toArray());
            for (int d = 0; d < width; d++) {
                vectors[i][d] = (float) (scales[d] * (strength * centre[d] + 0.6 * random.nextGaussian()));
            }
        }
        return vectors;
    }

    private static List<Facts> facts() {
        Map<String, String> mntp = new LinkedHashMap<>();
        mntp.put("model_name_or_path", "embedded:hebrew-mini");
        mntp.put("mlm_probability", "0.2");
        mntp.put("mask_token_type", "blank");
        mntp.put("learning_rate", "5e-5");
        mntp.put("max_steps", "1000");
        mntp.put("lora_r", "16");
        mntp.put("seed", "42");
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("llm2vec4j", "0.1.0-SNAPSHOT");
        versions.put("libtorch", "2.10.0");
        Map<String, String> data = new LinkedHashMap<>();
        data.put(
                "sentences.tsv", "1,560 rows, sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
        data.put("מאגר.jsonl", "300 rows, sha256 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752");
        return List.of(
                new Facts("Stage mntp", mntp),
                new Facts("Versions", versions),
                new Facts("Data", data),
                new Facts("Host", Map.of("compute_type", "bf16")));
    }
}
