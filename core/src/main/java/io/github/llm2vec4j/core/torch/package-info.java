/**
 * The engine: tensors, their lifetime, compute types, workers and random numbers.
 *
 * <p>This is the one package that sees libtorch (through {@code org.bytedeco}). Start with {@link
 * io.github.llm2vec4j.core.torch.Scope}, which owns native memory, then {@link
 * io.github.llm2vec4j.core.torch.Tensor}. Every other package may use it; it uses none of them.
 */
@NullMarked
package io.github.llm2vec4j.core.torch;

import org.jspecify.annotations.NullMarked;
