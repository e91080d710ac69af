package io.github.llm2vec4j.core.encoder;

/**
 * The states of a text's tokens, without those of special tokens, instruction and template.
 *
 * @param ids token ids
 * @param starts for each token, the index in the text (UTF-16) of its first character; below 0 where it covers white
 *     space before the text as well
 * @param ends for each token, the index after its last character
 * @param states (tokens, dimensions), fp32
 */
public record TokenStates(int[] ids, int[] starts, int[] ends, float[][] states) {}
