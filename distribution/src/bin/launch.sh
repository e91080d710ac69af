# How llm2vec is started on Linux and macOS; sourced by the launcher of the sources and by that of a distribution.

fail() {
    echo "llm2vec: $1" >&2
    exit 1
}

# Sets java to the JVM to use, which must be new enough.
find_java() {
    if [ -n "${JAVA_HOME:-}" ]; then
        java=$JAVA_HOME/bin/java
        [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, but $java is not there; point JAVA_HOME to Java 17 or newer"
    else
        java=$(command -v java) || fail "no java found; install Java 17 or newer, or set JAVA_HOME to one"
    fi
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9][0-9]*\).*/\1/p' | head -n 1)
    [ "${version:-0}" -ge 17 ] || fail "needs Java 17 or newer, but $java is version ${version:-unknown}; set JAVA_HOME to a newer one"
}

# run CLASS_PATH OPTIONS ARGUMENT…: becomes the JVM; OPTIONS is the file jvm.options.
run() {
    classes=$1
    options=$2
    shift 2
    # Many arenas keep freed tensors; glibc reads this when the process starts, so it cannot be set from inside.
    export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
    # shellcheck disable=SC2086  # a list of options
    exec "$java" "@$options" ${LLM2VEC_OPTS:-} -cp "$classes" io.github.llm2vec4j.cli.Main "$@"
}
