/**
 * The one decoder. A model family is data: {@link io.github.llm2vec4j.core.model.Family} says in what it differs, and
 * {@link io.github.llm2vec4j.core.model.Decoder} reads as the published architecture does.
 *
 * <p>Shapes are written as (batch, seq, hidden). The package knows of files and tensors, not of text.
 */
@NullMarked
package io.github.llm2vec4j.core.model;

import org.jspecify.annotations.NullMarked;
