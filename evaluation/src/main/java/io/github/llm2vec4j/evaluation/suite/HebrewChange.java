package io.github.llm2vec4j.evaluation.suite;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Other ways to write the same Hebrew, as they occur side by side in real text. Each changes letters and marks alone and is
 * the same in every run.
 */
public enum HebrewChange {
    /** Vowel points and accents are taken off. */
    POINTS_REMOVED("points removed") {
        @Override
        String apply(String text, Set<String> words) {
            return MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD))
                    .replaceAll("");
        }
    },

    /**
     * Every letter but the last of a word gets a vowel point, chosen by the letters around it and not by the language: it
     * shows what marks do to a tokenizer, not what vowels tell a model.
     */
    POINTS_ADDED("points added") {
        @Override
        String apply(String text, Set<String> words) {
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                char letter = text.charAt(i);
                out.append(letter);
                if (isHebrew(letter) && i + 1 < text.length() && isHebrew(text.charAt(i + 1))) {
                    out.append(POINTS.charAt((31 * letter + text.charAt(i + 1)) % POINTS.length()));
                }
            }
            return out.toString();
        }
    },

    /** A prefix letter stands by itself, where the rest of the word is a word of the texts. */
    PREFIXES_SPLIT("prefixes split") {
        @Override
        String apply(String text, Set<String> words) {
            return WORD.matcher(text).replaceAll(match -> {
                String word = match.group();
                boolean prefixed =
                        word.length() > 3 && PREFIXES.indexOf(word.charAt(0)) >= 0 && words.contains(word.substring(1));
                return prefixed ? word.charAt(0) + " " + word.substring(1) : word;
            });
        }
    },

    /** A prefix letter that stands by itself, before a space or a hyphen, is joined to the word after it. */
    PREFIXES_JOINED("prefixes joined") {
        @Override
        String apply(String text, Set<String> words) {
            return PREFIX_ALONE.matcher(text).replaceAll("$1");
        }
    },

    /** A vav or yod inside a word is left out, of a doubled one the first, as in defective spelling. */
    DEFECTIVE_SPELLING("defective spelling") {
        @Override
        String apply(String text, Set<String> words) {
            return INNER_VOWEL_LETTER.matcher(text).replaceAll("");
        }
    },

    /** Some common words get the vav or yod that full spelling has, after a prefix letter too. */
    FULL_SPELLING("full spelling") {
        @Override
        String apply(String text, Set<String> words) {
            return WORD.matcher(text).replaceAll(match -> {
                String word = match.group();
                String rest = word.substring(1);
                return PREFIXES.indexOf(word.charAt(0)) >= 0 && FULL.containsKey(rest)
                        ? word.charAt(0) + FULL.get(rest)
                        : FULL.getOrDefault(word, word);
            });
        }
    },

    /** Final letters are written as their ordinary forms. */
    FINAL_LETTERS("no final letters") {
        @Override
        String apply(String text, Set<String> words) {
            String result = text;
            for (int i = 0; i < FINAL.length(); i++) {
                result = result.replace(FINAL.charAt(i), ORDINARY.charAt(i));
            }
            return result;
        }
    },

    /** Geresh and gershayim become quotes, and the quotes after a Hebrew letter become geresh and gershayim. */
    GERESH("geresh and quotes swapped") {
        @Override
        String apply(String text, Set<String> words) {
            StringBuilder out = new StringBuilder(text);
            for (int i = 0; i < out.length(); i++) {
                boolean after = i > 0 && isHebrew(text.charAt(i - 1));
                switch (text.charAt(i)) {
                    case '׳' -> out.setCharAt(i, '\'');
                    case '״' -> out.setCharAt(i, '"');
                    case '\'' -> out.setCharAt(i, after ? '׳' : '\'');
                    case '"' -> out.setCharAt(i, after ? '״' : '"');
                    default -> {}
                }
            }
            return out.toString();
        }
    },

    /** Some common words are said in English. */
    ENGLISH_WORDS("English words mixed in") {
        @Override
        String apply(String text, Set<String> words) {
            return WORD.matcher(text).replaceAll(match -> ENGLISH.getOrDefault(match.group(), match.group()));
        }
    };

    private static final Pattern MARKS = Pattern.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]");
    private static final Pattern WORD = Pattern.compile("[א-ת]+");
    private static final Pattern INNER_VOWEL_LETTER = Pattern.compile("(?<=[א-ת]{2})(?<![וי])[וי](?=[א-ת])");
    private static final Pattern PREFIX_ALONE = Pattern.compile("(?<![א-ת])([בהוכלמש])[ \\-־](?=[א-ת])");
    private static final String POINTS = "\u05b0\u05b4\u05b5\u05b6\u05b7\u05b8\u05b9";
    private static final String PREFIXES = "בהוכלמש";
    private static final String FINAL = "ךםןףץ";
    private static final String ORDINARY = "כמנפצ";
    private static final Map<String, String> ENGLISH = table("hebrew-english.json");
    private static final Map<String, String> FULL = table("hebrew-full-spelling.json");

    private final String title;

    HebrewChange(String title) {
        this.title = title;
    }

    /** A few words for tables. */
    public String title() {
        return title;
    }

    abstract String apply(String text, Set<String> words);

    /** The change as a function; {@code words} are those that a prefix may be split from. */
    public UnaryOperator<String> on(Set<String> words) {
        return text -> apply(text, words);
    }

    /** The Hebrew words of texts. */
    public static Set<String> wordsOf(Iterable<String> texts) {
        Map<String, Boolean> words = new HashMap<>();
        for (String text : texts) {
            WORD.matcher(text).results().map(MatchResult::group).forEach(word -> words.put(word, true));
        }
        return Set.copyOf(words.keySet());
    }

    private static boolean isHebrew(char c) {
        return c >= 'א' && c <= 'ת';
    }

    private static Map<String, String> table(String file) {
        try (InputStream in = HebrewChange.class.getResourceAsStream(file)) {
            return new JsonMapper()
                    .readValue(Objects.requireNonNull(in, file), new TypeReference<HashMap<String, String>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }
}
