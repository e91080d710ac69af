package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What the settings at the head of a data set's {@code README.md} say of its files: the key {@code configs}, as the Python
 * package datasets reads it.
 *
 * @param configs by name, in their order; none where the card says nothing of files
 * @param standard the name of the configuration that is meant where none is named, or empty
 */
record DataCard(Map<String, Config> configs, String standard) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final DataCard EMPTY = new DataCard(Map.of(), "");
    private static final String FENCE = "---";

    /**
     * A configuration.
     *
     * @param folder in which its files are, with a slash at its end, or empty
     * @param patterns of the files of each split; none where the names of the files say it
     */
    record Config(String folder, Map<String, List<String>> patterns) {}

    /**
     * Reads a card.
     *
     * @throws BadDataException if its head is not YAML
     */
    static DataCard read(String source, String card) {
        String text = card.replace("\r\n", "\n").stripLeading();
        int end = text.startsWith(FENCE + "\n") ? text.indexOf("\n" + FENCE, FENCE.length()) : -1;
        if (end < 0) {
            return EMPTY;
        }
        JsonNode head;
        try {
            LoadSettings settings =
                    LoadSettings.builder().setAllowDuplicateKeys(true).build();
            head = JSON.valueToTree(new Load(settings).loadFromString(text.substring(FENCE.length(), end)));
        } catch (YamlEngineException | IllegalArgumentException e) {
            throw new BadDataException(source + "/README.md: its head is not YAML that can be read: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        Map<String, Config> configs = new LinkedHashMap<>();
        String standard = "";
        JsonNode list = head.path("configs");
        for (JsonNode item : list.isArray() ? list : JSON.createArrayNode().add(list)) {
            if (item instanceof ObjectNode config) {
                String name = config.path("config_name").asText("default");
                configs.put(name, config(config));
                standard = config.path("default").asBoolean() || name.equals("default") ? name : standard;
            }
        }
        return new DataCard(
                configs, configs.size() == 1 ? configs.keySet().iterator().next() : standard);
    }

    private static Config config(ObjectNode json) {
        String folder = json.path("data_dir").asText("");
        Map<String, List<String>> splits = new LinkedHashMap<>();
        JsonNode files = json.path("data_files");
        if (files.isObject()) {
            files.properties().forEach(split -> add(splits, split.getKey(), split.getValue()));
        } else {
            for (JsonNode item :
                    files.isArray() ? files : JSON.createArrayNode().add(files)) {
                if (item.isObject()) {
                    add(splits, item.path("split").asText(HubDataSet.TRAIN), item.path("path"));
                } else {
                    add(splits, HubDataSet.TRAIN, item);
                }
            }
        }
        return new Config(folder.isEmpty() || folder.endsWith("/") ? folder : folder + "/", splits);
    }

    private static void add(Map<String, List<String>> splits, String split, JsonNode paths) {
        for (JsonNode path : paths.isArray() ? paths : JSON.createArrayNode().add(paths)) {
            if (path.isTextual()) {
                splits.computeIfAbsent(split, name -> new ArrayList<>()).add(path.asText());
            }
        }
    }
}
