package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the variables that the Python package huggingface_hub reads, with the same meaning and defaults. */
final class HubEnvironment {
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

    private final Map<String, String> variables;

    HubEnvironment(Map<String, String> variables) {
        this.variables = variables;
    }

    HubSettings settings() {
        TransferSettings transfer = TransferSettings.DEFAULT;
        String seconds = first("HF_HUB_DOWNLOAD_TIMEOUT");
        if (seconds != null) {
            if (!seconds.matches("[1-9][0-9]{0,4}")) {
                throw new IllegalArgumentException(
                        "HF_HUB_DOWNLOAD_TIMEOUT: expected a number of seconds, found '" + seconds + "'");
            }
            transfer = transfer.withSilence(Duration.ofSeconds(Long.parseLong(seconds)));
        }
        return new HubSettings(
                endpoint(),
                cache(),
                token(),
                isTrue(first("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")),
                new HubProxies(variables),
                transfer);
    }

    private URI endpoint() {
        String given = first("HF_ENDPOINT");
        String address = (given == null ? "https://huggingface.co" : given).replaceFirst("/+$", "");
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("HF_ENDPOINT: '" + address + "' is not an address", e);
        }
    }

    private Path home() {
        String given = first("HF_HOME");
        if (given != null) {
            return path(given);
        }
        String xdg = first("XDG_CACHE_HOME");
        return path(xdg == null ? "~/.cache" : xdg).resolve("huggingface");
    }

    private Path cache() {
        String given = first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
        return (given == null ? home().resolve("hub") : path(given))
                .toAbsolutePath()
                .normalize();
    }

    private @Nullable HubToken token() {
        if (isTrue(first("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) {
            return null;
        }
        String given = first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
        if (given != null) {
            return new HubToken(given);
        }
        String named = first("HF_TOKEN_PATH");
        Path file = named == null ? home().resolve("token") : path(named);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            String stored = Files.readString(file);
            return stored.isBlank() ? null : new HubToken(stored);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the hub's token cannot be read: " + e.getMessage(), e);
        }
    }

    /** The value of the first of these variables that is set to something. */
    private @Nullable String first(String... names) {
        for (String name : names) {
            String value = variables.get(name);
            if (value != null && !value.isBlank()) {
                return value.strip();
            }
        }
        return null;
    }

    private static boolean isTrue(@Nullable String value) {
        return value != null && value.matches("(?i)1|on|yes|true");
    }

    /** A path in which the home and other variables are named. */
    private Path path(String written) {
        String text = written.equals("~") || written.startsWith("~/")
                ? System.getProperty("user.home") + written.substring(1)
                : written;
        Matcher names = VARIABLE.matcher(text);
        return Path.of(names.replaceAll(name -> Matcher.quoteReplacement(
                variables.getOrDefault(name.group(1) == null ? name.group(2) : name.group(1), name.group()))));
    }
}
