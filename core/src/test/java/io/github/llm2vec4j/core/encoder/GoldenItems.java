package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The pairs of instruction and text of a fixture, and which of them the reference takes as we do. */
final class GoldenItems {
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();

    GoldenItems(JsonNode manifest) {
        manifest.path("items").forEach(item -> {
            instructions.add(Instruction.of(item.path(0).asText()));
            texts.add(item.path(1).asText());
        });
    }

    static GoldenItems of(Golden golden, String run) {
        return new GoldenItems(golden.json("encode/" + run + "/manifest.json"));
    }

    int count() {
        return texts.size();
    }

    Instruction instruction(int item) {
        return instructions.get(item);
    }

    String text(int item) {
        return texts.get(item);
    }

    List<PreparedText> prepare(Llm2Vec model) {
        TextPreparation preparation = new TextPreparation(model.tokenizer(), model.config());
        List<PreparedText> prepared = new ArrayList<>();
        for (int i = 0; i < count(); i++) {
            prepared.add(preparation.prepare(instructions.get(i), texts.get(i)));
        }
        return prepared;
    }

    /**
     * The items whose token ids, and whose pooled tokens where an instruction is skipped, are those of the reference.
     *
     * @param key of the token arrays, {@code tok/small/plain} for instance
     */
    static List<Integer> comparable(
            GoldenArrays arrays, String key, List<PreparedText> prepared, EncoderConfig config) {
        int[][] ids = arrays.unpadded(key + "/input_ids", key + "/attention_mask");
        int[][] pooled = arrays.intRows(key + "/embed_mask");
        List<Integer> comparable = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            PreparedText text = prepared.get(i);
            boolean oneVector = config.pooling() != Pooling.MEAN && config.pooling() != Pooling.WEIGHTED_MEAN;
            int reference = config.skipInstruction() ? Arrays.stream(pooled[i]).sum() : ids[i].length;
            boolean samePooled =
                    oneVector || (text.poolTo() == ids[i].length && text.poolTo() - text.poolFrom() == reference);
            if (Arrays.equals(text.ids(), ids[i]) && samePooled) {
                comparable.add(i);
            }
        }
        return comparable;
    }
}
