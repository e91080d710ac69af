package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import java.util.ArrayList;
import java.util.List;

/** Reads a file with the header {@code comment TAB label} and rows of that form; blank lines are skipped. */
final class LabelledTsv {
    private LabelledTsv() {}

    static List<Labelled> read(SourceFile file) {
        List<Labelled> rows = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            String[] columns = line.split("\t", -1);
            if (i == 0 && !line.equals("comment\tlabel")) {
                throw file.malformed(1, "the header \"comment<TAB>label\"", line);
            }
            if (i == 0 || line.isBlank()) {
                continue;
            }
            if (columns.length != 2 || columns[0].isBlank() || columns[1].isBlank()) {
                throw file.malformed(i + 1, "a text, a tab and a label", line);
            }
            rows.add(new Labelled(columns[0].strip(), columns[1].strip()));
        }
        return rows;
    }
}
