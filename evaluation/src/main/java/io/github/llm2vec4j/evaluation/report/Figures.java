package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Interval;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** How figures are written for a reader. */
final class Figures {
    private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern(
                    "d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final Map<String, String> METRICS = Map.of(
            "average_precision", "average precision",
            "ndcg_at_10", "nDCG@10",
            "entity_f1", "entity F1",
            "macro_f1", "macro F1",
            "f1", "F1",
            "map", "MAP",
            "mrr", "MRR",
            "v_measure", "v-measure",
            "cosine_spearman", "Spearman");

    private Figures() {}

    /** A score in hundredths: 0.71234 is 71.23. */
    static String score(double score) {
        return String.format(Locale.ROOT, "%.2f", 100 * score).replace('-', '−');
    }

    /** A difference of scores in hundredths, with its sign. */
    static String difference(double difference) {
        return String.format(Locale.ROOT, "%+.2f", 100 * difference).replace('-', '−');
    }

    /** Half the width of an interval in hundredths. */
    static String margin(Interval interval) {
        return String.format(Locale.ROOT, "±%.1f", 100 * interval.halfWidth());
    }

    static String p(double p) {
        return p < 0.001 ? "0.001 or less" : String.format(Locale.ROOT, "%.3f", p);
    }

    static String cosine(double cosine) {
        return String.format(Locale.ROOT, "%.2f", cosine).replace('-', '−');
    }

    /** Of cosines that differ little. */
    static String fineCosine(double cosine) {
        return String.format(Locale.ROOT, "%.4f", cosine).replace('-', '−');
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f%%", 100 * share);
    }

    static String loss(double loss) {
        return String.format(Locale.ROOT, Math.abs(loss) < 100 ? "%.3f" : "%,.0f", loss)
                .replace('-', '−');
    }

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    static String metric(String metric) {
        return METRICS.getOrDefault(metric, metric.replace('_', ' '));
    }

    static String when(Instant time) {
        return WHEN.format(time);
    }

    /** The same to the second. */
    static String time(Instant time) {
        return TIME.format(time);
    }

    /** 1 h 02 min, 11 min 32 s, 9 s. */
    static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds >= 3600) {
            return String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
        }
        return seconds >= 60 ? seconds / 60 + " min " + seconds % 60 + " s" : seconds + " s";
    }
}
