package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that names the words of sentences: parts of speech, entities or chunks.
 *
 * <pre>{@code
 * try (Tagger tagger = Tagger.load("runs/ner")) {
 *     List<String> tags = tagger.tag(List.of(List.of("דנה", "גרה", "בחיפה"))).get(0);
 * }
 * }</pre>
 *
 * Several threads may tag at once. Native memory is freed by {@link #close()}.
 */
public final class Tagger implements AutoCloseable {
    private static final Pass PASS = Pass.inference(Pass.Direction.BIDIRECTIONAL, DType.F32);

    private final TaggerConfig config;
    private final Llm2Vec model;
    private final TagHead head;

    private Tagger(TaggerConfig config, Llm2Vec model, TagHead head) {
        this.config = config;
        this.model = model;
        this.head = head;
    }

    /** Loads a trained tagger, computed in the faster type of this host. */
    public static Tagger load(String folder) {
        return load(folder, "auto");
    }

    /**
     * Loads a trained tagger.
     *
     * @param dtype the compute type: {@code auto}, {@code float32} or {@code bfloat16}
     * @throws io.github.llm2vec4j.core.checkpoint.BadCheckpointException if a file is missing or damaged, or what the
     *     tagger stands on is not what it was trained on
     */
    public static Tagger load(String folder, String dtype) {
        TaggerConfig config = TaggerConfig.read(Path.of(folder));
        Llm2Vec model = Llm2Vec.builder(folder)
                .causal(!config.bidirectional())
                .dtype(dtype)
                .build();
        try {
            TagHead head = TagHead.load(Path.of(folder), config.labels().size(), model.dimensions());
            return new Tagger(config, model, head);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    public TaggerConfig config() {
        return config;
    }

    /**
     * A tag for each word of each sentence.
     *
     * @throws IllegalArgumentException if a sentence is too long for the model or a word is blank
     */
    public List<List<String>> tag(List<List<String>> sentences) {
        List<List<String>> tags = new ArrayList<>();
        for (float[][] words : new WordStates(model, config.reading()).encode(sentences)) {
            tags.add(tags(words));
        }
        return tags;
    }

    private List<String> tags(float[][] words) {
        if (words.length == 0) {
            return List.of();
        }
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            long[] best = head.logits(Tensor.ofRows(words), PASS).argmax(-1).toLongs();
            List<String> tags = new ArrayList<>();
            for (long label : best) {
                tags.add(config.labels().get((int) label));
            }
            return List.copyOf(tags);
        }
    }

    @Override
    public void close() {
        head.close();
        model.close();
    }
}
