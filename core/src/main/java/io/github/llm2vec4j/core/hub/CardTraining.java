package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The part of a model card that says how the model was trained, a table for each training. */
final class CardTraining {
    private CardTraining() {}

    static void append(StringBuilder card, JsonNode trainings) {
        if (trainings.isEmpty()) {
            return;
        }
        card.append("## Training\n\n");
        for (JsonNode training : trainings) {
            card.append("### ")
                    .append(MarkdownText.plain(training.path("stage").asText()))
                    .append("\n\n");
            card.append("| | |\n| --- | --- |\n");
            for (JsonNode data : training.path("data")) {
                row(
                        card,
                        "data",
                        MarkdownText.code(data.path("name").asText()) + ", "
                                + data.path("bytes").asLong() + " bytes, "
                                + MarkdownText.plain(data.path("of").asText()) + " "
                                + MarkdownText.code(data.path("sha256").asText()));
            }
            for (JsonNode overlap : training.path("overlap")) {
                row(
                        card,
                        "test texts of "
                                + MarkdownText.plain(overlap.path("set").asText()) + " in the data",
                        overlap.path("found").asLong() + " of "
                                + overlap.path("texts").asLong()
                                + (overlap.path("dropped").asBoolean() ? ", dropped" : ""));
            }
            row(card, "steps", training.path("steps").asText());
            row(card, "seed", training.path("seed").asText());
            row(card, "settings", pairs(training.path("settings")));
            row(card, "held-out scores", pairs(training.path("scores")));
            row(
                    card,
                    "computed in",
                    MarkdownText.plain(training.path("compute_type").asText()) + " by "
                            + training.path("workers").asInt() + " workers");
            row(card, "versions", pairs(training.path("versions")));
            card.append('\n');
        }
    }

    private static String pairs(JsonNode object) {
        List<String> pairs = new ArrayList<>();
        object.properties()
                .forEach(entry -> pairs.add(MarkdownText.code(entry.getKey() + " "
                        + entry.getValue().asText(entry.getValue().toString()))));
        return String.join(", ", pairs);
    }

    private static void row(StringBuilder card, String name, String value) {
        if (!value.isEmpty()) {
            card.append("| ").append(name).append(" | ").append(value).append(" |\n");
        }
    }
}
