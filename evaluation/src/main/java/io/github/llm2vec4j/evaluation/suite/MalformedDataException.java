package io.github.llm2vec4j.evaluation.suite;

/** A data file that does not hold what its format promises. The message names file, line, expected and found. */
public final class MalformedDataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_QUOTE = 80;

    /**
     * Names the place and the fault.
     *
     * @param location the file
     * @param line from 1; 0 for the file as a whole
     */
    public MalformedDataException(String location, int line, String expected, String found) {
        super(location + (line > 0 ? ", line " + line : "") + ": expected " + expected + ", found " + shorten(found));
    }

    private static String shorten(String found) {
        String line = found.replaceAll("[\\r\\n]+", " ");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }
}
