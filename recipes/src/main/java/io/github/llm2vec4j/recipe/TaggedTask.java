package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import io.github.llm2vec4j.training.data.TaggedFiles;
import java.nio.file.Path;
import java.util.List;

/**
 * A word task made of any two files of tagged words, in the forms of {@link TaggedFiles}.
 *
 * @param task what the tags are; also the name of the task
 * @param train what the probe learns from
 * @param test what it is scored on
 */
public record TaggedTask(TagTask task, Path train, Path test) implements FileTask {

    @Override
    public WordTagging read() {
        TaggedFiles files = new TaggedFiles(task, 0);
        return new WordTagging(
                task.toString(),
                task.hasSpans() ? WordTagging.Kind.ENTITIES : WordTagging.Kind.PART_OF_SPEECH,
                files.read(List.of(train)),
                files.read(List.of(test)));
    }
}
