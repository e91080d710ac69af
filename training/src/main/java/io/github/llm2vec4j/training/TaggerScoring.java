package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Tagger;
import io.github.llm2vec4j.core.encoder.TaggerConfig;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.tagging.TagScores;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores a trained tagger, where a configuration names one in {@code cls_addr}, and trains nothing: {@code
 * result_summary.json} in {@code output_dir} has the {@link TagScores} on {@code eval_file}.
 */
final class TaggerScoring {
    private static final Logger LOG = LoggerFactory.getLogger(TaggerScoring.class);
    private static final String FILE = "result_summary.json";

    private TaggerScoring() {}

    static void run(StageConfig config, Path output) throws IOException {
        String folder = config.text("cls_addr");
        check(config, TaggerConfig.read(Path.of(folder)));
        if (config.has("model_name_or_path")) {
            checkModel(config, Path.of(folder));
        }
        config.text("eval_file");
        List<TaggedSentence> sentences = WordData.sentences(config, StageData.files(config, "eval_file"));
        try (Tagger tagger = Tagger.load(folder, config.text("torch_dtype", "auto"))) {
            List<List<String>> given =
                    tagger.tag(sentences.stream().map(TaggedSentence::words).toList());
            List<List<String>> gold =
                    sentences.stream().map(TaggedSentence::tags).toList();
            Map<String, Double> scores = TagScores.of(tagger.config().task(), gold, given);
            ObjectNode json = new JsonMapper().createObjectNode();
            scores.forEach(json::put);
            Files.createDirectories(output);
            AtomicFiles.writeString(output.resolve(FILE), json.toPrettyString() + "\n");
            LOG.info("{}: {}", output.resolve(FILE), json);
        }
    }

    /** The tagger says itself what it is; a configuration that says otherwise means another one. */
    private static void check(StageConfig config, TaggerConfig tagger) {
        check(config, "task", WordData.task(config), tagger.task());
        check(
                config,
                "retroactive_labels",
                WordData.reading(config).name(),
                tagger.reading().name());
        check(
                config,
                "merge_subwords",
                WordData.reading(config).merged(),
                tagger.reading().merged());
        check(config, "bidirectional", config.flag("bidirectional", true), tagger.bidirectional());
    }

    private static void check(StageConfig config, String key, Object wanted, Object trained) {
        if (config.has(key) && !wanted.equals(trained)) {
            throw new ConfigException(config.source() + ": " + key + ": is " + wanted + ", but the tagger in "
                    + config.text("cls_addr") + " was trained with " + trained + ": give the one that was meant");
        }
    }

    private static void checkModel(StageConfig config, Path folder) {
        ModelChain own = ModelChain.resolve(folder.toString(), List.of());
        List<String> trained = digests(own.base(), own.adapters().stream().filter(adapter -> !adapter.equals(folder)));
        ModelChain named = Foundation.of(config).chain();
        if (!digests(named.base(), named.adapters().stream()).equals(trained)) {
            throw new ConfigException(config.source() + ": model_name_or_path, peft_addr: the tagger in " + folder
                    + " was trained on another model: give the one that was meant");
        }
    }

    private static List<String> digests(Path base, Stream<Path> adapters) {
        return Stream.concat(Stream.of(base), adapters).map(ModelDigest::of).toList();
    }
}
