package io.github.llm2vec4j.core.tagging;

/** The error of a reader whose caller knows what the lines are of. */
@FunctionalInterface
public interface MalformedLine {
    /**
     * @param line from 1
     * @param expected what should stand there
     * @param found what does
     */
    RuntimeException at(int line, String expected, String found);
}
