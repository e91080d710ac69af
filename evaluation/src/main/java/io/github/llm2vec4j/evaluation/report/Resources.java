package io.github.llm2vec4j.evaluation.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files that the page is made of, from the class path. */
final class Resources {
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/";
    private static final Pattern SLOT = Pattern.compile("\\{\\{([a-z_]+)}}");

    private Resources() {}

    /** A file that lies beside this class. */
    static String own(String name) {
        return read(name);
    }

    /** A file of the uPlot distribution. */
    static String uplot(String name) {
        return read(UPLOT + name);
    }

    private static String read(String name) {
        try (InputStream in = Resources.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("report: " + name + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report: " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Fills each {@code {{slot}}} of a template once; what is put in is not looked at again. */
    static String fill(String template, Map<String, String> slots) {
        return SLOT.matcher(template).replaceAll(match -> {
            String value = slots.get(match.group(1));
            if (value == null) {
                throw new IllegalStateException("report: nothing for the slot " + match.group());
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
