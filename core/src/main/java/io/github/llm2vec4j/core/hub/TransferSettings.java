package io.github.llm2vec4j.core.hub;

import java.time.Duration;

/**
 * How bytes are moved.
 *
 * @param connections how many requests run side by side
 * @param pieceBytes what is asked for in one request, and begun again after a process was killed
 * @param silence how long a server may say nothing
 * @param firstWait the time before a request is tried again; it doubles from try to try
 */
public record TransferSettings(int connections, int pieceBytes, Duration silence, Duration firstWait) {
    public static final TransferSettings DEFAULT =
            new TransferSettings(8, 16 << 20, Duration.ofSeconds(30), Duration.ofSeconds(1));

    public TransferSettings {
        if (connections < 1 || pieceBytes < 1 || silence.isNegative() || silence.isZero() || firstWait.isNegative()) {
            throw new IllegalArgumentException("connections " + connections + ", piece of " + pieceBytes
                    + " bytes, silence " + silence + ", first wait " + firstWait + ": expected positive numbers");
        }
    }

    TransferSettings withSilence(Duration other) {
        return new TransferSettings(connections, pieceBytes, other, firstWait);
    }
}
