package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenBlocksTest {
    private static final List<String> TEXTS = List.of("שלום עולם", "בוקר טוב לכולם", "abc");

    @ParameterizedTest
    @EnumSource(Golden.class)
    void blocksAreThoseOfTheReference(Golden golden) {
        JsonNode json = golden.json("training/collators/grouping.json");
        List<String> texts = strings(json.path("texts"));
        try (Tokenizer tokenizer = Tokenizer.load(golden.file("tokenizers/llama-bpe"))) {
            for (int i = 0; i < texts.size(); i++) {
                assertThat(tokenizer.encode(texts.get(i), true).ids())
                        .isEqualTo(ints(json.path("tokenized_input_ids").path(i)));
            }
            int length = json.path("max_seq_length").asInt();
            TokenBlocks whole = TokenBlocks.pack(texts.iterator(), tokenizer, length, false);
            TokenBlocks grouped = TokenBlocks.packInGroups(texts.iterator(), tokenizer, length, 1000);
            assertThat(whole.count()).isEqualTo(json.path("blocks").size()).isPositive();
            assertThat(grouped.tokens()).isEqualTo(whole.tokens());
            for (int i = 0; i < whole.count(); i++) {
                assertThat(whole.block(i))
                        .as("block %d", i)
                        .isEqualTo(ints(json.path("blocks").path(i)));
            }
        }
    }

    @Test
    void textsFollowOneAnotherAndTheRestIsDropped() {
        try (Tokenizer tokenizer = tokenizer()) {
            int[] all = concatenated(tokenizer, TEXTS, false);
            TokenBlocks blocks = TokenBlocks.pack(TEXTS.iterator(), tokenizer, 5, false);
            assertThat(blocks.count()).isEqualTo(all.length / 5).isPositive();
            assertThat(all.length % 5).as("tokens left over").isPositive();
            assertThat(blocks.tokens()).isEqualTo(Arrays.copyOf(all, all.length / 5 * 5));
        }
    }

    @Test
    void anEndTokenClosesEachTextWhereAskedFor() {
        try (Tokenizer tokenizer = tokenizer()) {
            int[] all = concatenated(tokenizer, TEXTS, true);
            TokenBlocks blocks = TokenBlocks.pack(TEXTS.iterator(), tokenizer, 1, true);
            assertThat(blocks.tokens()).isEqualTo(all);
            assertThat(Arrays.stream(all).filter(id -> id == tokenizer.eosId())).hasSameSizeAs(TEXTS);
        }
    }

    @Test
    void groupsDropTheirRestsOneByOne() {
        try (Tokenizer tokenizer = tokenizer()) {
            List<String> texts = Collections.nCopies(6, TEXTS.get(1));
            int perGroup = 2 * tokenizer.encode(TEXTS.get(1), true).length();
            int length = perGroup - 1;
            TokenBlocks grouped = TokenBlocks.packInGroups(texts.iterator(), tokenizer, length, 2);
            int[] group = concatenated(tokenizer, texts.subList(0, 2), false);
            assertThat(grouped.count()).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                assertThat(grouped.block(i)).isEqualTo(Arrays.copyOf(group, length));
            }
        }
    }

    @Test
    void manyTextsArePackedWithoutLoss() {
        try (Tokenizer tokenizer = tokenizer()) {
            List<String> texts = Collections.nCopies(9000, TEXTS.get(1)); // more than the first buffer holds
            int each = tokenizer.encode(TEXTS.get(1), true).length();
            TokenBlocks blocks = TokenBlocks.pack(texts.iterator(), tokenizer, each, false);
            assertThat(blocks.tokens().length).isGreaterThan(1 << 16);
            assertThat(blocks.count()).isEqualTo(9000);
            assertThat(blocks.block(8999)).isEqualTo(blocks.block(0));
        }
    }

    @Test
    void textsShorterThanABlockGiveNone() {
        try (Tokenizer tokenizer = tokenizer()) {
            assertThat(TokenBlocks.pack(TEXTS.iterator(), tokenizer, 1000, false)
                            .count())
                    .isZero();
        }
    }

    @Test
    void aRangeHoldsItsBlocks() {
        TokenBlocks blocks = new TokenBlocks(3, IntStream.range(0, 12).toArray());
        TokenBlocks range = blocks.range(1, 3);
        assertThat(range.count()).isEqualTo(2);
        assertThat(range.block(0)).containsExactly(3, 4, 5);
        assertThat(range.block(1)).containsExactly(6, 7, 8);
    }

    private static Tokenizer tokenizer() {
        return Tokenizer.load(Golden.OWN.file("tokenizers/llama-bpe"));
    }

    private static int[] concatenated(Tokenizer tokenizer, List<String> texts, boolean endOfText) {
        IntStream all = IntStream.empty();
        for (String text : texts) {
            IntStream ids = Arrays.stream(tokenizer.encode(text, true).ids());
            all = IntStream.concat(all, endOfText ? IntStream.concat(ids, IntStream.of(tokenizer.eosId())) : ids);
        }
        return all.toArray();
    }

    private static List<String> strings(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(node -> values.add(node.asText()));
        return values;
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        Arrays.setAll(values, i -> array.path(i).asInt());
        return values;
    }
}
