package io.github.llm2vec4j.core.lora;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adapters for one decoder, whose sum with its weights is formed one layer at a time, so that the sums need not be in
 * memory at once. The decoder's weights stay as they are.
 */
public final class AdapterSum implements AutoCloseable {
    private final List<LoraAdapter> adapters = new ArrayList<>();
    private final Map<Linear, List<Linear.LowRank>> updates = new LinkedHashMap<>();

    private AdapterSum() {}

    /**
     * Reads adapter folders.
     *
     * @throws BadCheckpointException if one of them does not fit the decoder
     */
    public static AdapterSum of(Decoder decoder, List<Path> folders) {
        AdapterSum sum = new AdapterSum();
        try {
            for (Path folder : folders) {
                LoraAdapter adapter = LoraAdapter.load(decoder, folder, false);
                sum.adapters.add(adapter);
                adapter.branches()
                        .forEach((linear, branch) -> sum.updates
                                .computeIfAbsent(linear, key -> new ArrayList<>())
                                .add(branch));
            }
            return sum;
        } catch (RuntimeException e) {
            sum.close();
            throw e;
        }
    }

    /** The layers that at least one adapter changes, in order. */
    public Set<Linear> layers() {
        return updates.keySet();
    }

    /** The weight (out, in) of a layer with all adapters added, one after the other, in fp32 and rounded once to a type. */
    public Tensor weight(Linear linear, DType type) {
        return Scope.compute(() -> {
            try (NoGrad off = NoGrad.enter()) {
                Tensor sum = linear.weight().value().to(DType.F32);
                for (Linear.LowRank branch : updates.getOrDefault(linear, List.of())) {
                    sum = branch.merged(sum);
                }
                return sum.to(type);
            }
        });
    }

    @Override
    public void close() {
        adapters.forEach(LoraAdapter::close);
    }
}
