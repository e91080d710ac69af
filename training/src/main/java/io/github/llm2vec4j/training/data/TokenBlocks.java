package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Iterator;

/**
 * Texts tokenised one after the other and cut into blocks of equal length.
 *
 * @param length tokens in a block
 * @param tokens all blocks, one after the other
 */
public record TokenBlocks(int length, int[] tokens) {
    private static final int MOST_TOKENS = Integer.MAX_VALUE - 8;

    /**
     * Packs texts. The tokens at the end that fill no block are dropped.
     *
     * @param endOfText whether each text is closed by the end token, as in pre-training
     */
    public static TokenBlocks pack(Iterator<String> texts, Tokenizer tokenizer, int length, boolean endOfText) {
        Packing packing = new Packing(tokenizer, length, endOfText);
        texts.forEachRemaining(packing::add);
        return packing.blocks();
    }

    /** Packs texts as they come. */
    public static final class Packing {
        private final Tokenizer tokenizer;
        private final int length;
        private final boolean endOfText;
        private int[] buffer = new int[1 << 16];
        private int size;

        /** As {@link TokenBlocks#pack}. */
        public Packing(Tokenizer tokenizer, int length, boolean endOfText) {
            this.tokenizer = tokenizer;
            this.length = length;
            this.endOfText = endOfText;
        }

        /**
         * @throws BadDataException if there are more tokens than an array holds
         */
        public void add(String text) {
            int[] ids = tokenizer.encode(text, true).ids();
            long needed = (long) size + ids.length + 1;
            if (needed > MOST_TOKENS) {
                throw new BadDataException("the texts have more than " + MOST_TOKENS
                        + " tokens: take fewer rows (dataset_number_of_rows)");
            }
            if (needed > buffer.length) {
                buffer = Arrays.copyOf(buffer, (int) Math.min(MOST_TOKENS, Math.max(buffer.length * 2L, needed)));
            }
            System.arraycopy(ids, 0, buffer, size, ids.length);
            size += ids.length;
            if (endOfText) {
                buffer[size++] = tokenizer.eosId();
            }
        }

        /** How many whole blocks there are so far. */
        public int count() {
            return size / length;
        }

        /** The whole blocks so far. */
        public TokenBlocks blocks() {
            return new TokenBlocks(length, Arrays.copyOf(buffer, size / length * length));
        }
    }

    /**
     * Packs as the reference does: texts are taken in groups of rows, and the tokens at the end of each group that fill
     * no block are dropped.
     */
    public static TokenBlocks packInGroups(Iterator<String> texts, Tokenizer tokenizer, int length, int rowsPerGroup) {
        int[] all = {};
        while (texts.hasNext()) {
            Iterator<String> group = new Iterator<>() {
                private int left = rowsPerGroup;

                @Override
                public boolean hasNext() {
                    return left > 0 && texts.hasNext();
                }

                @Override
                public String next() {
                    left--;
                    return texts.next();
                }
            };
            int[] blocks = pack(group, tokenizer, length, false).tokens;
            int[] joined = Arrays.copyOf(all, all.length + blocks.length);
            System.arraycopy(blocks, 0, joined, all.length, blocks.length);
            all = joined;
        }
        return new TokenBlocks(length, all);
    }

    public int count() {
        return tokens.length / length;
    }

    public int[] block(int index) {
        return Arrays.copyOfRange(tokens, index * length, (index + 1) * length);
    }

    /** Blocks {@code from} to {@code to}. */
    public TokenBlocks range(int from, int to) {
        return new TokenBlocks(length, Arrays.copyOfRange(tokens, from * length, to * length));
    }
}
