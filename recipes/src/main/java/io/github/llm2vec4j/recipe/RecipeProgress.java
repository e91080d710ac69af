package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.report.Report;
import io.github.llm2vec4j.evaluation.report.RunProgress;
import io.github.llm2vec4j.evaluation.report.RunProgress.State;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.training.TrainingListener;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Follows a recipe on its page. */
final class RecipeProgress {
    /** Makes the page of what there is so far. */
    interface Pages {
        Report of(List<ModelResult> results, RunProgress progress);
    }

    private final Map<String, State> states = new LinkedHashMap<>();
    private final Map<String, StageWatch> watches = new LinkedHashMap<>();
    private final List<ModelResult> results = new ArrayList<>();
    private final Pages pages;
    private final LivePage page;
    private final Path folder;
    private @Nullable String running;

    /** @param steps those that are to be done */
    RecipeProgress(List<String> steps, Path folder, Pages pages) {
        steps.forEach(step -> states.put(step, State.WAITING));
        this.folder = folder;
        this.pages = pages;
        page = new LivePage(folder, () -> pages.of(results, progress(LivePage.SECONDS, "")));
    }

    /** A step begins, or has been complete before. Steps come one after the other. */
    void begin(String step, boolean complete) {
        finishRunning();
        states.put(step, complete ? State.DONE : State.RUNNING);
        running = complete ? null : step;
        page.write();
    }

    private void finishRunning() {
        if (running != null) {
            states.put(running, State.DONE);
        }
        running = null;
    }

    /** To be told of the training of the step that runs. */
    TrainingListener watch(String step) {
        StageWatch watch = new StageWatch(step, page::changed);
        watches.put(step, watch);
        return watch;
    }

    /** A model was scored. */
    void scored(ModelResult result) {
        results.add(result);
        page.write();
    }

    /** Every step is done. */
    void complete() {
        finishRunning();
        ended("");
    }

    /**
     * The run has stopped before its end.
     *
     * @param why as a sentence
     */
    void stopped(String why) {
        if (running != null) {
            states.put(running, State.STOPPED);
        }
        ended(why);
    }

    private void ended(String note) {
        new LivePage(folder, () -> pages.of(results, progress(0, note))).write();
    }

    private RunProgress progress(int refresh, String note) {
        List<RunProgress.Stage> stages = new ArrayList<>();
        states.forEach((name, state) -> {
            StageWatch watch = watches.get(name);
            stages.add(watch == null ? new RunProgress.Stage(name, state) : watch.stage(state));
        });
        return new RunProgress(stages, refresh, Instant.now(), note);
    }
}
