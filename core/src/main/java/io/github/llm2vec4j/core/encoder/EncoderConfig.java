package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a model encodes, as in its {@code llm2vec_config.json}. The file holds these four keys and no other, since the
 * reference refuses a file with more; what else there is to say of a model stands in {@code llm2vec4j.json}.
 *
 * @param maxLength tokens in all
 * @param docMaxLength tokens of the text
 * @param skipInstruction whether the instruction's tokens are left out of pooling
 */
public record EncoderConfig(Pooling pooling, int maxLength, int docMaxLength, boolean skipInstruction) {
    /** The settings of the reference. */
    public static final EncoderConfig DEFAULT = new EncoderConfig(Pooling.MEAN, 512, 400, true);

    private static final String FILE = "llm2vec_config.json";

    public EncoderConfig {
        if (maxLength < 2 || docMaxLength < 1) {
            throw new IllegalArgumentException(
                    "max_length " + maxLength + " and doc_max_length " + docMaxLength + ": expected at least 2 and 1");
        }
    }

    /** The settings of a model folder, or those of the reference where it has none. */
    public static EncoderConfig read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return DEFAULT;
        }
        try {
            JsonNode json = new JsonMapper().readTree(file.toFile());
            return new EncoderConfig(
                    Pooling.of(json.path("pooling_mode").asText("mean")),
                    json.path("max_length").asInt(512),
                    json.path("doc_max_length").asInt(400),
                    json.path("skip_instruction").asBoolean(true));
        } catch (IOException | IllegalArgumentException e) {
            throw new BadCheckpointException(file, String.valueOf(e.getMessage()), e);
        }
    }

    /** Writes {@code llm2vec_config.json} into a folder. */
    public void write(Path folder) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("pooling_mode", pooling.toString());
        json.put("max_length", maxLength);
        json.put("doc_max_length", docMaxLength);
        json.put("skip_instruction", skipInstruction);
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
    }

    public EncoderConfig withPooling(Pooling other) {
        return new EncoderConfig(other, maxLength, docMaxLength, skipInstruction);
    }
}
