/**
 * What is measured. {@link io.github.llm2vec4j.benchmark.EncodeBenchmark} times rounds of encoding, {@link
 * io.github.llm2vec4j.benchmark.TrainBenchmark} steps of training, {@link
 * io.github.llm2vec4j.benchmark.SyntheticModel} writes models of a given shape with random weights, {@link
 * io.github.llm2vec4j.benchmark.MatrixProducts} is the ceiling. The scripts that set peers beside them are in {@code
 * benchmarks/}.
 */
@NullMarked
package io.github.llm2vec4j.benchmark;

import org.jspecify.annotations.NullMarked;
