package io.github.llm2vec4j.core.hub;

/** Hears how a transfer goes on. Called from several threads. */
public interface HubProgress {
    HubProgress NONE = new HubProgress() {};

    /** Before the first byte. What is in the cache already is not counted. */
    default void started(String what, int files, long bytes) {}

    /** Some more bytes are there; a negative number where a part has to be fetched again. */
    default void moved(long bytes) {}

    /** After the last byte, also when the transfer failed. */
    default void ended() {}

    /** A number of bytes for a person, in powers of 1000 as disks are sold. */
    static String size(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB"};
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= 999.95 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(java.util.Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
