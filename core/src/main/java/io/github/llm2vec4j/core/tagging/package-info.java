/**
 * Sentences with a tag for each word: how files of them are read, and how given tags compare with right ones.
 *
 * <p>Start with {@link io.github.llm2vec4j.core.tagging.TaggedSentence}. The package uses none of the project; training
 * and evaluation share it.
 */
@NullMarked
package io.github.llm2vec4j.core.tagging;

import org.jspecify.annotations.NullMarked;
