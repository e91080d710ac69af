package io.github.llm2vec4j.core.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries a tokenizer on texts in a JVM of its own, which may end without harm. */
final class TokenizerTrial {
    private static final Logger LOG = LoggerFactory.getLogger(TokenizerTrial.class);

    /** A property; {@code true} spares files the trial. */
    static final String TRUST = "llm2vec4j.trustTokenizers";

    /** Of computing, whatever else the host does. A trial takes about 1 second. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String STARTED = "trial started";
    private static final String NEXT = "trial of text ";

    /** Checksums of the files that this process need not try again. */
    private static final Set<String> PASSED = ConcurrentHashMap.newKeySet();

    private TokenizerTrial() {}

    /**
     * @param unproven what in the file makes the trial necessary
     * @throws BadCheckpointException if the process does not come to its end, or there cannot be one
     */
    static void run(Path file, byte[] json, List<String> unproven, List<String> texts) {
        String sum = Sha256.ofBytes(json);
        if (Boolean.getBoolean(TRUST) || PASSED.contains(sum)) {
            return;
        }
        String what = String.join(", ", unproven);
        try {
            String failure = tried(json, texts);
            if (failure != null) {
                throw new BadCheckpointException(
                        file,
                        what + " would end this program: " + failure + ": use the tokenizer of the original model");
            }
        } catch (IOException e) {
            throw new BadCheckpointException(
                    file,
                    what + " could end this program, and no second one can be started to try it (" + e.getMessage()
                            + "): where you trust the file, set the property " + TRUST + "=true, for instance by"
                            + " LLM2VEC_OPTS=-D" + TRUST + "=true",
                    e);
        }
        PASSED.add(sum);
        LOG.info("{}: {} had to be tried in a process of its own, and went through {} texts", file, what, texts.size());
    }

    /** What went wrong, or null. */
    private static @Nullable String tried(byte[] json, List<String> texts) throws IOException {
        Path folder = Files.createTempDirectory("llm2vec4j-trial-");
        try {
            Path request = folder.resolve("request");
            Path answer = folder.resolve("answer");
            write(request, json, texts);
            Process process = new ProcessBuilder(command())
                    .directory(folder.toFile()) // where a core dump would go
                    .redirectInput(request.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(answer.toFile())
                    .start();
            boolean ended = waitFor(process);
            String said = Files.readString(answer, StandardCharsets.ISO_8859_1);
            if (!said.contains(STARTED)) {
                throw new IOException(
                        "it began with: " + said.lines().findFirst().orElse("nothing"));
            }
            if (ended && process.exitValue() == 0) {
                return null;
            }
            int last = said.lastIndexOf(NEXT);
            String text = last < 0
                    ? "at loading"
                    : "on a text such as '"
                            + Refusal.shown(texts.get(Integer.parseInt(
                                    said.substring(last + NEXT.length()).split("\\D", 2)[0])))
                            + "'";
            return ended
                    ? "a process that tried it ended " + text
                    : "a process that tried it was not done after " + LIMIT.toSeconds() + " s, " + text;
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    private static boolean waitFor(Process process) throws IOException {
        long start = System.nanoTime();
        try {
            while (!process.waitFor(1, TimeUnit.SECONDS)) {
                Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
                if (process.info().totalCpuDuration().orElse(elapsed).compareTo(LIMIT) > 0) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    private static List<String> command() {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath,
                TokenizerTrial.class.getName());
    }

    private static void write(Path request, byte[] json, List<String> texts) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(request)))) {
            write(out, json);
            out.writeInt(texts.size());
            for (String text : texts) {
                write(out, text.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] read(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }

    /** The process: reads a tokenizer and texts from standard input and says before each text which it is. */
    public static void main(String[] arguments) throws IOException {
        System.out.println(STARTED);
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        try (HuggingFaceTokenizer tokenizer = Tokenizer.library(read(in))) {
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                System.out.println(NEXT + i);
                tried(tokenizer, new String(read(in), StandardCharsets.UTF_8));
            }
        } catch (RuntimeException e) {
            System.out.println(e); // the file cannot be loaded, which its own program will find as well
        }
    }

    private static void tried(HuggingFaceTokenizer tokenizer, String text) {
        try {
            tokenizer.decode(tokenizer.encode(text, true, false).getIds(), true);
        } catch (RuntimeException e) {
            System.out.println(e); // an exception is harmless
        }
    }
}
