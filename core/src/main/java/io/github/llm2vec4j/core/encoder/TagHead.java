package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From the state of a word to a logit for each tag: one linear layer, in fp32. */
public final class TagHead implements AutoCloseable {
    static final String FILE = "classifier.safetensors";
    private static final String WEIGHT = "classifier.weight";
    private static final String BIAS = "classifier.bias";

    private final Parameter weight;
    private final Parameter bias;

    private TagHead(Tensor weight, Tensor bias) {
        this.weight = new Parameter(WEIGHT, weight, true);
        this.bias = new Parameter(BIAS, bias, true);
    }

    /** A new head: uniform values up to 1/√hidden, as those of a new linear layer in PyTorch. */
    public static TagHead random(int labels, int hidden, long seed) {
        double bound = 1 / Math.sqrt(hidden);
        try (Scope scope = Scope.open()) {
            RandomState random = RandomState.seeded(RandomState.mix(seed, WEIGHT.hashCode()));
            return new TagHead(
                    Tensor.zeros(DType.F32, labels, hidden).uniformInPlace(-bound, bound, random),
                    Tensor.zeros(DType.F32, labels).uniformInPlace(-bound, bound, random));
        }
    }

    /**
     * Loads the head of a tagger.
     *
     * @throws BadCheckpointException if it is missing, damaged or of another shape
     */
    public static TagHead load(Path folder, int labels, int hidden) {
        Path path = folder.resolve(FILE);
        if (!Files.isRegularFile(path)) {
            throw new BadCheckpointException(folder, "has no " + FILE + ": it is not a tagger");
        }
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            return new TagHead(read(file, WEIGHT, labels, hidden), read(file, BIAS, labels));
        }
    }

    private static Tensor read(SafetensorsFile file, String name, long... shape) {
        if (!file.names().contains(name) || !Arrays.equals(file.shape(name), shape)) {
            throw new BadCheckpointException(
                    file.path(),
                    "expected a tensor '" + name + "' of shape " + Arrays.toString(shape) + ", found "
                            + (file.names().contains(name) ? Arrays.toString(file.shape(name)) : "none")
                            + ": it does not belong to the labels of " + TaggerConfig.FILE + " or to this model");
        }
        return file.tensor(name).to(DType.F32).copy();
    }

    /** Writes {@code classifier.safetensors} into a folder. */
    public void save(Path folder) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        SafetensorsWriter.write(folder.resolve(FILE), tensors, Map.of("format", "pt"));
    }

    /** Weight (labels, hidden) and bias (labels). */
    public List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    /** The logits (words, labels) of states (words, hidden) in fp32. */
    public Tensor logits(Tensor states, Pass pass) {
        return states.linear(pass.value(weight), pass.value(bias));
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
    }
}
