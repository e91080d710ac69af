package io.github.llm2vec4j.evaluation.report;

/** What a task looks at. */
public enum Level {
    WORD("Word level"),
    SENTENCE("Sentence level");

    private final String title;

    Level(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
