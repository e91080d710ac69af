/**
 * The commands of {@code ./llm2vec}: a class each, no logic. Start with {@link io.github.llm2vec4j.cli.Main}.
 */
@NullMarked
package io.github.llm2vec4j.cli;

import org.jspecify.annotations.NullMarked;
