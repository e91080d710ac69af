package io.github.llm2vec4j.evaluation.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is.
 *
 * @param stages all of the run, in order
 * @param refreshSeconds after which the page is to be loaded again; 0 for a run that does not go on by itself
 * @param at when this was so
 * @param note what else is to be said, such as why it has stopped, or empty
 */
public record RunProgress(List<Stage> stages, int refreshSeconds, Instant at, String note) {

    /** Where a stage is. */
    public enum State {
        DONE,
        RUNNING,
        STOPPED,
        WAITING
    }

    /**
     * A stage of the run.
     *
     * @param step steps that are done
     * @param steps of the whole stage; 0 where it has none
     * @param tokensPerSecond since it was started; 0 where there is nothing to say
     * @param left about how long it will take yet, or null where that is not known
     */
    public record Stage(
            String name,
            State state,
            long step,
            long steps,
            double tokensPerSecond,
            @Nullable Duration left) {

        /** One of which no more is known than where it is. */
        public Stage(String name, State state) {
            this(name, state, 0, 0, 0, null);
        }
    }

    public RunProgress {
        stages = List.copyOf(stages);
    }

    String html() {
        StringBuilder out = new StringBuilder("<div class=\"progress\"><div class=\"scroll\"><table class=\"plain\">\n"
                + "<thead><tr><th scope=\"col\">Stage</th><th scope=\"col\">State</th><th scope=\"col\">Steps</th>"
                + "<th scope=\"col\"><span class=\"hidden\">Share</span></th><th scope=\"col\">Tokens/s</th>"
                + "<th scope=\"col\">Left</th></tr></thead>\n<tbody>\n");
        stages.forEach(stage -> row(out, stage));
        out.append("</tbody></table></div>\n<p class=\"note\">As of ")
                .append(Html.escape(Figures.time(at)))
                .append(refreshSeconds > 0 ? "; this page loads itself again." : ".")
                .append(note.isEmpty() ? "" : " " + Html.escape(note));
        return out.append("</p></div>\n").toString();
    }

    private static void row(StringBuilder out, Stage stage) {
        String state = stage.state.name().toLowerCase(java.util.Locale.ROOT);
        out.append("<tr class=\"").append(state).append("\"><th scope=\"row\">").append(Html.escape(stage.name));
        out.append("</th><td>").append(state).append("</td><td class=\"number\">");
        if (stage.steps > 0) {
            out.append(Figures.count(stage.step)).append(" of ").append(Figures.count(stage.steps));
        }
        out.append("</td><td>");
        if (stage.steps > 0) {
            out.append("<progress max=\"")
                    .append(stage.steps)
                    .append("\" value=\"")
                    .append(stage.step);
            out.append("\"></progress>");
        }
        out.append("</td><td class=\"number\">")
                .append(stage.tokensPerSecond > 0 ? Figures.count(Math.round(stage.tokensPerSecond)) : "")
                .append("</td><td class=\"number\">");
        Duration left = stage.left;
        out.append(left == null ? "" : Html.escape(Figures.duration(left))).append("</td></tr>\n");
    }
}
