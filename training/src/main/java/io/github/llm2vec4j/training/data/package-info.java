/**
 * Texts for training: reading, packing into blocks, masking, and the order in which rows are seen. Order and masks are
 * pure functions of (seed, epoch, index), so a resumed run sees what it would have seen.
 *
 * <p>Begin with {@link io.github.llm2vec4j.training.data.Table}: rows of a file of any format, one after the other.
 */
@NullMarked
package io.github.llm2vec4j.training.data;

import org.jspecify.annotations.NullMarked;
