package io.github.llm2vec4j.core.hub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model or a data set on the hub at a revision, written {@code OWNER/NAME} or {@code OWNER/NAME@REVISION}, for a data
 * set with {@code datasets/} before it.
 *
 * @param name owner and name with a slash between them
 * @param revision a branch, a tag or a commit
 */
public record HubId(Kind kind, String name, String revision) {
    /** The branch that is meant where no revision is given. */
    public static final String MAIN = "main";

    private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";
    private static final Pattern NAME = Pattern.compile(PART + "/" + PART);
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+/-]{0,199}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern WRITTEN = Pattern.compile("(datasets/)?([^@]*)(?:@(.*))?");

    /** What a repository holds. */
    public enum Kind {
        MODEL("models", ""),
        DATASET("datasets", "datasets/");

        /** How the hub's interface and the cache call it. */
        final String plural;

        /** What stands before the name in the address of a page or a file. */
        final String prefix;

        Kind(String plural, String prefix) {
            this.plural = plural;
            this.prefix = prefix;
        }
    }

    public HubId {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "'" + name + "' is not a name on the hub: expected OWNER/NAME, of letters, digits, '-', '_', '.'");
        }
        // A revision becomes the name of a file in the cache.
        if (!REVISION.matcher(revision).matches() || !staysInside(revision)) {
            throw new IllegalArgumentException(
                    "'" + revision + "' is not a revision: expected a branch, a tag or a commit of " + name);
        }
    }

    /**
     * Reads the written form.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static HubId parse(String written) {
        Matcher parts = WRITTEN.matcher(written);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + written + "': expected OWNER/NAME or OWNER/NAME@REVISION");
        }
        return new HubId(
                parts.group(1) == null ? Kind.MODEL : Kind.DATASET,
                parts.group(2),
                parts.group(3) == null ? MAIN : parts.group(3));
    }

    /** Whether a name that is not that of a local folder can be one of a model on the hub. */
    public static boolean isModel(String written) {
        return isName(written.replaceFirst("@.*", ""));
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches() && !name.contains("--") && !name.contains("..") && !name.endsWith(".git");
    }

    private static boolean staysInside(String revision) {
        return !revision.contains("..") && !revision.contains("//") && !revision.matches(".*[/.]");
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    public HubId at(String other) {
        return new HubId(kind, name, other);
    }

    /** The name with what the hub puts before it for its kind: the path of its page. */
    public String path() {
        return kind.prefix + name;
    }

    /** The name of its folder in the cache. */
    String folderName() {
        return kind.plural + "--" + name.replace("/", "--");
    }

    @Override
    public String toString() {
        return path() + (revision.equals(MAIN) ? "" : "@" + revision);
    }
}
