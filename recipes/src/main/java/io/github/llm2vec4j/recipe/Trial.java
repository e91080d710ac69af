package io.github.llm2vec4j.recipe;

/**
 * A value that a search has tried.
 *
 * @param value as it was given
 * @param words mean of the main scores of the tasks on words
 * @param sentences mean of the main scores of the tasks on sentences
 */
record Trial(String value, double words, double sentences) {
    double mean() {
        return (words + sentences) / 2;
    }
}
