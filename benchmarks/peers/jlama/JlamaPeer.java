import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.github.tjake.jlama.model.llama.LlamaConfig;
import com.github.tjake.jlama.model.llama.LlamaModel;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.SafeTensorSupport;
import com.github.tjake.jlama.safetensors.prompt.PromptSupport;
import com.github.tjake.jlama.safetensors.tokenizer.Tokenizer;
import com.github.tjake.jlama.safetensors.tokenizer.TokenizerModel;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.util.JsonSupport;
import com.github.tjake.jlama.util.PhysicalCoreExecutor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Jlama: the mean of the states after the final norm, a text at a time (its layers keep buffers, so two texts cannot go
 * side by side; inside a text it uses all threads). Attention is causal: Jlama has no other for this architecture.
 *
 * <p>Weights are of the file's type and are multiplied with fp32. Tokens come from tokenizer.json by the library
 * tokenizers, as they do for the other programs. Speaks as rounds.py.
 */
final class JlamaPeer {
    private JlamaPeer() {}

    private static final class Encoder extends LlamaModel {
        Encoder(Path folder) throws IOException {
            super(
                    JsonSupport.om.readValue(folder.resolve("config.json").toFile(), LlamaConfig.class),
                    SafeTensorSupport.loadWeights(folder.toFile()),
                    new JsonTokenizer(folder),
                    DType.F32,
                    DType.F32,
                    Optional.empty());
        }

        float[] encode(String text) {
            long[] ids = tokenizer.encode(text);
            float[] mean = new float[getConfig().embeddingLength];
            try (KvBufferCache.KvBuffer cache = kvBufferCache.getEphemeralKvBuffer();
                    AbstractTensor last =
                            batchForward(Arrays.stream(ids).mapToInt(Math::toIntExact).toArray(), 0, cache);
                    AbstractTensor states = sampleOutput.getOutputLayerNorm().forward(last)) {
                for (int token = 0; token < ids.length; token++) {
                    for (int i = 0; i < mean.length; i++) {
                        mean[i] += states.get(token, i) / ids.length;
                    }
                }
            }
            return mean;
        }
    }

    private static final class JsonTokenizer implements Tokenizer {
        private final HuggingFaceTokenizer tokenizer;

        JsonTokenizer(Path folder) throws IOException {
            tokenizer = HuggingFaceTokenizer.newInstance(
                    folder.resolve("tokenizer.json"), Map.of("padding", "false", "truncation", "false"));
        }

        @Override
        public List<String> tokenize(String text) {
            return List.of(tokenizer.encode(text).getTokens());
        }

        @Override
        public long[] encode(String text) {
            return tokenizer.encode(text).getIds();
        }

        @Override
        public String decode(long id) {
            return decode(new long[] {id});
        }

        @Override
        public String decode(long[] ids) {
            return tokenizer.decode(ids);
        }

        @Override
        public Optional<PromptSupport> promptSupport() {
            return Optional.empty();
        }

        @Override
        public TokenizerModel getModel() {
            throw new UnsupportedOperationException("the tokenizer is another library's");
        }
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        PhysicalCoreExecutor.overrideThreadCount(Integer.parseInt(options.get("--threads")));
        List<String> texts = Files.readAllLines(Path.of(options.get("--texts"))).stream()
                .filter(text -> !text.isBlank())
                .toList();
        try (Encoder model = new Encoder(Path.of(options.get("--model")))) {
            List<float[]> vectors = encode(model, texts);
            if (options.containsKey("--vectors")) {
                Files.write(
                        Path.of(options.get("--vectors")),
                        vectors.stream().map(Arrays::toString).toList());
            }
            System.out.println("ready");
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
            while (lines.readLine() != null) {
                long start = System.nanoTime();
                encode(model, texts);
                System.out.printf(
                        Locale.ROOT,
                        "{\"seconds\": %.6f, \"dtype\": \"%s\"}%n",
                        (System.nanoTime() - start) * 1e-9,
                        model.getWeights().getModelDType());
            }
        }
        System.exit(0); // its pools keep threads that are no daemons
    }

    private static List<float[]> encode(Encoder model, List<String> texts) {
        List<float[]> vectors = new ArrayList<>();
        for (String text : texts) {
            vectors.add(model.encode(text));
        }
        return vectors;
    }
}
