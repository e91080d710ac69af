package io.github.llm2vec4j.core.lora;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter on a decoder: a branch on each target layer, in fp32. It is on the decoder from the moment it is made
 * until it is closed.
 */
public final class LoraAdapter implements AutoCloseable {
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PICKLE = "adapter_model.bin";
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final String MAGNITUDE = ".lora_magnitude_vector";

    private final LoraConfig config;
    private final Map<Linear, Linear.LowRank> branches;

    private LoraAdapter(LoraConfig config, Map<Linear, Linear.LowRank> branches) {
        this.config = config;
        this.branches = branches;
        branches.forEach(Linear::setBranch);
    }

    /**
     * Puts a new, trainable adapter on a decoder: A is Kaiming-uniform (a = √5), B is zero, magnitudes are the lengths of
     * the rows, so nothing changes yet.
     */
    public static LoraAdapter inject(Decoder decoder, LoraConfig config, long seed) {
        Map<Linear, Linear.LowRank> branches = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            for (Linear linear : targets(decoder, config)) {
                double bound = 1 / Math.sqrt(linear.inputs());
                Tensor a = Tensor.zeros(DType.F32, config.rank(), linear.inputs())
                        .uniformInPlace(
                                -bound,
                                bound,
                                RandomState.seeded(
                                        RandomState.mix(seed, linear.path().hashCode())));
                Tensor b = Tensor.zeros(DType.F32, linear.outputs(), config.rank());
                Tensor magnitude = config.decomposed()
                        ? Linear.LowRank.rowLengths(linear.weightValue().to(DType.F32))
                        : null;
                branches.put(linear, branch(linear, a, b, magnitude, config.scale(), true));
            }
        }
        return new LoraAdapter(config, branches);
    }

    /**
     * Loads an adapter folder onto the decoder it was made for.
     *
     * @throws BadCheckpointException if a layer is missing or left over, or a shape does not fit
     */
    public static LoraAdapter load(Decoder decoder, Path folder, boolean trainable) {
        LoraConfig config = LoraConfig.read(folder);
        if (!Files.exists(folder.resolve(WEIGHTS)) && Files.exists(folder.resolve(PICKLE))) {
            throw new BadCheckpointException(
                    folder.resolve(PICKLE),
                    "is a pickle, which can run code when it is read: load it in Python with peft where you trust it,"
                            + " and save it with save_pretrained(…, safe_serialization=True)");
        }
        Map<Linear, Linear.LowRank> branches = new LinkedHashMap<>();
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(folder.resolve(WEIGHTS))) {
            Set<String> unread = new TreeSet<>(file.names());
            for (Linear linear : targets(folder, decoder, config)) {
                Tensor a = read(file, unread, linear, A, config.rank(), linear.inputs());
                Tensor b = read(file, unread, linear, B, linear.outputs(), config.rank());
                Tensor magnitude = config.decomposed() ? read(file, unread, linear, MAGNITUDE, linear.outputs()) : null;
                branches.put(linear, branch(linear, a, b, magnitude, config.scale(), trainable));
            }
            if (!unread.isEmpty()) {
                throw new BadCheckpointException(
                        file.path(),
                        "tensor '" + unread.iterator().next() + "' (" + unread.size()
                                + " in all) has no place in this model: the adapter is for another base, "
                                + config.baseModel());
            }
        } catch (RuntimeException e) {
            branches.values().forEach(LoraAdapter::close);
            throw e;
        }
        return new LoraAdapter(config, branches);
    }

    /**
     * One adapter that equals several: its A holds their rows one below the other, its B their columns side by side,
     * scaled. It is for the same base as the first, and on the decoder from now on; a single adapter stays as it is.
     *
     * @throws BadCheckpointException if one of them does not fit the decoder
     */
    public static LoraAdapter join(Decoder decoder, List<Path> folders) {
        if (folders.size() == 1) {
            return load(decoder, folders.get(0), false);
        }
        List<LoraAdapter> adapters = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            for (Path folder : folders) {
                LoraAdapter adapter = load(decoder, folder, false);
                adapters.add(adapter);
                if (adapter.config.decomposed()) {
                    throw new IllegalArgumentException(folder
                            + ": an adapter with use_dora does not add up with others to one: export the model merged");
                }
            }
            int rank =
                    adapters.stream().mapToInt(adapter -> adapter.config.rank()).sum();
            Set<String> modules = new TreeSet<>();
            adapters.forEach(adapter -> modules.addAll(adapter.config.targetModules()));
            LoraConfig config = new LoraConfig(
                    rank, rank, 0, List.copyOf(modules), adapters.get(0).config.baseModel());
            Map<Linear, Linear.LowRank> branches = new LinkedHashMap<>();
            for (Linear linear : targets(decoder, config)) {
                List<Tensor> rows = new ArrayList<>();
                List<Tensor> columns = new ArrayList<>();
                for (LoraAdapter adapter : adapters) {
                    Linear.LowRank branch = adapter.branches.get(linear);
                    int own = adapter.config.rank();
                    rows.add(
                            branch == null
                                    ? Tensor.zeros(DType.F32, own, linear.inputs())
                                    : branch.a().value());
                    columns.add(
                            branch == null
                                    ? Tensor.zeros(DType.F32, linear.outputs(), own)
                                    : branch.b().value().mul(branch.scale()));
                }
                branches.put(linear, branch(linear, Tensor.cat(rows, 0), Tensor.cat(columns, 1), null, 1, false));
            }
            return new LoraAdapter(config, branches);
        } finally {
            adapters.forEach(LoraAdapter::close);
        }
    }

    private static List<Linear> targets(Path folder, Decoder decoder, LoraConfig config) {
        try {
            return targets(decoder, config);
        } catch (IllegalArgumentException e) {
            throw new BadCheckpointException(
                    folder.resolve("adapter_config.json"), e.getMessage() + ": the adapter is for another base", e);
        }
    }

    private static List<Linear> targets(Decoder decoder, LoraConfig config) {
        List<Linear> targets = decoder.linears().stream()
                .filter(linear -> config.targetModules().contains(lastPart(linear.path())))
                .toList();
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("target_modules " + config.targetModules()
                    + ": the model has none of them, it has " + LoraConfig.ALL_LINEAR);
        }
        return targets;
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static Tensor read(SafetensorsFile file, Set<String> unread, Linear linear, String part, long... expected) {
        String name = key(linear, part);
        if (!unread.remove(name)) {
            throw new BadCheckpointException(
                    file.path(), "has no tensor '" + name + "': the adapter is for another base");
        }
        if (!Arrays.equals(file.shape(name), expected)) {
            throw new BadCheckpointException(
                    file.path(),
                    "tensor '" + name + "': this model needs shape " + Arrays.toString(expected) + ", found "
                            + Arrays.toString(file.shape(name)) + ": the adapter is for another base");
        }
        return file.tensor(name).to(DType.F32).copy();
    }

    private static String key(Linear linear, String part) {
        return PREFIX + linear.path() + part;
    }

    /** Whether a parameter is the B of an adapter. */
    public static boolean isB(Parameter parameter) {
        return parameter.name().endsWith(B);
    }

    private static Linear.LowRank branch(
            Linear linear, Tensor a, Tensor b, @Nullable Tensor magnitude, double scale, boolean trainable) {
        return new Linear.LowRank(
                new Parameter(key(linear, A), a, trainable),
                new Parameter(key(linear, B), b, trainable),
                scale,
                magnitude == null ? null : new Parameter(key(linear, MAGNITUDE), magnitude, trainable));
    }

    public LoraConfig config() {
        return config;
    }

    /** A, B and, where there are, the magnitudes of every layer, in order. */
    public List<Parameter> parameters() {
        return branches.values().stream().flatMap(LoraAdapter::parts).toList();
    }

    private static Stream<Parameter> parts(Linear.LowRank branch) {
        return Stream.of(branch.a(), branch.b(), branch.magnitude()).filter(Objects::nonNull);
    }

    Map<Linear, Linear.LowRank> branches() {
        return branches;
    }

    /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder. */
    public void save(Path folder) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
        AtomicFiles.writeString(
                folder.resolve("adapter_config.json"),
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(config.toJson()));
    }

    /**
     * Adds adapters into a decoder's weights, one after the other. Each sum is formed in fp32 and rounded once to the
     * type of the weight.
     *
     * @throws BadCheckpointException if one of them does not fit the decoder
     */
    public static void merge(Decoder decoder, List<Path> folders) {
        merge(decoder, folders, linear -> {});
    }

    /**
     * The same, and something done with each layer that was changed before the next is, so that the changed weights of
     * all layers need not be in memory at once.
     */
    public static void merge(Decoder decoder, List<Path> folders, Consumer<Linear> then) {
        try (AdapterSum sum = AdapterSum.of(decoder, folders)) {
            for (Linear linear : sum.layers()) {
                try (Scope scope = Scope.open()) {
                    Parameter old = linear.weight();
                    Tensor merged = sum.weight(linear, old.value().dtype());
                    decoder.replaceWeight(linear, new Parameter(old.name(), merged, old.trainable()));
                }
                then.accept(linear);
            }
        }
    }

    /** Takes the adapter off the decoder and frees it. */
    @Override
    public void close() {
        branches.forEach((linear, branch) -> {
            if (linear.branch() == branch) {
                linear.setBranch(null);
            }
            close(branch);
        });
        branches.clear();
    }

    private static void close(Linear.LowRank branch) {
        parts(branch).forEach(Parameter::close);
    }
}
