/**
 * Files of tensors: safetensors, read memory-mapped and with every bound checked, written atomically.
 *
 * <p>Start with {@link io.github.llm2vec4j.core.checkpoint.Checkpoint}, a model folder's weights by name. Files are
 * treated as hostile: nothing is allocated before its size is checked, no path leaves the folder, and no pickle is
 * read.
 */
@NullMarked
package io.github.llm2vec4j.core.checkpoint;

import org.jspecify.annotations.NullMarked;
