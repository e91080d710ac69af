package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Picks each query's own text out of all texts of the batch: cross entropy of cosine · scale, with the texts of the
 * other rows and all hard negatives as the wrong answers (LLM2Vec section 3; InfoNCE).
 */
final class ContrastiveLoss {
    private ContrastiveLoss() {}

    /**
     * @param loss the mean over the queries
     * @param correct queries whose own text is nearest
     * @param gradients of each column's vectors: rows of {@code hidden} values
     */
    record Result(double loss, long correct, List<float[][]> gradients) {}

    /**
     * The loss of vectors by column (query, positive, negatives…), each (rows, hidden), and its gradient.
     */
    static Result of(List<float[][]> columns, double scale) {
        try (Scope scope = Scope.open()) {
            List<Tensor> leaves =
                    columns.stream().map(rows -> Tensor.ofRows(rows).leaf()).toList();
            Tensor scores = scores(leaves, scale); // (queries, texts)
            Tensor labels = Tensor.of(LongStream.range(0, columns.get(0).length).toArray(), columns.get(0).length);
            Tensor loss = scores.crossEntropy(labels);
            loss.backward();
            long correct;
            try (NoGrad off = NoGrad.enter()) {
                correct = (long) scores.argmax(-1).eq(labels).sum().item();
            }
            List<float[][]> gradients = new ArrayList<>();
            for (Tensor leaf : leaves) {
                Tensor gradient = leaf.gradient();
                if (gradient == null) {
                    throw new IllegalStateException("no gradient reached the vectors");
                }
                gradients.add(gradient.toRows());
            }
            return new Result(loss.item(), correct, gradients);
        }
    }

    /** Cosine · scale of every query with every text: (queries, texts). */
    static Tensor scores(List<Tensor> columns, double scale) {
        Tensor queries = columns.get(0).normalize(1e-12);
        Tensor texts = Tensor.cat(columns.subList(1, columns.size()), 0).normalize(1e-12);
        return queries.matmul(texts.transpose(0, 1)).mul(scale);
    }
}
