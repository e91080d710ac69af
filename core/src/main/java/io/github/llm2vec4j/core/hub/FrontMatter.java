package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The YAML at the head of a model card. A text that is not plain letters and digits is written in double quotes as JSON
 * has it, which YAML reads alike; so no text can become anything else.
 */
final class FrontMatter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");

    /** What YAML 1.1 takes for a truth value or nothing. */
    private static final Set<String> WORDS = Set.of("y", "n", "yes", "no", "true", "false", "on", "off", "null");

    private static final Pattern HEAD = Pattern.compile("\\s*---\\R(.*?)\\R---", Pattern.DOTALL);
    private static final Pattern ENTRY = Pattern.compile("([a-z_]+):(.*)");
    private static final Pattern ITEM = Pattern.compile("\\s*- *['\"]?([a-z-]+)['\"]?\\s*");
    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z]+)?");
    private static final Pattern LICENCE = Pattern.compile("[A-Za-z0-9.:/_-]{1,200}");

    private FrontMatter() {}

    /** With its lines of hyphens. */
    static String of(ObjectNode json) {
        StringBuilder out = new StringBuilder("---\n");
        object(out, json, "");
        return out.append("---\n").toString();
    }

    /**
     * The licence and the languages that a card states, as far as they are plain words: {@code license}, {@code
     * license_name}, {@code license_link} and {@code language}, a list.
     */
    static ObjectNode licenceAndLanguage(String card) {
        ObjectNode found = HubApi.JSON.createObjectNode();
        Matcher head = HEAD.matcher(card);
        if (!head.lookingAt()) {
            return found;
        }
        String key = "";
        for (String line : head.group(1).lines().toList()) {
            Matcher entry = ENTRY.matcher(line);
            Matcher item = ITEM.matcher(line);
            if (entry.matches()) {
                key = entry.group(1);
                String value = entry.group(2).strip().replaceAll("^['\"]|['\"]$", "");
                if (key.equals("language")) {
                    Stream.of(value.split("[\\[\\], ]+")).forEach(code -> language(found, code));
                } else if (key.startsWith("license") && LICENCE.matcher(value).matches()) {
                    found.put(key, value);
                }
            } else if (key.equals("language") && item.matches()) {
                language(found, item.group(1));
            }
        }
        return found;
    }

    private static void language(ObjectNode found, String code) {
        if (LANGUAGE.matcher(code).matches()) {
            found.withArray("language").add(code);
        }
    }

    private static void object(StringBuilder out, JsonNode json, String indent) {
        boolean first = true;
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            out.append(first && indent.endsWith("- ") ? "" : indent.replace('-', ' '));
            first = false;
            out.append(scalar(TextNode.valueOf(entry.getKey()))).append(':');
            value(out, entry.getValue(), indent.replace('-', ' '));
        }
    }

    private static void value(StringBuilder out, JsonNode value, String indent) {
        if (!value.isContainerNode() || value.isEmpty()) {
            out.append(' ').append(scalar(value)).append('\n');
        } else if (value.isObject()) {
            out.append('\n');
            object(out, value, indent + "  ");
        } else {
            out.append('\n');
            for (JsonNode item : value) {
                out.append(indent).append("- ");
                if (item.isObject() && !item.isEmpty()) {
                    object(out, item, indent + "- ");
                } else {
                    out.append(scalar(item)).append('\n');
                }
            }
        }
    }

    private static String scalar(JsonNode value) {
        String text = value.asText();
        boolean plain = value.isTextual()
                && PLAIN.matcher(text).matches()
                && !WORDS.contains(text.toLowerCase(java.util.Locale.ROOT));
        return plain
                ? text
                : value.isTextual()
                        ? TextNode.valueOf(MarkdownText.visible(text)).toString()
                        : value.toString();
    }
}
