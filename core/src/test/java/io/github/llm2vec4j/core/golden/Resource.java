package io.github.llm2vec4j.core.golden;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Files among the test resources of this module, outside of the golden sets. */
public final class Resource {
    private Resource() {}

    public static Path file(String name) {
        URL url = Resource.class.getResource("/" + name);
        if (url == null) {
            throw new IllegalStateException(name + ": expected this file among the test resources, found none");
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(url + " is not a path", e);
        }
    }
}
