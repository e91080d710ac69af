/**
 * From the name of a model to a local folder. Start with {@link io.github.llm2vec4j.core.hub.ModelFolder}.
 */
@NullMarked
package io.github.llm2vec4j.core.hub;

import org.jspecify.annotations.NullMarked;
