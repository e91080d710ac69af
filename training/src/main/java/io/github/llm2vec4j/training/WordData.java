package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.encoder.TagHead;
import io.github.llm2vec4j.core.encoder.TaggerConfig;
import io.github.llm2vec4j.core.encoder.WordReading;
import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.TaggedFiles;
import io.github.llm2vec4j.training.data.TestTexts;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.WordExample;
import io.github.llm2vec4j.training.objective.WordObjective;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The tagged sentences of a stage {@code word}.
 *
 * @param tagger what is learned; its labels are the tags of the training files
 * @param heldOut those of {@code eval_file}; none where that is not set
 */
record WordData(TaggerConfig tagger, List<WordExample> train, List<WordExample> heldOut) {

    static WordData read(StageConfig config, Tokenizer tokenizer, TestTexts tests) {
        TagTask task = task(config);
        StageData data = new StageData(config, tokenizer, tests);
        List<TaggedSentence> train = sentences(config, StageData.trainFiles(config)).stream()
                .filter(sentence -> data.isWanted(String.join(" ", sentence.words())))
                .toList();
        data.countTests();
        TaggerConfig tagger =
                new TaggerConfig(task, labels(task, train), reading(config), config.flag("bidirectional", true));
        int most = config.integer("max_seq_length", 512);
        return new WordData(
                tagger,
                examples(train, tagger, tokenizer, most),
                examples(
                        sentences(config, StageData.files(config, "eval_file")), tagger, tokenizer, Integer.MAX_VALUE));
    }

    static TagTask task(StageConfig config) {
        return TagTask.of(config.text("task"));
    }

    static WordReading reading(StageConfig config) {
        return WordReading.of(config.text("retroactive_labels", "same_token"), config.flag("merge_subwords", true));
    }

    static List<TaggedSentence> sentences(StageConfig config, List<Path> files) {
        return new TaggedFiles(task(config), config.integer("label_column", 0)).read(files);
    }

    /** The tags there are, in alphabetical order, what is outside of all spans first. */
    private static List<String> labels(TagTask task, List<TaggedSentence> sentences) {
        TreeSet<String> tags = new TreeSet<>();
        sentences.forEach(sentence -> tags.addAll(sentence.tags()));
        List<String> labels = new ArrayList<>();
        if (task.hasSpans() && tags.remove("O")) {
            labels.add("O");
        }
        labels.addAll(tags);
        return labels;
    }

    private static List<WordExample> examples(
            List<TaggedSentence> sentences, TaggerConfig tagger, Tokenizer tokenizer, int maxTokens) {
        return sentences.stream()
                .map(sentence -> WordExample.of(sentence, tagger.labels(), tokenizer, maxTokens))
                .toList();
    }

    /** Learning the data's tags with a head. */
    Objective objective(StageConfig config, TagHead head, int padId) {
        return new WordObjective(
                train,
                heldOut,
                head,
                tagger,
                new WordObjective.Settings(
                        config.flag("train_adapter", false),
                        config.integer("per_device_train_batch_size", 8)
                                * config.integer("gradient_accumulation_steps", 1),
                        config.integer("micro_batch_size", 8),
                        config.number("classifier_dropout", 0.1),
                        config.number("lora_dropout", 0.05),
                        padId,
                        config.integer("seed", 42),
                        config.flag("shuffle", true)));
    }
}
