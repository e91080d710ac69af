package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.encoder.WordReading;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Sentences as one rectangle of tokens, and which token states make the state of each word.
 *
 * @param batch the tokens
 * @param positions the rows of the flattened states that are read, those of a word side by side
 * @param weights (words, positions), row after row: of each position in the state of each word
 * @param classes of each word, in the order of the sentences
 */
record WordBatch(TokenBatch batch, long[] positions, float[] weights, long[] classes) {

    static WordBatch of(List<WordExample> examples, WordReading reading, int padId) {
        TokenBatch batch = TokenBatch.of(
                examples.stream().map(example -> example.tokens().ids()).toList(), padId);
        List<int[]> read = new ArrayList<>(); // for each word, the positions of its tokens
        for (int row = 0; row < examples.size(); row++) {
            int start = row * batch.length() + batch.padding()[row];
            WordExample example = examples.get(row);
            for (int word = 0; word < example.tokens().words(); word++) {
                read.add(IntStream.of(reading.tokens(example.tokens(), word))
                        .map(token -> start + token)
                        .toArray());
            }
        }
        long[] positions =
                read.stream().flatMapToInt(IntStream::of).asLongStream().toArray();
        float[] weights = new float[read.size() * positions.length];
        int done = 0;
        for (int word = 0; word < read.size(); word++) {
            int count = read.get(word).length;
            for (int i = 0; i < count; i++) {
                weights[word * positions.length + done++] = 1f / count;
            }
        }
        long[] classes = examples.stream()
                .flatMapToLong(example -> LongStream.of(example.classes()))
                .toArray();
        return new WordBatch(batch, positions, weights, classes);
    }

    int words() {
        return classes.length;
    }

    /** The states (words, hidden) in fp32, of token states (rows, length, hidden). */
    Tensor pool(Tensor states) {
        Tensor read = states.reshape(-1, states.size(-1)).indexSelect(0, Tensor.of(positions, positions.length));
        return Tensor.of(weights, words(), positions.length).matmul(read.to(DType.F32));
    }

    Tensor classTensor() {
        return Tensor.of(classes, words());
    }
}
