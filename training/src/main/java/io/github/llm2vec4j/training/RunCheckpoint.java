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
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run needs to go on as if it had never stopped: the trained weights, the optimiser's moments and the step.
 * Order, masks and dropout follow from (seed, step), so there is no other state.
 *
 * <p>Each is a folder {@code step-N}, written under another name and renamed; its manifest holds the SHA-256 of every
 * file. A damaged one is passed over, with a warning, for the one before.
 */
final class RunCheckpoint {
    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoint.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String WEIGHTS = "trained.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String MANIFEST = "manifest.json";

    private final Path folder;
    private final String fingerprint;
    private final int keep;

    /**
     * @param folder that holds the checkpoints of one run
     * @param fingerprint of settings and data; a checkpoint of another is refused
     * @param keep how many of the latest to keep
     */
    RunCheckpoint(Path folder, String fingerprint, int keep) {
        this.folder = folder;
        this.fingerprint = fingerprint;
        this.keep = keep;
    }

    void save(Trainer trainer) {
        Path target = folder.resolve("step-" + trainer.step());
        try {
            AtomicFiles.writeFolder(target, temporary -> {
                Map<String, Tensor> weights = new LinkedHashMap<>();
                trainer.parameters().forEach(p -> weights.put(p.name(), p.value()));
                SafetensorsWriter.write(temporary.resolve(WEIGHTS), weights, Map.of());
                SafetensorsWriter.write(
                        temporary.resolve(OPTIMIZER), trainer.optimizer().state(), Map.of());
                ObjectNode manifest = JSON.createObjectNode();
                manifest.put("step", trainer.step());
                manifest.put("fingerprint", fingerprint);
                for (String name : List.of(WEIGHTS, OPTIMIZER)) {
                    manifest.withObject("/sha256").put(name, Sha256.ofFile(temporary.resolve(name)));
                }
                AtomicFiles.writeString(temporary.resolve(MANIFEST), manifest.toPrettyString());
            });
            List<Path> all = newestFirst();
            for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
                AtomicFiles.deleteTree(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    target + ": the checkpoint could not be written (" + e.getMessage()
                            + "); free some disk space and start again: the run goes on from the checkpoint before",
                    e);
        }
    }

    /**
     * Puts the newest whole checkpoint into the trainer.
     *
     * @return whether there was one
     * @throws TrainingException if the newest belongs to other settings or data
     */
    boolean restore(Trainer trainer) {
        for (Path candidate : newestFirst()) {
            try {
                JsonNode manifest = JSON.readTree(candidate.resolve(MANIFEST).toFile());
                if (!manifest.path("fingerprint").asText().equals(fingerprint)) {
                    throw new TrainingException(candidate
                            + ": was made with other settings or data; give another output_dir, or delete it to start"
                            + " afresh");
                }
                for (Map.Entry<String, JsonNode> file : manifest.path("sha256").properties()) {
                    if (!Sha256.ofFile(candidate.resolve(file.getKey()))
                            .equals(file.getValue().asText())) {
                        throw new IOException(file.getKey() + " does not have the SHA-256 of the manifest");
                    }
                }
                copy(candidate.resolve(WEIGHTS), weights(trainer));
                copy(candidate.resolve(OPTIMIZER), trainer.optimizer().state());
                trainer.resumeAt(manifest.path("step").asLong());
                return true;
            } catch (IOException e) {
                LOG.warn("{}: damaged, passed over: {}", candidate, e.getMessage());
            }
        }
        return false;
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

    private List<Path> newestFirst() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(path -> path.getFileName().toString().matches("step-\\d{1,18}"))
                    .sorted(Comparator.comparingLong((Path path) ->
                                    Long.parseLong(path.getFileName().toString().substring(5)))
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }
}
