package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.Skipped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What an ablation has found: attention × training × pooling × layer, and what attention to later tokens does to a
 * representation (LLM2Vec sections 3 and 4). The first cell's pooling and the last cell's layer are what the other factors
 * are compared at.
 *
 * @param run what was run
 * @param tasks in order
 * @param cells in order: by model, then layer, then pooling
 * @param attention the same text and model read causally and bidirectionally, a map a model
 * @param prefixes the same beginning before two different continuations, a map a model that is read bidirectionally
 * @param prefixScores a model each
 */
public record AblationReport(
        RunInfo run,
        List<ReportTask> tasks,
        List<AblationCell> cells,
        List<HeatMap> attention,
        List<HeatMap> prefixes,
        List<PrefixScores> prefixScores,
        List<Skipped> skipped,
        List<Facts> facts) {
    public static final String HTML_FILE = "ablation.html";
    public static final String JSON_FILE = "ablation.json";

    public AblationReport {
        tasks = List.copyOf(tasks);
        cells = List.copyOf(cells);
        attention = List.copyOf(attention);
        prefixes = List.copyOf(prefixes);
        prefixScores = List.copyOf(prefixScores);
        skipped = List.copyOf(skipped);
        facts = List.copyOf(facts);
        if (cells.isEmpty()) {
            throw new IllegalArgumentException("ablation: expected at least one cell, found none");
        }
    }

    /** Writes {@value #HTML_FILE} and {@value #JSON_FILE}, each whole or not at all. */
    public void write(Path folder) throws IOException {
        AtomicFiles.writeString(folder.resolve(JSON_FILE), toJson().toPrettyString() + "\n");
        AtomicFiles.writeString(folder.resolve(HTML_FILE), toHtml());
    }

    /** All cells in one table, the main metric of each task. */
    public ResultTable table() {
        return ResultTable.ofMainMetrics(
                cells.stream().map(cell -> cell.named(cell.name())).toList());
    }

    private String pooling() {
        return cells.get(0).pooling();
    }

    private int layer() {
        return cells.get(cells.size() - 1).layer();
    }

    /** The page: one HTML document that loads nothing. */
    public String toHtml() {
        Page page = new Page(
                run,
                "ablation",
                Page.summary(
                        "Attention × training × pooling × layer. Layers count as the hidden states of the Python package transformers:"
                                + " k is the output of block k, and only the last, "
                                + layer() + ", has the final norm. Word tasks do not depend on the pooling."));
        Predicate<AblationCell> usual = cell -> cell.pooling().equals(pooling());
        Predicate<AblationCell> last = cell -> cell.layer() == layer();
        page.add(
                "training",
                "Attention and training",
                new ResultsSection(part(usual.and(last), AblationCell::model)).html());
        if (cells.stream().anyMatch(usual.negate())) {
            page.add(
                    "pooling",
                    "Pooling",
                    new ResultsSection(part(last, cell -> cell.model() + ", " + cell.pooling())).table());
        }
        if (cells.stream().anyMatch(last.negate())) {
            page.add(
                    "layers",
                    "Layers",
                    new ResultsSection(part(usual, cell -> cell.model() + ", layer " + cell.layer())).table());
        }
        if (!attention.isEmpty()) {
            page.add(
                    "attention",
                    "Causal against bidirectional",
                    "<p class=\"note\">The cosine of a token's state under causal attention with its state under"
                            + " bidirectional attention, same model, same text. Where it is high before training, the model"
                            + " can be read in both directions as it is.</p>\n"
                            + HeatMapSection.html(attention));
        }
        if (!prefixes.isEmpty()) {
            page.add(
                    "beginnings",
                    "What a beginning knows of the end",
                    "<p class=\"note\">The cosine of a token's state with that of the same token of another text, which"
                            + " begins alike and then goes on with another meaning, under bidirectional attention. Under"
                            + " causal attention it is 1.</p>\n"
                            + HeatMapSection.html(prefixes) + PrefixSection.html(prefixScores));
        }
        if (!facts.isEmpty()) {
            page.add("settings", "Settings and versions", FactsSection.html(facts));
        }
        return page.html();
    }

    /** Some of the cells as a report of their own, under shorter names. */
    private Report part(Predicate<AblationCell> which, Function<AblationCell, String> name) {
        List<AblationCell> some = cells.stream().filter(which).toList();
        return new Report(
                run,
                some.stream()
                        .map(cell -> new ReportModel(
                                name.apply(cell),
                                cell.trained() ? ReportModel.Role.TRAINED : ReportModel.Role.BEFORE,
                                null,
                                List.of(),
                                cell.pooling() + ", layer " + cell.layer()))
                        .toList(),
                tasks,
                some.stream().map(cell -> cell.named(name.apply(cell))).toList(),
                skipped,
                List.of(),
                null,
                null,
                List.of());
    }

    /**
     * {@code {"run", "cells": [{"attention", "training", "pooling", "layer", "results": [{"task", "main_score",
     * "main_score_95", …}]}], "table", "attention": [heat map], "prefixes": [heat map], "prefix_scores": […], "skipped",
     * "facts"}}.
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("run", ReportJson.run(run));
        ArrayNode cellNodes = json.putArray("cells");
        for (AblationCell cell : cells) {
            ArrayNode results = cellNodes
                    .addObject()
                    .put("attention", cell.attention())
                    .put("training", cell.training())
                    .put("pooling", cell.pooling())
                    .put("layer", cell.layer())
                    .putArray("results");
            for (TaskResult result : cell.results()) {
                ObjectNode node = result.toJson(0);
                node.remove(List.of("confusion", "errors", "notes", "model"));
                results.add(node);
            }
        }
        json.set("table", table().toJson());
        json.set("attention", ReportJson.tree(attention));
        json.set("prefixes", ReportJson.tree(prefixes));
        json.set("prefix_scores", ReportJson.tree(prefixScores));
        json.set("skipped", ReportJson.tree(skipped));
        json.set("facts", ReportJson.tree(facts));
        return json;
    }
}
