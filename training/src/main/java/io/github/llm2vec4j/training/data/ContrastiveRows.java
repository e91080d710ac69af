package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.encoder.EncoderConfig;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.encoder.Template;
import io.github.llm2vec4j.core.encoder.TextPreparation;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Rows of texts that belong together: a query, a text that answers it, and any number of texts that do not. Rows of one
 * data set have as many columns each, and a batch comes from one data set.
 *
 * @param datasets for each data set its rows, each row its columns: query, positive, negatives
 */
public record ContrastiveRows(List<List<PreparedText[]>> datasets) {

    /** Each text twice, without white space around it, for SimCSE. */
    public static ContrastiveRows ofTexts(List<String> texts, Tokenizer tokenizer, int maxLength) {
        return ofTexts(texts.iterator(), text -> true, tokenizer, Template.NONE, maxLength);
    }

    /** Each text that is wanted, twice, without white space around it, in a model's template. */
    public static ContrastiveRows ofTexts(
            Iterator<String> texts, Predicate<String> wanted, Tokenizer tokenizer, Template template, int maxLength) {
        TextPreparation preparation = preparation(tokenizer, template, maxLength);
        List<PreparedText[]> rows = new ArrayList<>();
        texts.forEachRemaining(text -> {
            if (wanted.test(text)) {
                PreparedText prepared = preparation.prepare(Instruction.NONE, text.strip());
                rows.add(new PreparedText[] {prepared, prepared});
            }
        });
        return new ContrastiveRows(List.of(rows));
    }

    /** Reads pairs and longer rows for a model without a template. */
    public static ContrastiveRows read(List<Path> files, String instruction, Tokenizer tokenizer, int maxLength) {
        return ContrastiveFiles.of(instruction).read(files, tokenizer, Template.NONE, maxLength);
    }

    /** How texts are made ready: those of training are cut at one length, instruction included. */
    public static TextPreparation preparation(Tokenizer tokenizer, Template template, int maxLength) {
        return new TextPreparation(tokenizer, new EncoderConfig(Pooling.MEAN, maxLength, maxLength, true), template);
    }
}
