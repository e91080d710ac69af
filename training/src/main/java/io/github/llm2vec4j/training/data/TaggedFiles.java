package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.tagging.ConlluReader;
import io.github.llm2vec4j.core.tagging.ConlluSentence;
import io.github.llm2vec4j.core.tagging.MalformedLine;
import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads sentences with a tag for each word: {@code .conllu} files ({@link ConlluReader}), and any other as columns, a
 * word a line, as the shared tasks of CoNLL have them. Columns are parted by tabs or, where a line has none, by spaces;
 * the first is the word, a blank line ends a sentence, and lines {@code -DOCSTART-} are passed over.
 *
 * @param task which tags are read: of CoNLL-U the part of speech or {@code Entity} of the last column; of columns the
 *     second for parts of speech, the third for chunks, the last for entities, and where there are but two the second
 * @param column number of the column to read instead, from 2, or 0; CoNLL-U has none to choose
 */
public record TaggedFiles(TagTask task, int column) {
    private static final String DOCUMENT = "-DOCSTART-";

    /**
     * All sentences of the files.
     *
     * @throws BadDataException naming the file and the line, if one is missing or not of the form
     */
    public List<TaggedSentence> read(List<Path> files) {
        List<TaggedSentence> sentences = new ArrayList<>();
        for (Path file : files) {
            MalformedLine malformed = (line, expected, found) ->
                    new BadDataException(file + " line " + line + ": expected " + expected + ", found " + found);
            List<String> lines = TextFiles.lines(file);
            List<TaggedSentence> read = file.getFileName().toString().matches(".*\\.conllu(\\.gz)?")
                    ? conllu(file, lines, malformed)
                    : columns(lines, malformed);
            if (read.isEmpty()) {
                throw new BadDataException(file + ": no sentence was found");
            }
            sentences.addAll(read);
        }
        return sentences;
    }

    private List<TaggedSentence> conllu(Path file, List<String> lines, MalformedLine malformed) {
        if (task == TagTask.CHUNK_TAGS) {
            throw new BadDataException(file + ": CoNLL-U has no " + task + ": give a file of columns");
        }
        return ConlluReader.read(lines, malformed).stream()
                .map(
                        task == TagTask.POS_TAGS
                                ? ConlluSentence::taggedWithPartsOfSpeech
                                : ConlluSentence::taggedWithEntities)
                .toList();
    }

    private List<TaggedSentence> columns(List<String> lines, MalformedLine malformed) {
        List<TaggedSentence> sentences = new ArrayList<>();
        List<String> words = new ArrayList<>();
        List<String> tags = new ArrayList<>();
        int width = 0;
        for (int i = 0; i <= lines.size(); i++) {
            String line = i < lines.size() ? lines.get(i).strip() : "";
            if (line.isEmpty() || line.startsWith(DOCUMENT)) {
                if (!words.isEmpty()) {
                    sentences.add(new TaggedSentence(words, tags));
                }
                words.clear();
                tags.clear();
                continue;
            }
            String[] cells = cells(line, width);
            width = width == 0 ? cells.length : width;
            int read = index(width);
            if (cells.length != width || width < 2 || read >= width) {
                throw malformed.at(i + 1, "a word and " + wanted(width) + " in columns", line);
            }
            if (task.hasSpans() && !cells[read].matches("O|[BIES](-\\S+)?")) {
                throw malformed.at(i + 1, "a tag like O or B-PER in column " + (read + 1), line);
            }
            words.add(cells[0].strip());
            tags.add(cells[read].strip());
        }
        return sentences;
    }

    /** A word may hold spaces itself: where a line has more pieces than the first one, those in front are the word. */
    private static String[] cells(String line, int width) {
        if (line.indexOf('\t') >= 0) {
            return line.split("\t", -1);
        }
        String[] pieces = line.split("\\s+");
        if (width < 2 || pieces.length <= width) {
            return pieces;
        }
        int inWord = pieces.length - width + 1;
        String[] cells = new String[width];
        cells[0] = String.join(" ", Arrays.asList(pieces).subList(0, inWord));
        System.arraycopy(pieces, inWord, cells, 1, width - 1);
        return cells;
    }

    private int index(int width) {
        if (column > 0) {
            return column - 1;
        }
        return width == 2
                ? 1
                : switch (task) {
                    case POS_TAGS -> 1;
                    case CHUNK_TAGS -> 2;
                    case NER_TAGS -> width - 1;
                };
    }

    private String wanted(int width) {
        int needed = Math.max(Math.max(width, 2), column) - 1;
        return needed == 1 ? "its tag" : needed + " more";
    }
}
