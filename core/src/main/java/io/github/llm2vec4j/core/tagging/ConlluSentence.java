package io.github.llm2vec4j.core.tagging;

import java.util.List;

/**
 * A sentence of a CoNLL-U file, by surface words: a multiword token (ID {@code 5-7}) is one word.
 *
 * @param text the {@code # text} comment, else the words joined by spaces
 * @param topic the {@code # topic} comment, else empty
 * @param words the surface words
 * @param partsOfSpeech Universal POS tags, one a word
 * @param entities {@code Entity} of the MISC column, one a word, O where it is absent
 */
public record ConlluSentence(
        String text, String topic, List<String> words, List<String> partsOfSpeech, List<String> entities) {
    public ConlluSentence {
        words = List.copyOf(words);
        partsOfSpeech = List.copyOf(partsOfSpeech);
        entities = List.copyOf(entities);
    }

    public TaggedSentence taggedWithPartsOfSpeech() {
        return new TaggedSentence(words, partsOfSpeech);
    }

    public TaggedSentence taggedWithEntities() {
        return new TaggedSentence(words, entities);
    }
}
