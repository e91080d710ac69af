package io.github.llm2vec4j.core.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The version of this project, as the build has written it down. */
public final class ProjectVersion {
    private ProjectVersion() {}

    public static String get() {
        try (InputStream in = ProjectVersion.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw new IOException("version.txt is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
