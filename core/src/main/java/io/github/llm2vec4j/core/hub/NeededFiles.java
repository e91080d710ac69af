package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which files of a repository are of use here. Of a model: its settings, its tokenizer, and its weights once, as
 * safetensors where there are such, else as GGUF. Of a data set: its data. Pickle files are never among them, since
 * reading one runs what it holds.
 */
final class NeededFiles {
    private static final Set<String> SETTINGS = Set.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "adapter_config.json",
            "llm2vec_config.json",
            "llm2vec4j.json",
            "modules.json",
            "sentence_bert_config.json",
            "config_sentence_transformers.json",
            "README.md");

    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String ADAPTER = "adapter_model.safetensors";
    private static final Pattern LICENCE = Pattern.compile("(LICEN[CS]E|NOTICE|USE_POLICY)(\\.(txt|md))?");
    private static final Pattern PICKLE = Pattern.compile("(?i).*\\.(bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz)");
    private static final Pattern CODE = Pattern.compile("(?i).*\\.(py|pyc|so|dll|dylib|exe|sh|jar|class)");
    private static final Pattern DATA = Pattern.compile("(?i).*\\.(jsonl|json|csv|tsv|txt|conllu|parquet)(\\.gz)?");
    private static final Pattern PARQUET = Pattern.compile("(?i).*\\.parquet");

    /** Reads a JSON file of the repository, which is fetched for that. */
    @FunctionalInterface
    interface Reader {
        JsonNode read(String path) throws IOException;
    }

    private final HubId id;
    private final Set<String> there;
    private final Reader reader;

    /** @param there the paths of all files of the repository */
    NeededFiles(HubId id, Collection<String> there, Reader reader) {
        this.id = id;
        this.there = new TreeSet<>(there);
        this.reader = reader;
    }

    /**
     * The paths of the files of a model that are read here.
     *
     * @throws HubException if its weights come as pickle alone, or are not all there
     */
    Set<String> ofModel() throws IOException {
        Set<String> needed = new LinkedHashSet<>();
        Set<String> weights = new LinkedHashSet<>();
        for (String root : roots()) {
            for (String path : there) {
                if (path.startsWith(root) && isSetting(path.substring(root.length()))) {
                    needed.add(path);
                }
            }
            weights.addAll(weights(root));
        }
        if (weights.isEmpty()) {
            weights.addAll(gguf());
        }
        if (weights.isEmpty()) {
            there.stream()
                    .filter(path -> PICKLE.matcher(path).matches())
                    .findFirst()
                    .ifPresent(pickle -> {
                        throw new HubException(
                                Kind.UNUSABLE,
                                id + ": has its weights only as " + pickle
                                        + ", and pickle files are not read: look for a"
                                        + " revision with safetensors among its discussions (refs/pr/NUMBER), or convert it"
                                        + " where it is trusted");
                    });
        }
        needed.addAll(weights);
        return needed;
    }

    private static boolean isSetting(String name) {
        return SETTINGS.contains(name) || LICENCE.matcher(name).matches();
    }

    /** The repository itself, and the folders of the modules of sentence-transformers. */
    private List<String> roots() throws IOException {
        List<String> roots = new ArrayList<>(List.of(""));
        if (there.contains("modules.json")) {
            for (JsonNode module : reader.read("modules.json")) {
                String path = module.path("path").asText("");
                if (!path.isEmpty()) {
                    roots.add(path + "/");
                }
            }
        }
        return roots;
    }

    private Set<String> weights(String root) throws IOException {
        if (there.contains(root + SINGLE)) {
            return Set.of(root + SINGLE);
        }
        if (there.contains(root + INDEX)) {
            Set<String> shards = new LinkedHashSet<>(List.of(root + INDEX));
            for (JsonNode shard : reader.read(root + INDEX).path("weight_map")) {
                if (!there.contains(root + shard.asText())) {
                    throw new HubException(
                            Kind.UNUSABLE,
                            id + ": " + root + INDEX + " lists '" + shard.asText() + "', which is not there");
                }
                shards.add(root + shard.asText());
            }
            return shards;
        }
        return there.contains(root + ADAPTER) ? Set.of(root + ADAPTER) : Set.of();
    }

    private List<String> gguf() {
        List<String> files = there.stream()
                .filter(path -> path.endsWith(".gguf") && !path.contains("/"))
                .toList();
        if (files.size() > 1) {
            throw new HubException(
                    Kind.UNUSABLE,
                    id + ": holds " + files.size() + " GGUF files: fetch one with './llm2vec pull " + id
                            + " --include FILE', and give its path as the model; there are "
                            + String.join(", ", files));
        }
        return files;
    }

    /** The paths of the data of a data set: as Parquet where there is some. */
    Set<String> ofDataSet() {
        Set<String> data = matching(PARQUET);
        if (data.isEmpty()) {
            data = matching(DATA);
        }
        if (!data.isEmpty() && there.contains("README.md")) {
            data.add("README.md");
        }
        return data;
    }

    private Set<String> matching(Pattern pattern) {
        Set<String> paths = new LinkedHashSet<>();
        there.stream().filter(path -> pattern.matcher(path).matches()).forEach(paths::add);
        return paths;
    }

    /**
     * The paths that one of some patterns allows; a star stands for a part of a name, two for any path.
     *
     * @throws HubException if there are none but pickle files and programs
     */
    Set<String> like(List<String> patterns) {
        Set<String> paths = new LinkedHashSet<>();
        boolean unsafe = false;
        for (String pattern : patterns) {
            PathMatcher matcher;
            try {
                matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("--include " + pattern + ": " + e.getDescription(), e);
            }
            for (String path : there) {
                if (matches(matcher, path)) {
                    boolean safe = !PICKLE.matcher(path).matches()
                            && !CODE.matcher(path).matches();
                    unsafe |= !safe;
                    if (safe) {
                        paths.add(path);
                    }
                }
            }
        }
        if (paths.isEmpty()) {
            throw new HubException(
                    Kind.NOT_FOUND,
                    id + ": --include " + String.join(" ", patterns)
                            + (unsafe
                                    ? " means pickle files or programs alone, which are never fetched"
                                    : " means no file of it"));
        }
        return paths;
    }

    private static boolean matches(PathMatcher matcher, String path) {
        try {
            return matcher.matches(Path.of(path));
        } catch (InvalidPathException e) {
            return false; // a name that this system cannot have
        }
    }
}
