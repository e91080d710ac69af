/**
 * From the name of a model to a local folder, and the hub of models. Start with {@link
 * io.github.llm2vec4j.core.hub.ModelFolder}, and for the hub with {@link io.github.llm2vec4j.core.hub.HubClient}.
 */
@NullMarked
package io.github.llm2vec4j.core.hub;

import org.jspecify.annotations.NullMarked;
