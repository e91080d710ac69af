package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** AdamW (Loshchilov and Hutter 2019) with fp32 moments, in PyTorch's order of operations. */
final class AdamW implements AutoCloseable {
    private final List<Parameter> parameters;
    private final Settings settings;
    private final List<Tensor> means = new ArrayList<>();
    private final List<Tensor> squares = new ArrayList<>();

    /**
     * Decay rates of the moments, the term that keeps a division finite, and the weight decay.
     *
     * @param loraPlusRatio by which the rate of an adapter's B exceeds that of all else (LoRA+, Hayou et al. 2024)
     */
    record Settings(double beta1, double beta2, double epsilon, double weightDecay, double loraPlusRatio) {

        Settings(double beta1, double beta2, double epsilon, double weightDecay) {
            this(beta1, beta2, epsilon, weightDecay, 1);
        }
    }

    AdamW(List<Parameter> parameters, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        try (Scope scope = Scope.open()) {
            for (Parameter parameter : parameters) {
                long[] shape = parameter.value().shape();
                means.add(Tensor.zeros(parameter.value().dtype(), shape).keep());
                squares.add(Tensor.zeros(parameter.value().dtype(), shape).keep());
            }
        }
    }

    /**
     * Changes every parameter by its gradient.
     *
     * @param count how many updates there were with this one, from 1
     */
    void step(List<Tensor> gradients, double learningRate, long count, Workers workers) {
        double correction1 = 1 - Math.pow(settings.beta1, count);
        double correction2 = 1 - Math.pow(settings.beta2, count);
        workers.map(parameters.size(), i -> {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor value = parameters.get(i).value();
                double rate = learningRate * (LoraAdapter.isB(parameters.get(i)) ? settings.loraPlusRatio : 1);
                Tensor gradient = gradients.get(i);
                Tensor mean = means.get(i).lerpInPlace(gradient, 1 - settings.beta1);
                Tensor square = squares.get(i)
                        .mulInPlace(settings.beta2)
                        .addProductInPlace(gradient, gradient, 1 - settings.beta2);
                boolean decays = settings.weightDecay > 0 && value.shape().length > 1;
                if (decays) {
                    value.mulInPlace(1 - rate * settings.weightDecay);
                }
                Tensor denominator =
                        square.sqrt().mul(1 / Math.sqrt(correction2)).add(settings.epsilon);
                value.addQuotientInPlace(mean, denominator, -rate / correction1);
                return i;
            }
        });
    }

    /** The moments by name, for a checkpoint. */
    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            state.put("mean." + parameters.get(i).name(), means.get(i));
            state.put("square." + parameters.get(i).name(), squares.get(i));
        }
        return state;
    }

    @Override
    public void close() {
        means.forEach(Tensor::close);
        squares.forEach(Tensor::close);
    }
}
