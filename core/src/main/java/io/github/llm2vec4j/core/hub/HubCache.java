package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is in the cache that is shared with the Python package huggingface_hub. */
public final class HubCache {
    private static final Pattern FOLDER = Pattern.compile("(models|datasets)--(.+)");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern GIT = Pattern.compile("[0-9a-f]{40}");

    private final Path cache;

    public HubCache(HubSettings settings) {
        this.cache = settings.cache();
    }

    /**
     * A snapshot.
     *
     * @param id the repository, as {@link HubId#path} writes it
     * @param refs the branches and tags that were at this commit when last asked
     * @param bytes of its files, which other snapshots may share
     */
    public record Entry(String id, String commit, List<String> refs, int files, long bytes, Path folder) {}

    /** All snapshots, by repository and commit. */
    public List<Entry> list() {
        try {
            List<Entry> entries = new ArrayList<>();
            for (Path folder : folders()) {
                CachedRepo repo = new CachedRepo(cache, folder);
                Map<String, List<String>> refs = refs(repo);
                for (Path snapshot : children(repo.snapshots())) {
                    String commit = snapshot.getFileName().toString();
                    List<String> files = repo.files(commit);
                    long bytes = 0;
                    for (String file : files) {
                        bytes += Files.size(snapshot.resolve(file));
                    }
                    entries.add(new Entry(
                            id(folder), commit, refs.getOrDefault(commit, List.of()), files.size(), bytes, snapshot));
                }
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(cache + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What was found.
     *
     * @param checked contents whose checksum was computed
     * @param damaged what is wrong, a line each, with what to do
     */
    public record Verification(int checked, List<String> damaged) {}

    /**
     * Computes the checksum of every content and follows every link.
     *
     * @param wanted a repository as {@link HubId#path} writes it, or empty for all
     * @param heard told of each repository before it is checked
     */
    public Verification verify(String wanted, Consumer<String> heard) {
        int checked = 0;
        List<String> damaged = new ArrayList<>();
        try {
            for (Path folder : folders()) {
                if (!wanted.isEmpty() && !wanted.equals(id(folder))) {
                    continue;
                }
                heard.accept(id(folder));
                for (Path blob : children(folder.resolve("blobs"))) {
                    String name = blob.getFileName().toString();
                    boolean large = SHA256.matcher(name).matches();
                    if (!large && !GIT.matcher(name).matches()) {
                        continue; // what has come of one so far
                    }
                    checked++;
                    if (!Files.isRegularFile(blob)
                            || !(large ? Sha256.ofFile(blob) : GitBlob.digest(blob)).equals(name)) {
                        damaged.add(id(folder) + ": " + blob + " is damaged: delete it, and pull again");
                    }
                }
                brokenLinks(folder, damaged);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(cache + ": cannot be read: " + e.getMessage(), e);
        }
        return new Verification(checked, damaged);
    }

    private static void brokenLinks(Path folder, List<String> damaged) throws IOException {
        Path snapshots = folder.resolve("snapshots");
        if (!Files.isDirectory(snapshots)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(snapshots)) {
            walk.filter(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.exists(path))
                    .forEach(path ->
                            damaged.add(id(folder) + ": " + path + " leads to nothing: delete it, and pull again"));
        }
    }

    private List<Path> folders() throws IOException {
        return children(cache).stream()
                .filter(folder ->
                        FOLDER.matcher(folder.getFileName().toString()).matches())
                .toList();
    }

    private static String id(Path folder) {
        Matcher name = FOLDER.matcher(folder.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalStateException(folder + " is not a repository's");
        }
        return (name.group(1).equals("models") ? "" : "datasets/")
                + name.group(2).replace("--", "/");
    }

    /**
     * The model on the hub whose snapshot a folder is, without the revision; empty for another folder.
     */
    public static String modelOf(Path snapshot) {
        Path parent = snapshot.toAbsolutePath().normalize().getParent();
        Path repo = parent != null && parent.endsWith("snapshots") ? parent.getParent() : null;
        Path name = repo == null ? null : repo.getFileName();
        return repo != null && name != null && name.toString().startsWith("models--") ? id(repo) : "";
    }

    /** The same with the commit, {@code OWNER/NAME@COMMIT}: a name that means these files for good. */
    public static String pinned(Path snapshot) {
        String model = modelOf(snapshot);
        return model.isEmpty() ? "" : model + "@" + snapshot.getFileName();
    }

    /** The data set on the hub that a file of the cache belongs to, such as {@code OWNER/NAME}; empty for other files. */
    public static String datasetOf(Path file) {
        for (Path part : file.toAbsolutePath().normalize()) {
            if (part.toString().startsWith("datasets--")) {
                return id(part).substring("datasets/".length());
            }
        }
        return "";
    }

    private static Map<String, List<String>> refs(CachedRepo repo) throws IOException {
        Map<String, List<String>> refs = new TreeMap<>();
        if (!Files.isDirectory(repo.refs())) {
            return refs;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(repo.refs())) {
            files = walk.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            String ref = repo.refs().relativize(file).toString().replace('\\', '/');
            refs.computeIfAbsent(Files.readString(file).strip(), commit -> new ArrayList<>())
                    .add(ref);
        }
        return refs;
    }

    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted().toList();
        }
    }
}
