package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run needs to go on as if it had never stopped: the trained weights, the optimiser's moments and the step, and,
 * where the run has them, the averaged weights and those of the best score. Order, masks and dropout follow from (seed,
 * step), so there is no other state.
 *
 * <p>Each is a folder {@code step-N}, written under another name and renamed; its manifest holds the SHA-256 of every
 * file and of itself. A damaged one is passed over, with a warning, for the one before.
 */
final class RunCheckpoint {
    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoint.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String WEIGHTS = "trained.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String AVERAGE = "average.safetensors";
    private static final String BEST = "best.safetensors";
    private static final String MANIFEST = "manifest.json";
    private static final String OWN_CHECKSUM = "manifest_sha256";

    private final Path folder;
    private final RunIdentity identity;
    private final int keep;

    /**
     * @param folder that holds the checkpoints of one run
     * @param identity of the run; a checkpoint of another is refused
     * @param keep how many of the latest to keep
     */
    RunCheckpoint(Path folder, RunIdentity identity, int keep) {
        this.folder = folder;
        this.identity = identity;
        this.keep = keep;
    }

    /** Writes one of the trainer's state; then deletes those that are too old, and later ones, which were damaged. */
    void save(Trainer trainer) {
        Path target = folder.resolve("step-" + trainer.step());
        try {
            AtomicFiles.writeFolder(target, temporary -> {
                ObjectNode manifest = JSON.createObjectNode();
                manifest.put("step", trainer.step());
                manifest.set("run", identity.toJson());
                BestScore best = trainer.best();
                if (best != null) {
                    manifest.set("best", best.toJson());
                }
                for (Map.Entry<String, Map<String, Tensor>> file :
                        state(trainer).entrySet()) {
                    Path path = temporary.resolve(file.getKey());
                    SafetensorsWriter.write(path, file.getValue(), Map.of());
                    manifest.withObject("/sha256").put(file.getKey(), Sha256.ofFile(path));
                }
                manifest.put(OWN_CHECKSUM, Sha256.ofText(manifest.toString()));
                AtomicFiles.writeString(temporary.resolve(MANIFEST), manifest.toPrettyString());
            });
            int kept = 0;
            for (Path path : newestFirst(folder)) {
                if (number(path) > trainer.step() || ++kept > keep) {
                    AtomicFiles.deleteTree(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    target + ": the checkpoint could not be written (" + e.getMessage()
                            + "); free some disk space, or make the folder writable, and resume: the run goes on from"
                            + " the checkpoint before",
                    e);
        }
    }

    /**
     * Puts the newest whole checkpoint into the trainer.
     *
     * @return whether there was one
     * @throws TrainingException if it belongs to other settings or data, or all that there are are damaged
     */
    boolean restore(Trainer trainer) {
        Optional<Path> newest = newest();
        newest.ifPresent(checkpoint -> {
            state(trainer).forEach((name, tensors) -> copy(checkpoint.resolve(name), tensors));
            BestScore best = trainer.best();
            if (best != null) {
                best.read(manifest(checkpoint).path("best"));
            }
            trainer.resumeAt(number(checkpoint));
        });
        return newest.isPresent();
    }

    /** The newest that is whole. Errors: those of {@link #restore}. */
    Optional<Path> newest() {
        List<String> damaged = new ArrayList<>();
        for (Path candidate : newestFirst(folder)) {
            try {
                JsonNode manifest = verify(candidate);
                List<String> differences = identity.differencesFrom(RunIdentity.of(manifest.path("run")));
                if (!differences.isEmpty()) {
                    throw new TrainingException(candidate + ": was made with other settings or data: "
                            + String.join("; ", differences)
                            + "; put them back, give another output_dir, or delete " + folder + " to start afresh");
                }
                return Optional.of(candidate);
            } catch (IOException e) {
                LOG.warn("{}: damaged, passed over for the one before: {}", candidate, e.getMessage());
                damaged.add(candidate.getFileName() + ": " + e.getMessage());
            }
        }
        if (!damaged.isEmpty()) {
            throw new TrainingException(folder + ": no checkpoint is whole (" + String.join("; ", damaged)
                    + "); put back a copy of one, or delete the folder to start afresh");
        }
        return Optional.empty();
    }

    /** Whether a folder holds checkpoints, whole or not. */
    static boolean anyIn(Path folder) {
        return !newestFirst(folder).isEmpty();
    }

    /** The manifest of a checkpoint whose files are as they were written. */
    private static JsonNode verify(Path checkpoint) throws IOException {
        JsonNode manifest = readManifest(checkpoint.resolve(MANIFEST));
        if (manifest.path("step").asLong(-1) != number(checkpoint)) {
            throw new IOException(MANIFEST + " is of step " + manifest.path("step"));
        }
        for (String name : List.of(WEIGHTS, OPTIMIZER, AVERAGE, BEST)) {
            boolean optional = name.equals(AVERAGE) || name.equals(BEST);
            if (optional && !manifest.path("sha256").has(name)) {
                continue;
            }
            Path file = checkpoint.resolve(name);
            if (!Files.isRegularFile(file)) {
                throw new IOException(name + " is missing");
            }
            if (!Sha256.ofFile(file).equals(manifest.path("sha256").path(name).asText())) {
                throw new IOException(name + " does not have the SHA-256 of the manifest");
            }
        }
        return manifest;
    }

    private static JsonNode manifest(Path checkpoint) {
        try {
            return readManifest(checkpoint.resolve(MANIFEST));
        } catch (IOException e) {
            throw new UncheckedIOException(checkpoint + ": " + e.getMessage(), e);
        }
    }

    private static JsonNode readManifest(Path file) throws IOException {
        JsonNode read;
        try {
            read = JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IOException(MANIFEST + " is missing", e);
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw new IOException(MANIFEST + " is not valid JSON", e);
        }
        if (!(read instanceof ObjectNode manifest)) {
            throw new IOException(MANIFEST + " is not a JSON object");
        }
        JsonNode stated = manifest.remove(OWN_CHECKSUM);
        if (stated == null || !stated.asText().equals(Sha256.ofText(manifest.toString()))) {
            throw new IOException(MANIFEST + " does not have its own SHA-256");
        }
        return manifest;
    }

    /** The tensors of a run by the file that holds them. */
    private static Map<String, Map<String, Tensor>> state(Trainer trainer) {
        Map<String, Map<String, Tensor>> state = new LinkedHashMap<>();
        state.put(WEIGHTS, weights(trainer));
        state.put(OPTIMIZER, trainer.optimizer().state());
        WeightAverage average = trainer.average();
        if (average != null) {
            state.put(AVERAGE, average.state());
        }
        BestScore best = trainer.best();
        if (best != null && !best.state().isEmpty()) {
            state.put(BEST, best.state());
        }
        return state;
    }

    private static Map<String, Tensor> weights(Trainer trainer) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (Parameter parameter : trainer.parameters()) {
            weights.put(parameter.name(), parameter.value());
        }
        return weights;
    }

    private static void copy(Path file, Map<String, Tensor> into) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                SafetensorsFile stored = SafetensorsFile.open(file)) {
            into.forEach((name, tensor) -> tensor.copyInPlace(stored.tensor(name)));
        }
    }

    private static long number(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring(5));
    }

    private static List<Path> newestFirst(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(path -> path.getFileName().toString().matches("step-\\d{1,18}"))
                    .sorted(Comparator.comparingLong(RunCheckpoint::number).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }
}
