package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Token ids of several texts, one after the other in one row without padding. The linear layers see the row as it is;
 * attention takes texts of equal length that are neighbours together, as one {@link Group}.
 *
 * @param ids of all texts
 * @param groups in the order of their texts; together they cover the row
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
