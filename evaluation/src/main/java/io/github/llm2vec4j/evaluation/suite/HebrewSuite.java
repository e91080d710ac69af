package io.github.llm2vec4j.evaluation.suite;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The Hebrew suites.
 *
 * <table>
 *   <caption>Tasks and where they come from</caption>
 *   <tr><th>embedded</th><td>pos, ner: words.conllu; topic-classification, topic-clustering: sentences-a.jsonl and
 *     sentences-b.jsonl; question-retrieval: questions.jsonl; paraphrase: triples.jsonl; each split by {@link Split}</td></tr>
 *   <tr><th>folder</th><td>ud-htb-pos: UD Hebrew HTB, trained on dev; nemo-ner: NEMO token-single; sentiment: Hebrew
 *     Sentiment Data; heq-retrieval: HeQ validation; hebnli-pairs, hebnli-triples: HebNLI validation;
 *     tatoeba-bitext, ntrex-bitext: Hebrew and English; law-retrieval, law-reranking, law-clustering, bill-retrieval: the
 *     test part of {@link TitleBody}</td></tr>
 *   <tr><th>mteb</th><td>the Hebrew parts of MTEB's tasks, on the hub: {@link TaskCard#onHub()}</td></tr>
 * </table>
 *
 * A task whose file is missing is not in the suite but among {@link Suite#skipped()}; a file that is there but
 * damaged is an error.
 */
public final class HebrewSuite {
    private HebrewSuite() {}

    /** The tasks of the embedded text, tested on its test part. */
    public static Suite embedded(EmbeddedText text, SuiteOptions options) {
        return EmbeddedSuite.of(text, options);
    }

    /**
     * The tasks of a folder with the sub-folders {@code ud-htb}, {@code nemo}, {@code sentiment}, {@code heq}, {@code
     * hebnli}, {@code tatoeba}, {@code ntrex} and {@code title-body}.
     *
     * @throws IllegalArgumentException when there is no such folder
     * @throws MalformedDataException for a file that is there but not as it should be
     */
    public static Suite folder(Path folder, SuiteOptions options) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + ": expected a folder with Hebrew data sets, found none");
        }
        return FolderSuite.of(DataFiles.folder(folder), options);
    }

    /**
     * One of MTEB's tasks, under MTEB's name, of its data on the hub and with its protocol. All of the train part is drawn
     * from, whatever the options say.
     *
     * @throws IllegalArgumentException when there is no such task
     * @throws MalformedDataException for rows that are not as the task needs them
     */
    public static Suite mteb(String task, HubTables tables, SuiteOptions options) {
        HubData data = TaskCard.onHub().get(task);
        if (data == null) {
            throw new IllegalArgumentException(
                    "expected a task of " + TaskCard.onHub().keySet() + ", found " + task);
        }
        return HubSuite.of(task, data, tables, options);
    }
}
