/**
 * The main job: from a decoder to three encoders, each evaluated, and one report.
 *
 * <p>Start with {@link io.github.llm2vec4j.recipe.RecipeRun}. A {@link io.github.llm2vec4j.recipe.Recipe} is a JSON file
 * beside this module's pom. {@link io.github.llm2vec4j.recipe.EvaluationRun} scores models outside a recipe, {@link
 * io.github.llm2vec4j.recipe.AblationRun} what each part of the method adds.
 */
@NullMarked
package io.github.llm2vec4j.recipe;

import org.jspecify.annotations.NullMarked;
