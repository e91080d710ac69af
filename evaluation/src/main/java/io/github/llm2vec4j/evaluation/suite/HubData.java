package io.github.llm2vec4j.evaluation.suite;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the data of one of MTEB's tasks is on the hub, and how MTEB makes a task of it.
 *
 * @param protocol how its tables are read
 * @param dataSet {@code OWNER/NAME}
 * @param revision the commit that MTEB names
 * @param config the configuration that is read; of retrieval what stands before {@code -corpus}, {@code -queries} and
 *     {@code -qrels}; or null for the only one
 * @param subset MTEB's name of the part that is scored
 * @param split what is tested on; a classification learns from {@code train}
 * @param columns what is read to the name of its column
 * @param items test items of the whole
 */
public record HubData(
        Protocol protocol,
        String dataSet,
        String revision,
        @Nullable String config,
        String subset,
        String split,
        Map<String, String> columns,
        int items) {

    /** The forms of tables. */
    public enum Protocol {
        /** Texts and labels: {@code text}, {@code label}. */
        CLASSIFICATION,
        /** Sentences and translations: {@code first}, {@code second}. */
        BITEXT,
        /** A corpus, queries, and which belong together, each in a configuration of its own. */
        RETRIEVAL,
        /** A question and its passage a row: {@code question}, {@code passage}, and {@code key}, which tells passages apart. */
        PASSAGES
    }

    public HubData {
        columns = columns == null ? Map.of() : Map.copyOf(columns);
    }

    /** What the hub is asked for. */
    public String address() {
        return dataSet + "@" + revision;
    }
}
