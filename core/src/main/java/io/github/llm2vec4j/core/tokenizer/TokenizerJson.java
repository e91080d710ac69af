package io.github.llm2vec4j.core.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A {@code tokenizer.json} that may be given to the native library. That library ends the JVM where a file is not what
 * it expects, so the file is read once, within bounds, and checked here; the library gets the bytes that were checked.
 *
 * @param bytes the file
 * @param root the same, parsed
 * @param ids the id of each token
 */
record TokenizerJson(byte[] bytes, JsonNode root, Map<String, Integer> ids) {
    private static final int MAX_FILE_BYTES = 64 << 20;

    /** Deeper than any published file, and well within what the library reads. */
    private static final int MAX_DEPTH = 32;

    /** Three times those of the largest vocabularies, 256,000 tokens with their merges. */
    private static final long MAX_JSON_TOKENS = 8_000_000;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(8 << 20)
                            .maxTokenCount(MAX_JSON_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Reads and checks a file.
     *
     * @throws BadCheckpointException if it cannot be given to the library
     */
    static TokenizerJson read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_FILE_BYTES) {
            throw new BadCheckpointException(
                    file,
                    "has " + size + " bytes, more than the 64 MB of any known tokenizer: is this the right file?");
        }
        byte[] bytes = Files.readAllBytes(file);
        JsonNode root = parse(file, bytes);
        TokenizerCheck check = new TokenizerCheck(file, root);
        TokenizerJson checked = new TokenizerJson(bytes, root, check.run());
        if (!check.unproven().isEmpty()) {
            TokenizerTrial.run(file, bytes, check.unproven(), check.trialTexts());
        }
        return checked;
    }

    private static JsonNode parse(Path file, byte[] bytes) throws IOException {
        try {
            return JSON.readTree(
                    new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.newDecoder()));
        } catch (CharacterCodingException e) {
            throw new BadCheckpointException(file, "is not valid UTF-8: copy it anew from its source", e);
        } catch (JsonProcessingException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getMessage(), e);
        }
    }
}
