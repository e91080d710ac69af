package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Token ids of several texts, one after the other in one row without padding. The linear layers see the row as it is;
 * attention takes texts of equal length that are neighbours together, as one {@link Group}.
 *
 * @param ids of all texts, and of the filling after them if there is some
 * @param groups in the order of their texts; together they cover the row but for the filling
 */
public record PackedBatch(long[] ids, List<Group> groups) {

    /**
     * Texts of equal length.
     *
     * @param start index of the first text's first token in the row
     * @param texts how many there are
     * @param length tokens of each
     */
    public record Group(int start, int texts, int length) {

        /** Their part of packed values (1, tokens, …), as (texts, length, …). */
        public Tensor of(Tensor packed) {
            long[] shape = packed.shape();
            long[] own = new long[shape.length];
            System.arraycopy(shape, 2, own, 2, shape.length - 2);
            own[0] = texts;
            own[1] = length;
            return packed.narrow(1, start, (long) texts * length).reshape(own);
        }
    }

    public PackedBatch {
        groups = List.copyOf(groups);
    }

    /** Packs texts in the given order; sorted by length they make the fewest groups. */
    public static PackedBatch of(List<int[]> texts) {
        long[] ids = new long[texts.stream().mapToInt(text -> text.length).sum()];
        List<Group> groups = new ArrayList<>();
        int end = 0;
        for (int t = 0; t < texts.size(); ) {
            int length = texts.get(t).length;
            int start = end;
            int first = t;
            while (t < texts.size() && texts.get(t).length == length) {
                for (int id : texts.get(t++)) {
                    ids[end++] = id;
                }
            }
            groups.add(new Group(start, t - first, length));
        }
        return new PackedBatch(ids, groups);
    }

    /**
     * The same texts in a row that is filled up to a multiple of 16 tokens, or of 64 where it is long. The CPU's matrix
     * kernels are made anew for each number of rows and some hundreds are kept, so there should not be too many.
     */
    public PackedBatch filledUp() {
        int step = ids.length <= 512 ? 16 : 64;
        return new PackedBatch(Arrays.copyOf(ids, (ids.length + step - 1) / step * step), groups);
    }

    /** Tokens at the end of the row that belong to no text. */
    int filling() {
        return ids.length
                - groups.stream().mapToInt(group -> group.texts * group.length).sum();
    }

    /** The position of each token in its own text. */
    long[] positions() {
        long[] positions = new long[ids.length];
        for (Group group : groups) {
            for (int i = 0; i < group.texts * group.length; i++) {
                positions[group.start + i] = i % group.length;
            }
        }
        return positions;
    }

    /** Tokens of the longest text. */
    int longest() {
        return groups.stream().mapToInt(Group::length).max().orElse(0);
    }

    Tensor idTensor() {
        return Tensor.of(ids, 1, ids.length);
    }
}
