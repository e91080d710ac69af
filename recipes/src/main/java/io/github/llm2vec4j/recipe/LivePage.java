package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.evaluation.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page of a run that is under way, written anew every few seconds, and more seldom where writing takes long. A page
 * that cannot be written is no reason to stop the run.
 */
final class LivePage {
    private static final Logger LOG = LoggerFactory.getLogger(LivePage.class);

    /** How often the page loads itself, and how often it is written at most. */
    static final int SECONDS = 5;

    /** So many times as long as writing took, nothing is written. */
    private static final long IDLE = 50;

    private final Path file;
    private final Supplier<Report> report;
    private long due = System.nanoTime();

    LivePage(Path folder, Supplier<Report> report) {
        this.file = folder.resolve(Report.HTML_FILE);
        this.report = report;
    }

    /** Something has changed: writes if that was not done a moment ago. */
    void changed() {
        if (System.nanoTime() - due >= 0) {
            write();
        }
    }

    void write() {
        long start = System.nanoTime();
        try {
            AtomicFiles.writeString(file, report.get().toHtml());
        } catch (IOException e) {
            LOG.warn("{}: cannot be written: {}", file, e.getMessage());
        }
        long end = System.nanoTime();
        due = end + Math.max(SECONDS * 1_000_000_000L, IDLE * (end - start));
    }
}
