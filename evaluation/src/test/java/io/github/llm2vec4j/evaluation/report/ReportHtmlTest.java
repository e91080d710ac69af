package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.Skipped;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportHtmlTest {
    private static final Report REPORT = SampleReport.report();
    private static final String PAGE = REPORT.toHtml();
    private static final String HOSTILE = "</script><script>alert('x')</script>\" onload=\"{{data}}\u202e";

    @Test
    void loadsNothingFromElsewhere() {
        assertThat(Pattern.compile("(src|href|action|data)\\s*=\\s*[\"']?\\s*(\\w+:)?//")
                        .matcher(PAGE)
                        .find())
                .isFalse();
        assertThat(PAGE).doesNotContain("url(", "@import", "<link", "XMLHttpRequest", "fetch(", " src=");
        assertThat(PAGE).contains("Content-Security-Policy").contains("default-src 'none'");
    }

    @Test
    void showsEveryFigure() {
        for (ModelResult model : REPORT.results()) {
            for (TaskResult result : model.results()) {
                result.scores().values().forEach(score -> assertThat(PAGE).contains(Figures.score(score)));
                assertThat(PAGE).contains(Figures.count(result.test()) + " test items");
            }
        }
        Finding.of(REPORT).forEach(finding -> assertThat(PAGE).contains(Figures.difference(finding.difference())));
        REPORT.facts()
                .forEach(facts -> facts.entries()
                        .forEach((name, value) ->
                                assertThat(PAGE).contains(Html.escape(name)).contains(Html.escape(value))));
        REPORT.skipped().forEach(skipped -> assertThat(PAGE).contains(skipped.name(), skipped.reason()));
        assertThat(PAGE).contains("11 min 32 s", "24 November 2026, 14:05 UTC", "1,000 steps");
    }

    @Test
    void theBestOfAColumnIsBoldAndStarredAndNoOther() {
        assertThat(PAGE).contains("★</span>90.14").contains("★</span>74.20").doesNotContain("★</span>89.11");
    }

    @Test
    void intervalsAreShownWhereTheItemsAreKnown() {
        assertThat(PAGE).contains("±1.7</small>", "class=\"whisker\"", "95% interval ", "paired test");
        assertThat(PAGE.split("class=\"whisker\"", -1)).hasSize(REPORT.results().size() + 1); // one task of six
    }

    @Test
    void theBestModelsErrorsAreShownAndHebrewOnesRightToLeft() {
        assertThat(PAGE)
                .contains("Topic <small>" + ReportModel.SUPERVISED + "</small>")
                .contains("<td class=\"number right\" style=\"--share:0.750\">3</td>")
                .contains("<td class=\"number\" style=\"--share:0.250\">1</td>")
                .contains("<td dir=\"rtl\"><bdi dir=\"rtl\" lang=\"he\">הרכבת יצאה</bdi></td>")
                .doesNotContain("הגשם ירד"); // which was right
    }

    @Test
    void theSummarySaysWhereTheRecipeHelpedAndWhereTheBaselineIsAhead() {
        assertThat(Summary.of(REPORT).plain())
                .contains("better on 6 of 6 tasks")
                .contains("Question to passage (22.12 → 61.20)")
                .contains("ahead of every encoder on: Sentiment (74.20).");
    }

    @Test
    void hebrewIsSetRightToLeft() {
        assertThat(PAGE)
                .contains("<bdi dir=\"rtl\" lang=\"he\">"
                        + SampleSentences.examples().get(3).text());
    }

    @Test
    void hostileTextStaysText() throws Exception {
        List<Example> examples =
                List.of(new Example(HOSTILE, HOSTILE), new Example("b", HOSTILE), new Example("c", "t"));
        Map<String, float[][]> embeddings = Map.of(HOSTILE, new float[][] {{1, 0}, {0, 1}, {1, 1}});
        String page = new Report(
                        new RunInfo(HOSTILE, HOSTILE, Instant.EPOCH, Duration.ZERO, HOSTILE),
                        List.of(new ReportModel(HOSTILE, ReportModel.Role.BEFORE, null, List.of(), HOSTILE)),
                        List.of(new ReportTask(HOSTILE, HOSTILE, Level.WORD)),
                        List.of(),
                        List.of(new Skipped(HOSTILE, HOSTILE)),
                        List.of(new LossCurve(
                                HOSTILE,
                                List.of(new LossCurve.Point(1, 1)),
                                List.of(new LossCurve.HeldOut(1, Map.of(HOSTILE, 0.5))))),
                        EmbeddingMap.of(examples, embeddings),
                        Neighbours.of(examples, List.of(0), embeddings, 2),
                        List.of(new Facts(HOSTILE, Map.of(HOSTILE, HOSTILE))))
                .toHtml();

        assertThat(page).doesNotContain("<script>alert", "\" onload=\"", "\u202e");
        assertThat(page.split("</script>", -1)).hasSize(3); // the two of the page itself
        String data = page.replaceFirst("(?s).*id=\"report-data\">", "").replaceFirst("(?s)</script>.*", "");
        assertThat(new JsonMapper()
                        .readTree(data)
                        .path("examples")
                        .path(0)
                        .path("text")
                        .asText())
                .isEqualTo(Html.visible(HOSTILE));
    }

    private static String under(RunProgress progress) {
        List<LossCurve> curves = List.of(new LossCurve(
                "mntp", List.of(new LossCurve.Point(1, 1)), List.of(), Map.of(LossCurve.LEARNING_RATE, List.of(0.5))));
        return new Report(
                        new RunInfo("r", "b", Instant.EPOCH, Duration.ZERO, "c"),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        curves,
                        null,
                        null,
                        List.of(),
                        List.of(new ReportTable(HOSTILE, HOSTILE, List.of(HOSTILE), List.of(List.of(HOSTILE)))),
                        progress)
                .toHtml();
    }

    @Test
    void aRunThatGoesOnShowsHowFarItIsAndLoadsItselfAgain() {
        List<RunProgress.Stage> stages = List.of(
                new RunProgress.Stage("base", RunProgress.State.DONE),
                new RunProgress.Stage("mntp", RunProgress.State.RUNNING, 1200, 3000, 812.4, Duration.ofSeconds(90)),
                new RunProgress.Stage("<b>", RunProgress.State.WAITING));
        String page = under(new RunProgress(stages, 5, Instant.EPOCH, HOSTILE));
        assertThat(page)
                .contains("<meta http-equiv=\"refresh\" content=\"5\">", "this page loads itself again")
                .contains("1,200 of 3,000", "value=\"1200\"", ">812<", "1 min 30 s", "&lt;b&gt;")
                .contains("data-title=\"Learning rate\"", "\"learning rate\":{\"steps\":[1],\"line\":[0.5]}")
                .doesNotContain("<script>alert", "\u202e");
        assertThat(under(new RunProgress(stages, 0, Instant.EPOCH, "Stopped.")))
                .doesNotContain("http-equiv=\"refresh\"", "loads itself")
                .contains("Stopped.");
        assertThat(PAGE).doesNotContain("http-equiv=\"refresh\"", "class=\"progress\"");
    }

    @Test
    void bothFilesAreWrittenAndNothingElse(@TempDir Path folder) throws Exception {
        REPORT.write(folder);

        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(Report.HTML_FILE, Report.JSON_FILE);
        }
        assertThat(Files.readString(folder.resolve(Report.HTML_FILE), StandardCharsets.UTF_8))
                .isEqualTo(PAGE);
    }
}
