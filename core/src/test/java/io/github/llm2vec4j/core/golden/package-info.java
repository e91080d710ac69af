/**
 * Fixtures made with the Python reference, for the tests of every module. Start with {@link
 * io.github.llm2vec4j.core.golden.Golden}.
 */
package io.github.llm2vec4j.core.golden;
