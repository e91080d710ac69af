package io.github.llm2vec4j.evaluation.baseline;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Cuts text into words for the bag-of-words baseline: runs of letters and digits, joined over an inner geresh or
 * gershayim ({@code צה"ל}, {@code ג'ירפה}; also written with the ASCII quotes). Lower case; Hebrew points are dropped
 * and both ways of writing geresh become one. Everything else, the maqaf too, separates.
 */
public final class Words {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+(?:[׳״][\\p{L}\\p{N}]+)*");
    private static final Pattern MARKS = Pattern.compile("\\p{Mn}+");

    private Words() {}

    /** The words of a text in order, as they are compared. */
    public static List<String> of(String text) {
        String bare =
                MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFC)).replaceAll("");
        String even = bare.replaceAll("['’‘`]", "׳").replaceAll("[\"”“]", "״");
        return WORD.matcher(even.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}
