package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.report.Facts;
import io.github.llm2vec4j.evaluation.report.LossCurve;
import io.github.llm2vec4j.evaluation.report.Report;
import io.github.llm2vec4j.evaluation.report.ReportTable;
import io.github.llm2vec4j.evaluation.report.RunInfo;
import io.github.llm2vec4j.evaluation.report.RunProgress;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageKind;
import io.github.llm2vec4j.training.TrainingListener;
import io.github.llm2vec4j.training.TrainingLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The report of one training, in its output folder: a page that follows it, and the last word when it has ended. */
public final class TrainReport {
    private final StageKind kind;
    private final StageConfig config;
    private final Path output;
    private final String command;
    private final Instant started = Instant.now();
    private final StageWatch watch;
    private final LivePage page;

    /** @param command what repeats the training */
    public TrainReport(StageKind kind, StageConfig config, String command) {
        this.kind = kind;
        this.config = config;
        this.command = command;
        output = Path.of(config.text("output_dir"));
        page = new LivePage(
                output, () -> report(List.of(), List.of(), progress(RunProgress.State.RUNNING, LivePage.SECONDS, "")));
        watch = new StageWatch(kind.toString(), page::changed);
    }

    /** To be told of the training. */
    public TrainingListener listener() {
        return watch;
    }

    /** The training has ended with its model. */
    public void complete() throws IOException {
        if (watch.hasStarted()) {
            TrainingFacts facts = new TrainingFacts(output);
            List<List<String>> overlaps = facts.overlaps(kind.toString());
            report(
                            overlaps.isEmpty() ? List.of() : List.of(TestSets.table(overlaps)),
                            List.of(new Facts(kind.toString(), facts.entries()), Facts.host()),
                            null)
                    .write(output);
        }
    }

    /**
     * The training has stopped before its end.
     *
     * @param why as a sentence
     */
    public void stopped(String why) {
        if (watch.hasStarted()) {
            new LivePage(output, () -> report(List.of(), List.of(), progress(RunProgress.State.STOPPED, 0, why)))
                    .write();
        }
    }

    private RunProgress progress(RunProgress.State state, int refresh, String note) {
        return new RunProgress(List.of(watch.stage(state)), refresh, Instant.now(), note);
    }

    private Report report(List<ReportTable> tables, List<Facts> facts, @Nullable RunProgress progress) {
        List<LossCurve> curves = new ArrayList<>();
        LossCurve curve = LossCurve.ofLog(kind.toString(), TrainingLog.read(output.resolve("log.jsonl")));
        if (!curve.training().isEmpty() || !curve.heldOut().isEmpty()) {
            curves.add(curve);
        }
        return new Report(
                new RunInfo(
                        kind.toString(),
                        config.text("model_name_or_path", "random weights"),
                        started,
                        Duration.between(started, Instant.now()),
                        command),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                curves,
                null,
                null,
                facts,
                tables,
                progress);
    }
}
