package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.hub.HubClient;
import io.github.llm2vec4j.core.hub.HubException;
import io.github.llm2vec4j.core.hub.HubId;
import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.core.hub.RemoteRepo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A data set on the hub: its configurations, their splits, and the files of each. Pickles and programs are not read. */
public final class HubDataSet {
    /** The split that is trained on. */
    public static final String TRAIN = "train";

    private static final String CONVERTED = "refs/convert/parquet";
    private static final String CARD = "README.md";

    private final HubId id;
    private final RemoteRepo repo;
    private final Map<String, Map<String, List<String>>> configs;
    private final String standard;

    private HubDataSet(HubId id, RemoteRepo repo, Map<String, Map<String, List<String>>> configs, String standard) {
        this.id = id;
        this.repo = repo;
        this.configs = configs;
        this.standard = standard;
    }

    /**
     * Asks what there is. Of a data set that has no files of its own which are read here, those are taken that the hub has
     * made of it.
     *
     * @param name as the hub names it, {@code OWNER/NAME} or {@code OWNER/NAME@REVISION}
     * @throws HubException if it is not to be had, or holds nothing that is read here
     */
    public static HubDataSet open(String name, HubSettings settings) {
        HubId id = HubId.parse(name.startsWith("datasets/") ? name : "datasets/" + name);
        HubClient client = new HubClient(settings);
        RemoteRepo own = client.browse(id);
        HubDataSet set = of(id, own);
        if (!set.configs.isEmpty()) {
            return set;
        }
        HubDataSet converted = id.revision().equals(HubId.MAIN) ? converted(id, client) : null;
        if (converted == null) {
            throw new HubException(
                    HubException.Kind.UNUSABLE, id + ": " + unread(own.sizes().keySet()));
        }
        return converted;
    }

    private static @Nullable HubDataSet converted(HubId id, HubClient client) {
        try {
            HubDataSet set = of(id, client.browse(id.at(CONVERTED)));
            return set.configs.isEmpty() ? null : set;
        } catch (HubException e) {
            if (e.kind() == HubException.Kind.NOT_FOUND || e.kind() == HubException.Kind.OFFLINE) {
                return null;
            }
            throw e;
        }
    }

    private static HubDataSet of(HubId id, RemoteRepo repo) {
        Set<String> paths = repo.sizes().keySet();
        DataCard card = DataCard.read(id.toString(), paths.contains(CARD) ? repo.text(CARD) : "");
        Map<String, Map<String, List<String>>> configs = new LinkedHashMap<>();
        card.configs().forEach((name, config) -> put(configs, name, SplitFiles.of(paths, config)));
        if (!configs.isEmpty()) {
            return new HubDataSet(id, repo, configs, card.standard());
        }
        if (repo.id().revision().equals(CONVERTED)) { // CONFIG/SPLIT/0000.parquet
            Set<String> folders = new java.util.TreeSet<>();
            paths.stream()
                    .filter(path -> path.contains("/"))
                    .forEach(path -> folders.add(path.replaceFirst("/.*", "/")));
            for (String folder : folders) {
                put(configs, folder.replace("/", ""), splitFolders(paths, folder));
            }
            return new HubDataSet(
                    id,
                    repo,
                    configs,
                    configs.size() == 1 ? configs.keySet().iterator().next() : "default");
        }
        put(configs, "default", SplitFiles.of(paths, new DataCard.Config("", Map.of())));
        return new HubDataSet(id, repo, configs, "default");
    }

    private static Map<String, List<String>> splitFolders(Collection<String> paths, String folder) {
        Map<String, List<String>> splits = new TreeMap<>();
        for (String path : paths) {
            String[] steps = path.split("/");
            if (path.startsWith(folder) && path.endsWith(".parquet") && steps.length == 3) {
                splits.computeIfAbsent(steps[1], split -> new java.util.ArrayList<>())
                        .add(path);
            }
        }
        return splits;
    }

    private static void put(
            Map<String, Map<String, List<String>>> configs, String name, Map<String, List<String>> splits) {
        if (!splits.isEmpty()) {
            configs.put(name, splits);
        }
    }

    /** Why nothing of it is read, and what to do. */
    private static String unread(Collection<String> paths) {
        String script = first(paths, ".*\\.py");
        String packed = first(paths, "(?i).*\\.(zip|tar|tgz|tar\\.gz|7z|rar|xz|bz2)");
        String pickle = first(paths, "(?i).*\\.(pkl|pickle|bin|pt|pth|npy|npz|joblib)");
        String advice =
                "; take a data set with Parquet, CSV or JSONL files, or name files of this machine in train_file";
        if (!pickle.isEmpty()) {
            return "has its data as " + pickle
                    + ", and such files are not read, since reading one can run what it holds" + advice;
        }
        if (!packed.isEmpty()) {
            return "has its data packed in " + packed + ": unpack it here and name the files in train_file";
        }
        if (!script.isEmpty()) {
            return "is made by the program " + script
                    + ", which is not run, and the hub has made no Parquet files of it" + advice;
        }
        return "has no file that is read here (.parquet, .csv, .tsv, .jsonl, .txt)" + advice;
    }

    private static String first(Collection<String> paths, String pattern) {
        return paths.stream().filter(path -> path.matches(pattern)).findFirst().orElse("");
    }

    public String commit() {
        return repo.commit();
    }

    /** The splits of a configuration. */
    public Set<String> splits(@Nullable String config) {
        return config(config).keySet();
    }

    private Map<String, List<String>> config(@Nullable String name) {
        String wanted = name == null ? standard : name;
        Map<String, List<String>> splits = configs.get(wanted);
        if (splits == null) {
            throw new BadDataException(id + ": "
                    + (name == null
                            ? "has several configurations: set dataset_config_name"
                            : "has no configuration '" + name + "'")
                    + "; there are " + configs.keySet());
        }
        return splits;
    }

    private List<String> paths(@Nullable String config, String split) {
        List<String> paths = config(config).get(split);
        if (paths == null) {
            throw new BadDataException(id + ": has no split '" + split + "'; there are " + splits(config));
        }
        return paths;
    }

    /**
     * The rows of a split.
     *
     * @param config which of its configurations, or null for the one that is meant where none is named
     * @throws BadDataException if there is no such configuration or split
     */
    public DataSet split(@Nullable String config, String split) {
        return new DataSet(
                id.name(),
                paths(config, split).stream()
                        .<TableSource>map(path -> new HubTable(repo, path))
                        .toList());
    }

    /** A single file that is named rather than chosen. */
    public DataSet file(String path) {
        return new DataSet(id.name(), List.of(new HubTable(repo, path)));
    }

    /** One checksum of the files of a split. */
    public String content(@Nullable String config, String split) {
        StringBuilder all = new StringBuilder();
        paths(config, split)
                .forEach(path ->
                        all.append(path).append(' ').append(repo.digest(path)).append('\n'));
        return Sha256.ofText(all.toString());
    }

    /** The checksum of a single file. */
    public String content(String path) {
        return repo.digest(path);
    }

    /** The bytes of the files of a split. */
    public long bytes(@Nullable String config, String split) {
        Map<String, Long> sizes = repo.sizes();
        return paths(config, split).stream().mapToLong(sizes::get).sum();
    }

    /** The bytes of a single file. */
    public long bytes(String path) {
        return repo.sizes().getOrDefault(path, 0L);
    }
}
