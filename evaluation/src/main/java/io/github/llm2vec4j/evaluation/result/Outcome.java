package io.github.llm2vec4j.evaluation.result;

/**
 * What became of one test item; the list of them allows error analysis, confidence intervals and paired comparison.
 *
 * @param input what was asked, readable by a person
 * @param expected the gold answer
 * @param predicted the answer given
 * @param score this item's share, from 0 (wrong) to 1 (right)
 */
public record Outcome(String input, String expected, String predicted, double score) {
    public Outcome {
        if (!(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("outcome of " + input + ": expected a score in [0, 1], found " + score);
        }
    }

    /** Right or wrong, nothing between. */
    public static Outcome of(String input, String expected, String predicted) {
        return new Outcome(input, expected, predicted, expected.equals(predicted) ? 1 : 0);
    }
}
