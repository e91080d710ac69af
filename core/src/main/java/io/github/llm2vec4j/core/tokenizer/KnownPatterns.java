package io.github.llm2vec4j.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The regular expressions by which published models split texts, each with where it is from, out of {@code
 * known-patterns.json}. On no text does one of them need more steps than the library's regular expression engine takes.
 */
final class KnownPatterns {
    private static final Map<String, String> BY_NAME = read();

    private KnownPatterns() {}

    /** The expression of a name in the file. */
    static String named(String name) {
        String pattern = BY_NAME.get(name);
        if (pattern == null) {
            throw new IllegalArgumentException("no pattern of the name " + name);
        }
        return pattern;
    }

    static boolean contain(String pattern) {
        return BY_NAME.containsValue(pattern);
    }

    static Collection<String> all() {
        return BY_NAME.values();
    }

    private static Map<String, String> read() {
        try (InputStream in = KnownPatterns.class.getResourceAsStream("known-patterns.json")) {
            Map<String, String> patterns = new LinkedHashMap<>();
            for (JsonNode entry : new JsonMapper().readTree(in)) {
                patterns.put(entry.path("name").asText(), entry.path("pattern").asText());
            }
            return patterns;
        } catch (IOException e) {
            throw new UncheckedIOException("known-patterns.json", e);
        }
    }
}
