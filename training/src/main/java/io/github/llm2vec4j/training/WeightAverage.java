package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An exponential moving average of the trained weights (Polyak and Juditsky 1992). After update n it is d · average +
 * (1 - d) · weights with d = min(decay, (1 + n) / (10 + n)), so that it leaves the start behind soon.
 */
final class WeightAverage implements AutoCloseable {
    private final List<Parameter> parameters;
    private final double decay;
    private final List<Tensor> averages = new ArrayList<>();

    WeightAverage(List<Parameter> parameters, double decay) {
        this.parameters = parameters;
        this.decay = decay;
        try (Scope scope = Scope.open()) {
            parameters.forEach(
                    parameter -> averages.add(parameter.value().copy().keep()));
        }
    }

    /** Takes in the weights after so many updates. */
    void update(long count) {
        double kept = Math.min(decay, (1.0 + count) / (10.0 + count));
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            for (int i = 0; i < averages.size(); i++) {
                averages.get(i).lerpInPlace(parameters.get(i).value(), 1 - kept);
            }
        }
    }

    /** Exchanges the weights and their averages; a second call puts both back. */
    void swap() {
        for (int i = 0; i < averages.size(); i++) {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor value = parameters.get(i).value();
                Tensor held = value.copy();
                value.copyInPlace(averages.get(i));
                averages.get(i).copyInPlace(held);
            }
        }
    }

    /** The averages by name, for a checkpoint. */
    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (int i = 0; i < averages.size(); i++) {
            state.put(parameters.get(i).name(), averages.get(i));
        }
        return state;
    }

    @Override
    public void close() {
        averages.forEach(Tensor::close);
    }
}
