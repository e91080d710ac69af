package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.model.OutputHead;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cross entropy of the output head, computed in pieces so that the logits of a whole batch are never held: of n rows
 * and a vocabulary of v, at most {@value #ROWS} × v values.
 */
final class TokenLoss {
    private static final int ROWS = 256;

    private TokenLoss() {}

    /**
     * @param loss the sum of the rows' cross entropies, over the given divisor
     * @param correct rows whose label has the largest logit
     * @param gradient of the loss for the states, (n, hidden); empty where not asked for
     */
    record Result(double loss, long correct, List<Tensor> gradient) {}

    /** The loss of states (n, hidden) against labels (n), and its gradient, into the head too if that is trained. */
    static Result withGradient(Tensor states, long[] labels, OutputHead head, double divisor) {
        double loss = 0;
        List<Tensor> gradients = new ArrayList<>();
        for (int from = 0; from < labels.length; from += ROWS) {
            int count = Math.min(ROWS, labels.length - from);
            int start = from;
            double[] part = new double[1];
            gradients.add(Scope.compute(() -> {
                Tensor rows = states.narrow(0, start, count).leaf();
                Tensor value = head.logits(rows)
                        .crossEntropySum(labelTensor(labels, start, count))
                        .mul(1 / divisor);
                value.backward();
                part[0] = value.item();
                Tensor gradient = rows.gradient();
                if (gradient == null) {
                    throw new IllegalStateException("no gradient reached the states of the output head");
                }
                return gradient;
            }));
            loss += part[0];
        }
        return new Result(loss, 0, gradients);
    }

    /** The loss and the number of right predictions. */
    static Result withoutGradient(Tensor states, long[] labels, OutputHead head, double divisor) {
        double loss = 0;
        long correct = 0;
        for (int from = 0; from < labels.length; from += ROWS) {
            int count = Math.min(ROWS, labels.length - from);
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor logits = head.logits(states.narrow(0, from, count));
                Tensor target = labelTensor(labels, from, count);
                loss += logits.crossEntropySum(target).item() / divisor;
                correct += (long) logits.argmax(-1).eq(target).sum().item();
            }
        }
        return new Result(loss, correct, List.of());
    }

    private static Tensor labelTensor(long[] labels, int from, int count) {
        return Tensor.of(java.util.Arrays.copyOfRange(labels, from, from + count), count);
    }
}
