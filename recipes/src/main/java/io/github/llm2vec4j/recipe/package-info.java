/**
 * The main job: from a decoder to three encoders, each evaluated, and one report.
 *
 * <p>Start with {@link io.github.llm2vec4j.recipe.RecipeRun}. A {@link io.github.llm2vec4j.recipe.Recipe} is a JSON file
 * beside this module's pom.
 */
@NullMarked
package io.github.llm2vec4j.recipe;

import org.jspecify.annotations.NullMarked;
