package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.training.data.DataSet;
import io.github.llm2vec4j.training.data.HubDataSet;
import io.github.llm2vec4j.training.data.InputFiles;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The data set on the hub that a stage's settings name, where they name no file that is there.
 *
 * @param name on the hub, {@code OWNER/NAME} or {@code OWNER/NAME@REVISION}
 * @param file of it that is meant, or null for those of the split
 * @param config which of its configurations, or null for the one that is meant where none is named
 * @param split what is trained on
 */
public record HubSource(
        String name, @Nullable String file, @Nullable String config, String split) {
    /** Held-out text of a data set that has such a split. */
    static final String VALIDATION = "validation";

    /** Texts in pairs, by file; the hub has no data set of that name. */
    static final String E5 = "E5";

    static final String HEDC4 = "HeNLP/HeDC4";

    /** Names of the reference's configurations that are none on the hub: where these data sets are. */
    private static final Map<String, HubSource> RENAMED = Map.of(
            "wikitext", new HubSource("Salesforce/wikitext", null, null, HubDataSet.TRAIN),
            "Wiki1M",
                    new HubSource(
                            "princeton-nlp/datasets-for-simcse", "wiki1m_for_simcse.txt", null, HubDataSet.TRAIN));

    /** What a branch was at when it was first asked for: one process sees one data set. */
    private static final Map<String, HubDataSet> OPENED = new ConcurrentHashMap<>();

    /**
     * The data set that is read, or null where it is files of this machine, or none is named. A file that is named beside
     * a data set and is not there stands for a copy of it.
     *
     * @throws ConfigException if the name cannot be one on the hub
     */
    public static @Nullable HubSource of(StageConfig config) {
        if (!isMeant(config)) {
            return null;
        }
        String named = config.text("dataset_name");
        HubSource known = RENAMED.get(named);
        if (known == null && !named.matches("[^/@]+/[^/@]+(@.+)?")) {
            throw new ConfigException(config.source() + ": dataset_name '" + named
                    + "': expected OWNER/NAME of a data set on the hub; or name files of this machine in train_file");
        }
        String chosen = config.text("dataset_config_name", "");
        return new HubSource(
                known == null ? named : known.name,
                known == null ? null : known.file,
                chosen.isEmpty() ? null : chosen,
                config.text("dataset_split", HubDataSet.TRAIN));
    }

    /** Whether a data set on the hub is what the settings name to train on. */
    static boolean isMeant(StageConfig config) {
        String named = config.text("dataset_name", "");
        if (named.isEmpty() || named.equals(E5) || config.has("train_file")) {
            return false;
        }
        return config.files("dataset_file_path").stream()
                .noneMatch(file -> Files.exists(file) || InputFiles.isPattern(file) || !RENAMED.containsKey(named));
    }

    /** Whether a name of a data set says how its files are read, wherever they are. */
    static boolean saysHowToRead(String datasetName) {
        return datasetName.equals(E5) || isHedc4(datasetName);
    }

    static boolean isHedc4(String datasetName) {
        return datasetName.replaceFirst("@.*", "").equals(HEDC4);
    }

    private HubDataSet opened() {
        try {
            return OPENED.computeIfAbsent(name, id -> HubDataSet.open(id, HubSettings.fromEnvironment()));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("dataset_name: " + e.getMessage());
        }
    }

    /**
     * Makes sure that it is there.
     *
     * @throws io.github.llm2vec4j.core.hub.HubException if it is not to be had
     */
    public void check() {
        dataSet();
    }

    /** The rows. */
    DataSet dataSet() {
        return file == null ? opened().split(config, split) : opened().file(file);
    }

    /** The rows that are held out, or null where there are none. */
    @Nullable
    DataSet validation() {
        return file == null
                        && !split.equals(VALIDATION)
                        && opened().splits(config).contains(VALIDATION)
                ? opened().split(config, VALIDATION)
                : null;
    }

    /** One checksum of the files. */
    String content() {
        return file == null ? opened().content(config, split) : opened().content(file);
    }

    /** The bytes of the files. */
    long bytes() {
        return file == null ? opened().bytes(config, split) : opened().bytes(file);
    }
}
