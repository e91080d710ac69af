package io.github.llm2vec4j.evaluation.probe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts to rows: an encoder, or a baseline that first looks at the task's unlabelled train texts. It never sees a
 * label.
 */
public interface TextFeatures {
    /** The name shown in tables. */
    String name();

    /** Prepares for a task; {@code trainTexts} may be empty for a task without a train part. */
    Fitted fit(List<String> trainTexts);

    /** Ready to turn texts to rows. */
    @FunctionalInterface
    interface Fitted {
        /** Rows (texts, dim), all of one kind and dimension; the instruction may be ignored. */
        Rows rows(@Nullable String instruction, List<String> texts);
    }
}
