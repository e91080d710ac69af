package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Leaves;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The decoder as several workers train it at once: one set of weights, and for each worker leaves with gradients of
 * their own. A batch is dealt out by row in a fixed way and gradients are added in the order of the replicas, so the
 * result does not depend on which worker is faster.
 */
public final class Replicas implements AutoCloseable {
    private final Decoder decoder;
    private final List<Parameter> parameters;
    private final List<Leaves> leaves = new ArrayList<>();
    private final Workers workers;
    private final DType computeType;
    private final boolean checkpointLayers;

    /**
     * @param parameters what is trained
     * @param count number of replicas; each uses one core
     * @param computeType type of activations and matrix products
     * @param checkpointLayers whether to keep each block's input alone and compute blocks again on the way back
     */
    public Replicas(
            Decoder decoder, List<Parameter> parameters, int count, DType computeType, boolean checkpointLayers) {
        this.decoder = decoder;
        this.parameters = List.copyOf(parameters);
        this.workers = new Workers(count);
        this.computeType = computeType;
        this.checkpointLayers = checkpointLayers;
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < count; i++) {
                leaves.add(new Leaves(parameters));
            }
        }
    }

    public Decoder decoder() {
        return decoder;
    }

    public List<Parameter> parameters() {
        return parameters;
    }

    public int count() {
        return workers.count();
    }

    public Workers workers() {
        return workers;
    }

    public DType computeType() {
        return computeType;
    }

    boolean checkpointLayers() {
        return checkpointLayers;
    }

    /** A pass of one replica that records gradients. */
    Pass pass(int replica, Pass.Direction direction, double attentionDropout, double loraDropout, long dropoutSeed) {
        return new Pass(direction, computeType, leaves.get(replica), attentionDropout, loraDropout, dropoutSeed);
    }

    /** The first of {@code rows} rows that falls to a replica; it has all up to that of the next replica. */
    int firstRow(int replica, int rows) {
        return (int) ((long) rows * replica / count());
    }

    /** Whether any gradient has come since they were cleared. */
    public boolean hasGradients() {
        try (Scope scope = Scope.open()) {
            return leaves.stream().anyMatch(mine -> mine.gradients().stream().anyMatch(Objects::nonNull));
        }
    }

    /** The sum of all replicas' gradients, in the open scope, in the order of the parameters. */
    public List<Tensor> sumGradients() {
        List<@Nullable Tensor> sums = new ArrayList<>(leaves.get(0).gradients());
        for (int r = 1; r < leaves.size(); r++) {
            List<@Nullable Tensor> more = leaves.get(r).gradients();
            for (int i = 0; i < sums.size(); i++) {
                Tensor sum = sums.get(i);
                Tensor term = more.get(i);
                sums.set(i, sum == null ? term : term == null ? sum : sum.addInPlace(term));
            }
        }
        List<Tensor> result = new ArrayList<>();
        for (int i = 0; i < sums.size(); i++) {
            Tensor sum = sums.get(i);
            if (sum == null) {
                throw new IllegalStateException(
                        "no gradient reached parameter '" + parameters.get(i).name() + "'");
            }
            result.add(sum);
        }
        return result;
    }

    public void clearGradients() {
        leaves.forEach(Leaves::clearGradients);
    }

    @Override
    public void close() {
        workers.close();
        leaves.forEach(Leaves::close);
    }
}
