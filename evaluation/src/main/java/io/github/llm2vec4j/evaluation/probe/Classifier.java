package io.github.llm2vec4j.evaluation.probe;

import java.util.List;

/** A trained classifier of rows. It has seen the labels of its train rows and no others. */
@FunctionalInterface
public interface Classifier {
    /** The most likely label of each row; rows have the kind and dimension trained on. */
    List<String> predict(Rows rows);
}
