/**
 * From files to tasks. {@link io.github.llm2vec4j.evaluation.suite.HebrewSuite} builds a
 * {@link io.github.llm2vec4j.evaluation.suite.Suite} from the embedded text or from a folder of public data sets;
 * {@link io.github.llm2vec4j.evaluation.suite.Split} decides everywhere what is train and what is test. A recipe that
 * trains on the embedded text takes its training part from {@link io.github.llm2vec4j.evaluation.suite.EmbeddedText}.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.suite;

import org.jspecify.annotations.NullMarked;
