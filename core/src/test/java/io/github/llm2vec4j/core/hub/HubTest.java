package io.github.llm2vec4j.core.hub;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub on this machine, a cache that is empty, and a client with short patience. */
abstract class HubTest {
    /** Pieces of 1000 bytes, four at a time. */
    static final TransferSettings SHORT = new TransferSettings(4, 1000, Duration.ofMillis(400), Duration.ofMillis(2));

    static final byte[] WEIGHTS = random(12_345);

    @TempDir
    Path folder;

    HubServer server = HubServer.start();
    final Counter counter = new Counter();

    /** What was announced and what came. */
    static final class Counter implements HubProgress {
        final AtomicLong announced = new AtomicLong();
        final AtomicLong moved = new AtomicLong();
        final AtomicLong steps = new AtomicLong();

        @Override
        public void started(String what, int files, long bytes) {
            announced.addAndGet(bytes);
        }

        @Override
        public void moved(long bytes) {
            moved.addAndGet(bytes);
            steps.incrementAndGet();
        }
    }

    @BeforeEach
    void serveAModel() {
        server.repo("owner/model").commit("main", model());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static byte[] random(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Files of which some are of no use here. */
    static Map<String, byte[]> model() {
        Map<String, byte[]> files = new HashMap<>();
        files.put("config.json", text("{\"model_type\": \"mistral\"}"));
        files.put("tokenizer.json", text("{}"));
        files.put("README.md", text("# a model\n"));
        files.put("model.safetensors", WEIGHTS);
        files.put("pytorch_model.bin", random(2000));
        files.put("consolidated.safetensors", random(3000));
        files.put("modeling_own.py", text("print(1)"));
        files.put("original/params.json", text("{}"));
        return files;
    }

    Path cache() {
        return folder.resolve("hub");
    }

    Map<String, String> variables(@Nullable String token) {
        Map<String, String> variables = new HashMap<>();
        variables.put("HF_ENDPOINT", server.endpoint().toString());
        variables.put("HF_HOME", folder.toString());
        if (token != null) {
            variables.put("HF_TOKEN", token);
        }
        return variables;
    }

    HubClient client(Map<String, String> variables) {
        return new HubClient(HubSettings.of(variables).withTransfer(SHORT), counter);
    }

    HubClient client() {
        return client(variables(null));
    }

    HubClient offline() {
        Map<String, String> variables = variables(null);
        variables.put("HF_HUB_OFFLINE", "1");
        return client(variables);
    }

    static final HubId MODEL = HubId.parse("owner/model");
}
