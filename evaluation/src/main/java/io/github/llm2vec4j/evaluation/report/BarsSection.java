package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.report.ReportModel.Role;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The scores of each task as bars from zero, longest first, each with its 95 percent interval. */
final class BarsSection {
    private final Report report;
    private final List<ReportTask> tasks;

    BarsSection(Report report, List<ReportTask> tasks) {
        this.report = report;
        this.tasks = tasks;
    }

    private record Bar(
            ReportModel model, double score, @Nullable Interval interval) {}

    String html() {
        StringBuilder out = new StringBuilder("<div class=\"key\" aria-hidden=\"true\">")
                .append(
                        "<span class=\"trained\">left by the recipe</span><span class=\"before\">before training</span>")
                .append("<span class=\"baseline\">no language model</span></div>\n<div class=\"charts\">\n");
        for (ReportTask task : tasks) {
            out.append("<figure class=\"bars\"><figcaption>")
                    .append(Html.escape(task.label()))
                    .append("</figcaption>\n");
            report.models().stream()
                    .flatMap(model -> Finding.mainScore(report, model.name(), task.name())
                            .map(score -> new Bar(
                                    model,
                                    score,
                                    report.result(model.name(), task.name())
                                            .map(TaskResult::interval)
                                            .orElse(null)))
                            .stream())
                    .sorted(Comparator.comparingDouble(Bar::score).reversed())
                    .forEach(bar -> out.append(bar(bar)));
            out.append("</figure>\n");
        }
        return out.append("</div>\n").toString();
    }

    private static String bar(Bar bar) {
        double width = 100 * Math.max(0, Math.min(1, bar.score()));
        return "<div class=\"bar " + role(bar.model()) + "\"><span class=\"name\" title=\""
                + Html.escape(bar.model().name()) + "\">"
                + Html.escape(bar.model().name())
                + "</span><span class=\"track\"><i style=\"width:" + String.format(Locale.ROOT, "%.2f", width)
                + "%\"></i>" + whisker(bar.interval()) + "</span><span class=\"value\">" + Figures.score(bar.score())
                + "</span></div>\n";
    }

    /** A line over the 95 percent interval. */
    private static String whisker(@Nullable Interval interval) {
        if (interval == null || Double.isNaN(interval.low())) {
            return "";
        }
        double low = 100 * Math.max(0, Math.min(1, interval.low()));
        double high = 100 * Math.max(0, Math.min(1, interval.high()));
        return String.format(
                Locale.ROOT, "<b class=\"whisker\" style=\"left:%.2f%%;width:%.2f%%\"></b>", low, high - low);
    }

    static String role(ReportModel model) {
        return model.role() == Role.BASELINE ? "baseline" : model.role() == Role.BEFORE ? "before" : "trained";
    }
}
