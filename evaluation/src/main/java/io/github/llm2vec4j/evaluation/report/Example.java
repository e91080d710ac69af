package io.github.llm2vec4j.evaluation.report;

/**
 * A sentence to show.
 *
 * @param text in any script; its direction is found from its letters
 * @param topic what it is about, or empty
 */
public record Example(String text, String topic) {}
