package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Text to tokens as the Python package llm2vec 0.2.3 does it, errors included: a long text is cut by words, instruction
 * and text are told apart by a separator within the string, the text's tokens are counted apart from the whole and taken
 * to be its last, and a template is chosen by the exact name in config.json.
 */
final class ReferencePreparation {
    private static final String SEPARATOR = "!@#$%^&*()";
    private static final String LLAMA_3 = "meta-llama/Meta-Llama-3-8B";
    private static final String LLAMA_3_INSTRUCT = "meta-llama/Meta-Llama-3-8B-Instruct";

    private final Tokenizer tokenizer;
    private final EncoderConfig config;
    private final String name;
    private final String family;

    /**
     * @param name the {@code _name_or_path} of the model's config.json
     * @param family the {@code model_type} of the model's config.json
     */
    ReferencePreparation(Tokenizer tokenizer, EncoderConfig config, String name, String family) {
        this.tokenizer = tokenizer;
        this.config = config;
        this.name = name;
        this.family = family;
    }

    /**
     * A text as the reference takes it.
     *
     * @param converted instruction, separator and text; the order of batches follows from its length
     * @param ids token ids, special tokens included
     * @param pooled how many of the last tokens are taken for the text's, perhaps none
     * @param cut whether words or tokens were cut off
     */
    record Row(String converted, int[] ids, int pooled, boolean cut) {

        /** The characters of {@link #converted}. */
        int length() {
            return converted.codePointCount(0, converted.length());
        }
    }

    Row prepare(Instruction instruction, String text) {
        String converted = convert(instruction, text);
        String[] parts = close(fill(converted)).split(Pattern.quote(SEPARATOR), -1);
        int[] ids = tokenizer.encode(String.join("", parts), true).ids();
        int[] kept = Arrays.copyOf(ids, Math.min(ids.length, config.maxLength()));
        int pooled = parts.length > 1 ? Math.min(length(parts[1]), kept.length) : 0;
        return new Row(converted, kept, pooled, kept.length < ids.length || !converted.endsWith(SEPARATOR + text));
    }

    private String convert(Instruction instruction, String text) {
        String cut = text;
        for (int length = length(cut); length > config.docMaxLength(); length = length(cut)) {
            List<String> words = words(cut);
            int kept = (int) (words.size() * ((double) config.docMaxLength() / length));
            cut = String.join(" ", words.subList(0, kept));
        }
        return (instruction.isEmpty() ? "" : strip(instruction.text()) + " ") + SEPARATOR + cut;
    }

    /** The tokens of a text alone, as far as they are counted. */
    private int length(String text) {
        return Math.min(tokenizer.encode(text, false).length(), config.maxLength());
    }

    private String fill(String converted) {
        Template template = Template.named(name);
        return template == null
                ? converted
                : template.fill(Instruction.NONE, strip(converted)).string();
    }

    private String close(String string) {
        if (config.pooling() != Pooling.EOS_TOKEN || name.equals(LLAMA_3_INSTRUCT)) {
            return string;
        }
        return switch (family) {
            case "llama", "mistral" -> strip(string) + (name.equals(LLAMA_3) ? "<|end_of_text|>" : " </s>");
            case "gemma" -> strip(string) + "<eos>";
            case "qwen2" -> strip(string) + "<|endoftext|>";
            default -> string;
        };
    }

    /** Without what Python takes for white space at both ends. */
    private static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static List<String> words(String text) {
        String spaced = text.chars()
                .map(c -> isSpace(c) ? ' ' : c)
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining());
        return Arrays.stream(spaced.split(" ")).filter(word -> !word.isEmpty()).toList();
    }

    /** Java has its own idea of the spaces that do not break, and of the next-line character. */
    private static boolean isSpace(int c) {
        return Character.isWhitespace(c)
                || IntStream.of(0x85, 0xA0, 0x2007, 0x202F).anyMatch(space -> space == c);
    }
}
