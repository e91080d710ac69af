/**
 * Low-rank adapters (LoRA, Hu et al. 2021) in the file layout of the Python package PEFT.
 *
 * <p>Start with {@link io.github.llm2vec4j.core.lora.LoraAdapter}: inject, train, save, load, merge.
 */
@NullMarked
package io.github.llm2vec4j.core.lora;

import org.jspecify.annotations.NullMarked;
