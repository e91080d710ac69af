package io.github.llm2vec4j.core.hub;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a server asks to be left alone: in seconds, until a date, or in the hub's own header {@code RateLimit}. */
final class RetryAfter {
    /** Nothing remains ({@code r=0}), and the window ends in {@code t} seconds. */
    private static final Pattern RATE_LIMIT = Pattern.compile(";\\s*r\\s*=\\s*0\\s*;\\s*t\\s*=\\s*(\\d{1,6})");

    private RetryAfter() {}

    static @Nullable Duration of(HubResponse response) {
        String asked = response.header("Retry-After");
        if (asked != null) {
            return of(asked.strip());
        }
        String limit = response.header("RateLimit");
        Matcher reset = RATE_LIMIT.matcher(limit == null ? "" : limit);
        return response.status() == 429 && reset.find() ? Duration.ofSeconds(Long.parseLong(reset.group(1))) : null;
    }

    private static @Nullable Duration of(String asked) {
        if (asked.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(asked));
        }
        try {
            Duration left = Duration.between(
                    ZonedDateTime.now(), ZonedDateTime.parse(asked, DateTimeFormatter.RFC_1123_DATE_TIME));
            return left.isNegative() ? Duration.ZERO : left;
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
