package io.github.llm2vec4j.training.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads whole files of texts, for what needs all of them at once. */
public final class TextFiles {
    private TextFiles() {}

    /**
     * All texts of the files that are not blank: of a plain text each line, of a table the columns of these names, those
     * that it has.
     *
     * @throws BadDataException naming the file and the line, if one is missing, damaged or not UTF-8 text
     */
    public static List<String> texts(List<Path> files, List<String> columns) {
        List<String> texts = new ArrayList<>();
        try (Texts all = new Texts(files, Texts.Selection.of(columns))) {
            all.forEachRemaining(texts::add);
        }
        return texts;
    }
}
