package io.github.llm2vec4j.evaluation.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A block of the settings section: the settings of a stage, versions, the host, seeds, fingerprints of data.
 *
 * @param title its heading
 * @param entries name to value, in the order to show
 */
public record Facts(String title, Map<String, String> entries) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    public Facts {
        entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** Java, operating system and processor of this host; the caller adds the compute type and the engine. */
    public static Facts host() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        entries.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        entries.put("cpu", cpuName());
        entries.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        entries.put("max_heap_mib", String.valueOf(Runtime.getRuntime().maxMemory() >> 20));
        return new Facts("Host", entries);
    }

    private static String cpuName() {
        if (!Files.isReadable(CPU_INFO)) {
            return "unknown";
        }
        try (Stream<String> lines = Files.lines(CPU_INFO, StandardCharsets.UTF_8)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
