package io.github.llm2vec4j.evaluation.suite;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Data files held in memory, at the place "data". */
final class MapFiles {
    private MapFiles() {}

    static DataFiles of(Map<String, String> files) {
        return DataFiles.of(
                "data",
                name -> files.containsKey(name)
                        ? new ByteArrayInputStream(files.get(name).getBytes(StandardCharsets.UTF_8))
                        : null);
    }

    static DataFiles bytes(String name, byte[] content) {
        return DataFiles.of("data", asked -> asked.equals(name) ? new ByteArrayInputStream(content) : null);
    }
}
