package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.tokenizer.Fertility;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.Texts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Into how many tokens the tokenizers of some models cut the texts of a file. */
record TokenReport(Map<String, Fertility> models) {

    /** Reads the file once for each model. */
    static TokenReport of(Path file, List<String> models) {
        Map<String, Fertility> counted = new LinkedHashMap<>();
        for (String model : models) {
            try (Tokenizer tokenizer = Tokenizer.load(tokenizerOf(model));
                    Texts texts = new Texts(List.of(file), Texts.Selection.of(List.of("text")))) {
                Fertility fertility = new Fertility(tokenizer);
                texts.forEachRemaining(fertility::add);
                counted.put(model, fertility);
            }
        }
        return new TokenReport(counted);
    }

    /** A folder may hold a tokenizer and no model. */
    private static Path tokenizerOf(String model) {
        Path folder = Path.of(model);
        return Files.isRegularFile(folder.resolve("tokenizer.json")) && !Files.exists(folder.resolve("config.json"))
                ? folder
                : ModelChain.resolve(model, List.of()).tokenizerFolder();
    }

    String text() {
        StringBuilder table = new StringBuilder();
        row(table, "", models.keySet().toArray(String[]::new));
        row(table, "texts", "%,.0f", Fertility::texts);
        row(table, "words", "%,.0f", Fertility::words);
        row(table, "tokens", "%,.0f", Fertility::tokens);
        row(table, "tokens per word", "%.3f", Fertility::tokensPerWord);
        row(table, "characters per token", "%.3f", Fertility::charactersPerToken);
        row(
                table,
                "byte tokens",
                models.values().stream()
                        .map(count -> count.hasByteFallback()
                                ? String.format(Locale.ROOT, "%.2f %%", 100 * count.byteShare())
                                : "none known")
                        .toArray(String[]::new));
        return table.toString();
    }

    private void row(StringBuilder table, String name, String format, ToDoubleFunction<Fertility> value) {
        row(
                table,
                name,
                models.values().stream()
                        .map(count -> String.format(Locale.ROOT, format, value.applyAsDouble(count)))
                        .toArray(String[]::new));
    }

    private void row(StringBuilder table, String name, String... cells) {
        int width = Math.max(
                12, models.keySet().stream().mapToInt(String::length).max().orElse(0));
        StringBuilder line = new StringBuilder(String.format("%-21s", name));
        for (String cell : cells) {
            line.append("  ").append(String.format("%" + width + "s", cell));
        }
        table.append(line.toString().stripTrailing()).append('\n');
    }

    ObjectNode json() {
        ObjectNode json = new JsonMapper().createObjectNode();
        models.forEach((model, count) -> json.putObject(model)
                .put("texts", count.texts())
                .put("words", count.words())
                .put("characters", count.characters())
                .put("tokens", count.tokens())
                .put("tokens_per_word", count.tokensPerWord())
                .put("characters_per_token", count.charactersPerToken())
                .put("byte_fallback", count.hasByteFallback())
                .put("byte_share", count.byteShare()));
        return json;
    }
}
