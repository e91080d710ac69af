package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.util.regex.Pattern;

/**
 * A file of a repository at a commit, as the hub lists it.
 *
 * @param path its path in the repository, with slashes; may be anything until {@link #checked}
 * @param digest SHA-256 of a large file, Git's SHA-1 of a small one; also the name of its content in the cache
 */
record HubFile(String path, long size, String digest) {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /** A step of a path that is a plain name on every system: no "..", drive, reserved sign or trailing dot. */
    private static final Pattern STEP = Pattern.compile("[^\\\\/:*?\"<>|\\p{Cntrl}]*[^\\\\/:*?\"<>|\\p{Cntrl}. ]");

    /** The file, if it can be kept below a folder. */
    HubFile checked(HubId id) {
        for (String step : path.split("/", -1)) {
            if (!STEP.matcher(step).matches() || step.length() > 255) {
                throw new HubException(
                        Kind.UNUSABLE, id + ": lists the file '" + shown() + "', whose path is not one that is safe");
            }
        }
        if (!DIGEST.matcher(digest).matches() || size < 0) {
            throw new HubException(Kind.DAMAGED, id + ": lists '" + shown() + "' without a valid checksum and size");
        }
        return this;
    }

    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private String shown() {
        return path.replaceAll("\\p{Cntrl}", "?");
    }
}
