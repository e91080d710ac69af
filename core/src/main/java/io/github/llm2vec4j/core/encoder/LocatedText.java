package io.github.llm2vec4j.core.encoder;

/**
 * A prepared text with the characters that its tokens cover.
 *
 * @param starts for each token, the index in the text (UTF-16) of its first character; below 0 for what stands before
 *     the text
 * @param ends for each token, the index after its last character; equal to the start for a token of no character
 * @param textFrom index of the first token that covers a character of the text
 * @param textTo index after the last such token; equal to {@code textFrom} where there is none
 */
record LocatedText(PreparedText prepared, int[] starts, int[] ends, int textFrom, int textTo) {}
