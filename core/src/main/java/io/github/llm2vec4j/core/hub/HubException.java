package io.github.llm2vec4j.core.hub;

/** What the hub refused, or what came of it. The message names the repository, the reason and what to do. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** No such repository, revision or file; or one that only others may see. */
        NOT_FOUND(true),
        /** Its conditions have not been accepted. */
        GATED(true),
        /** The token is not valid. */
        UNAUTHORISED(true),
        /** The token may not do this. */
        FORBIDDEN(true),
        /** What is there is not read here, or not safe. */
        UNUSABLE(true),
        /** It is not in the cache, and the network is not to be used. */
        OFFLINE(true),
        /** Too many requests. */
        RATE_LIMITED(false),
        /** No connection, or a server at fault. */
        UNREACHABLE(false),
        /** What came is not what the hub announced. */
        DAMAGED(false),
        /** The disk is too small, or cannot be written. */
        DISK(false);

        private final boolean given;

        Kind(boolean given) {
            this.given = given;
        }
    }

    private final Kind kind;

    public HubException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public HubException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Whether what was given cannot be used, so that trying again is of no use. */
    public boolean isOfWhatWasGiven() {
        return kind.given;
    }
}
