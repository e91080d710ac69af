package io.github.llm2vec4j.core.encoder;

/**
 * A part of a text.
 *
 * @param start index (UTF-16) of its first character
 * @param end index after its last; above {@code start}
 */
public record TextSpan(int start, int end) {

    public TextSpan {
        if (start < 0 || end <= start) {
            throw new IllegalArgumentException(
                    "part from " + start + " to " + end + " of a text: expected 0 <= start < end");
        }
    }
}
