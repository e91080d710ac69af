package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.util.Set;

/** What is wanted of the files of a repository: their paths. */
@FunctionalInterface
interface FileChoice {
    Set<String> of(NeededFiles files) throws IOException;
}
