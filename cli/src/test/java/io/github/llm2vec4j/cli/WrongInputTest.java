package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.recipe.TinyRecipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with what was given: one line that says so, exit code 2, and no file left behind. */
class WrongInputTest {
    @TempDir
    static Path folder;

    @BeforeAll
    static void makeWhatIsWrong() throws IOException {
        TinyRecipe.write(folder); // tiny.json and model
        without("config.json", "no-config");
        without("tokenizer.json", "no-tokenizer");
        Files.writeString(without("config.json", "bad-config").resolve("config.json"), "{\n\"a\": }");
        Files.writeString(without("tokenizer.json", "bad-tokenizer").resolve("tokenizer.json"), "{\n\"model\": ");
        Files.write(without("model.safetensors", "pickle").resolve("pytorch_model.bin"), new byte[] {(byte) 0x80, 2});
        Files.write(
                without("model.safetensors", "zip").resolve("model.safetensors"),
                "PK\3\4  archive/data.pkl".getBytes());
        Path foreign = without("tokenizer.json", "other-tokens");
        try (InputStream tokenizer =
                WrongInputTest.class.getResourceAsStream("/llm2vec4j/embedded/hebrew-mini/tokenizer.json")) {
            Files.copy(tokenizer, foreign.resolve("tokenizer.json"));
        }
        String crafted = Golden.OWN.json("models/mistral/tokenizer.json").toString();
        Files.writeString(
                without("tokenizer.json", "crafted-tokenizer").resolve("tokenizer.json"),
                crafted.replace("\"pre_tokenizer\":null", "\"pre_tokenizer\":{\"type\":\"FixedLength\",\"length\":0}"));
        Path alien = Golden.OWN.copy("adapters/mistral-mntp", folder.resolve("alien-adapter"));
        ModelChain.write(alien, Golden.OWN.file("models/llama").toString(), List.of());
        Path adapter = Golden.OWN.copy("adapters/mistral-mntp", folder.resolve("other-adapter"));
        Path shape = adapter.resolve("adapter_config.json");
        Files.writeString(shape, Files.readString(shape).replace("\"r\": 4", "\"r\": 8"));

        Files.writeString(folder.resolve("texts.txt"), "one\nשלום עולם\n");
        Files.writeString(folder.resolve("empty.txt"), "");
        Files.write(folder.resolve("null.txt"), new byte[] {'a', '\n', 'b', 0, 'c', '\n'});
        Files.write(folder.resolve("latin.txt"), new byte[] {'a', '\n', (byte) 0xe9, '\n'});
        Files.writeString(folder.resolve("bad.jsonl"), "{\"text\": \"a\"}\n{\"text\": }\n");
        Files.writeString(folder.resolve("pairs.jsonl"), "{\"query\": \"a\"}\n");
        Files.createDirectories(folder.resolve("full"));
        Files.writeString(folder.resolve("full/letter.txt"), "dear");
        Files.writeString(
                folder.resolve("long.txt"),
                IntStream.range(0, 20)
                        .mapToObj(i -> "line " + i + " of a text\n")
                        .collect(Collectors.joining()));
        Files.writeString(folder.resolve("train.json"), """
                {"model_name_or_path": "%1$s/model", "output_dir": "%1$s/trained", "train_file": "%1$s/long.txt",
                 "max_seq_length": 16, "per_device_train_batch_size": 2, "max_steps": 1, "lora_r": 2}
                """.formatted(folder));
        Files.writeString(folder.resolve("bad.json"), "{\"seed\": 1,\n \"lora_r\": }");
        Files.writeString(folder.resolve("unknown.json"), "{\"output_dir\": \"x\", \"max_stepz\": 1}");
        Files.writeString(folder.resolve("list.json"), "[]");
    }

    private static Path without(String file, String name) throws IOException {
        Path copy = Golden.OWN.copy("models/mistral", folder.resolve(name));
        Files.delete(copy.resolve(file));
        return copy;
    }

    /** A command line, in which @ is the folder, and what its error says. */
    static Stream<Arguments> commandLines() {
        String encode = "encode --in @/texts.txt --out @/out/v.npy --model ";
        String from = "encode --model @/model --out @/out/v.npy --in ";
        String to = "encode --model @/model --in @/texts.txt --out ";
        String export = "export --to @/exported --format merged --model ";
        String bench = "bench encode --model @/model --in ";
        String train = "train mntp @/train.json --set ";
        return Stream.of(
                refused("", "a command is missing (see llm2vec --help)"),
                refused("incode", "unknown command 'incode'; expected one of recipe, train, encode"),
                refused("encode --modle @/model", "unknown option '--modle'; did you mean --model?"),
                refused(from + "@/texts.txt --pool mean", "unknown option '--pool'"),
                refused("encode --in @/texts.txt --out @/v.npy", "--model"),
                refused("evaluate", "--model"),
                refused("train mntp", "CONFIG"),
                refused("recipe a b", "one argument too many: 'b' (see llm2vec recipe --help)"),
                refused("bench", "say what to do: encode, train, products or synth (see llm2vec bench --help)"),
                //
                refused(encode + "@/nowhere", "/nowhere: no such model folder"),
                refused(encode + "embedded:nothing", "embedded:nothing: no such embedded model"),
                refused(encode + "@/no-config", "/no-config: has no config.json"),
                refused(encode + "@/no-tokenizer", "/no-tokenizer: has no tokenizer.json: copy"),
                refused(encode + "@/bad-config", "/bad-config/config.json: is not valid JSON", "line 2"),
                refused(encode + "@/bad-tokenizer", "/bad-tokenizer/tokenizer.json: is not valid JSON", "line 2"),
                refused(encode + "@/pickle", "pickle files (.bin, .pt) are not read: convert them to safetensors"),
                refused(encode + "@/zip", "/zip/model.safetensors: this is a pickle or zip archive"),
                refused(
                        encode + "@/crafted-tokenizer",
                        "/crafted-tokenizer/tokenizer.json: pre_tokenizer FixedLength: length is 0"),
                refused(encode + "@/other-tokens", "the model has tokens 0 to 599: its tokenizer is another model's"),
                refused(encode + "@/model --adapter @/nowhere", "/nowhere: no such adapter folder"),
                refused(encode + "@/model --adapter @/full", "/full: has no adapter_config.json"),
                refused(encode + "@/model --adapter @/other-adapter", "the adapter is for another base"),
                refused(encode + "@/model --pooling median", "--pooling: pooling 'median' is not supported"),
                refused(encode + "@/model --dim 33", "--dim 33: expected 1 to 32"),
                refused(encode + "@/model --dim 0", "--dim 0: expected 1 to 32"),
                refused(encode + "@/model --dim few", "'few' is not an int"),
                refused(encode + "@/model --dtype float8", "expected auto, fp32 or bf16, found 'float8'"),
                //
                refused(from + "@/nowhere.txt", "/nowhere.txt: no such file"),
                refused(from + "@/full", "/full: expected a file, found a folder"),
                refused(from + "@/empty.txt", "/empty.txt: no text was found"),
                refused(from + "-", "standard input: no text was found"),
                refused(from + "@/null.txt", "/null.txt line 2: holds a null byte"),
                refused(from + "@/latin.txt", "/latin.txt", "not valid UTF-8"),
                refused(from + "@/bad.jsonl", "/bad.jsonl line 2: not valid JSON"),
                refused(
                        from + "@/pairs.jsonl",
                        "/pairs.jsonl line 1: expected a text in column 'text', found no such column"),
                refused(from + "@/texts.txt --field query", "--field query: a plain text has no columns"),
                refused(to + "@/v.csv", "/v.csv: expected a name that ends in .npy"),
                refused(to + "@/texts.txt/v.npy", "/texts.txt is a file, not a folder"),
                //
                refused(
                        "export --model @/model --to @/exported --format zip",
                        "--format: format 'zip' is not supported"),
                refused("export --model @/model --to @/full --format merged", "/full: is there already"),
                refused("export --model @/model --to @/texts.txt --format merged", "/texts.txt is a file"),
                refused("export --model @/model --to @/exported --format peft", "/model: has no adapter"),
                refused(
                        "export --model @/model --to @/exported --format merged --dtype float8",
                        "--dtype: unknown floating point type 'float8'"),
                refused("export --model @/pickle --to @/exported --format merged", "pickle files"),
                refused("export --model @/model --to @/exported", "--format"),
                refused("export --model @/model --format merged", "--to"),
                refused(export + "@/nowhere", "/nowhere: no such model folder"),
                refused(export + "@/bad-config", "/bad-config/config.json: is not valid JSON", "line 2"),
                refused(export + "@/no-tokenizer", "/no-tokenizer: has no tokenizer.json"),
                refused(export + "@/crafted-tokenizer", "pre_tokenizer FixedLength: length is 0"),
                refused(export + "@/model --adapter @/nowhere", "/nowhere: no such adapter folder"),
                refused(export + "@/model --adapter @/full", "/full: has no adapter_config.json"),
                refused(export + "@/model --adapter @/other-adapter", "the adapter is for another base"),
                refused(export + "@/model --adapter @/alien-adapter", "was trained on another base model than"),
                refused(
                        "export --model @/model --adapter @/other-adapter --to @/exported --format peft",
                        "the adapter is for another base"),
                refused("inspect", "MODEL"),
                refused("inspect @/nowhere", "/nowhere: no such model folder"),
                refused("inspect @/bad-config", "/bad-config/config.json: is not valid JSON", "line 2"),
                refused("inspect @/pickle", "pickle files"),
                refused("inspect @/no-tokenizer", "/no-tokenizer: has no tokenizer.json"),
                refused("inspect @/bad-tokenizer", "/bad-tokenizer/tokenizer.json: is not valid JSON", "line 2"),
                refused("inspect @/crafted-tokenizer", "pre_tokenizer FixedLength: length is 0"),
                refused("inspect @/model --adapter @/full", "/full: has no adapter_config.json"),
                refused("inspect @/model --adapter @/alien-adapter", "was trained on another base model than"),
                refused("inspect @/no-config", "/no-config: has no config.json"),
                //
                refused("evaluate --model @/nowhere", "/nowhere: no such model folder"),
                refused("evaluate --model @/no-tokenizer", "/no-tokenizer: has no tokenizer.json"),
                refused("evaluate --model @/model --task position", "expected a task of [pos", "found position"),
                refused("evaluate --model @/model --data @/nowhere", "/nowhere: expected a folder"),
                refused("evaluate --model @/model --data @/full", "/full: gives no task to score"),
                refused("evaluate --model @/model --out @/texts.txt", "/texts.txt is a file, not a folder"),
                //
                refused("bench encode --in @/texts.txt --model @/nowhere", "/nowhere: no such model folder"),
                refused("bench encode --in @/texts.txt --model @/pickle", "pickle files"),
                refused(bench + "@/nowhere.txt", "/nowhere.txt: no such file"),
                refused(bench + "@/empty.txt", "/empty.txt", "no text was found"),
                refused(bench + "@/null.txt", "/null.txt line 2: holds a null byte"),
                refused(bench + "@/texts.txt --rounds 0", "--rounds 0: expected at least 1"),
                refused(bench + "@/texts.txt --workers 0", "workers: expected at least 1, found 0"),
                refused(bench + "@/texts.txt --tokens-per-batch 0", "tokens per batch: expected at least 1, found 0"),
                refused("bench products --like nobody/nothing", "no shape of 'nobody/nothing'"),
                refused("bench products --like dicta-il/dictalm2.0 --rows 0", "--rows 0: expected at least 1"),
                refused("bench synth --out @/synth --like nobody/nothing", "no shape of 'nobody/nothing'"),
                refused("bench synth --like dicta-il/dictalm2.0 --out @/full", "/full: is not empty"),
                refused(
                        "bench synth --like dicta-il/dictalm2.0 --out @/synth --tokenizer @/no-tokenizer",
                        "has no tokenizer.json"),
                //
                refused("train mtp @/train.json", "stage 'mtp': expected clm, mntp, simcse, supervised or word"),
                refused("train mntp @/nowhere.json", "/nowhere.json: no such file"),
                refused("train mntp @/bad.json", "/bad.json line 2: not valid JSON"),
                refused("train mntp @/list.json", "/list.json: expected a JSON object"),
                refused("train mntp @/unknown.json", "unknown key 'max_stepz'; did you mean 'max_steps'?"),
                refused(train + "max_steps", "--set max_steps: expected key=value"),
                refused(train + "max_steps=few", "max_steps: expected an integer, found \"few\""),
                refused(train + "model_name_or_path=@/nowhere", "/nowhere: no such model folder"),
                refused(train + "model_name_or_path=@/no-config", "/no-config: has no config.json"),
                refused(train + "model_name_or_path=@/no-tokenizer", "/no-tokenizer: has no tokenizer.json"),
                refused(train + "model_name_or_path=@/pickle", "pickle files"),
                refused(train + "peft_model_name_or_path=@/other-adapter", "the adapter is for another base"),
                refused(train + "train_file=@/nowhere.txt", "/nowhere.txt: no such file"),
                refused(train + "train_file=@/empty.txt", "/empty.txt", "no text was found"),
                refused(train + "train_file=@/null.txt", "/null.txt line 2: holds a null byte"),
                refused(train + "output_dir=@/full", "/full: is not empty: give another output_dir"),
                refused(train + "max_steps=0", "max_steps: expected at least 1, found 0"),
                refused(train + "per_device_train_batch_size=4000", "less than one batch of 4000"),
                refused("train simcse @/train.json --set train_file=@/nowhere.txt", "/nowhere.txt: no such file"),
                refused("train clm @/train.json --set model_name_or_path=@/no-tokenizer", "has no tokenizer.json"),
                refused(
                        "train supervised @/train.json --set train_file=@/pairs.jsonl",
                        "/pairs.jsonl line 1: expected a text in column 'positive', found no such column"),
                refused("train word @/train.json", "task is missing: set it"),
                refused("train word @/train.json --set task=pos", "task: 'pos' is not supported: expected pos_tags"),
                refused(
                        "train word @/train.json --set task=ner_tags",
                        "/long.txt line 1: expected a tag like O or B-PER in column 5, found line 0 of a text"),
                refused("tag --model @/model --in @/texts.txt", "/model: has no tagger.json: it is not a tagger"),
                refused("tag --model @/model --in @/empty.txt", "/empty.txt: no sentence was found"),
                //
                refused("recipe no-such", "no-such: no recipe of that name and no such file"),
                refused("recipe @/unknown.json", "unknown key 'output_dir'"),
                refused("recipe @/bad.json", "/bad.json line 2: not valid JSON"),
                refused("recipe @/tiny.json --out @/run --only train", "--only train: no such step; there are [base"),
                refused("recipe @/tiny.json --out @/run --only mntp", "/run/base: is not there yet"),
                refused("recipe @/tiny.json --out @/run --set mtp.seed=1", "no step 'mtp'; there are [mntp"),
                refused("recipe @/tiny.json --out @/run --set base=@/nowhere", "/nowhere: no such model folder"),
                refused("recipe @/tiny.json --out @/run --set base=@/no-config", "/no-config: has no config.json"),
                refused("recipe @/tiny.json --out @/run --set base=@/no-tokenizer", "has no tokenizer.json"),
                refused("recipe @/tiny.json --out @/run --set base=@/pickle", "pickle files"),
                refused("recipe @/tiny.json --out @/run --data @/nowhere", "/nowhere: expected"),
                refused("recipe @/tiny.json --out @/full", "/full: is not empty, and holds no run"),
                refused("recipe @/tiny.json --out @/texts.txt", "/texts.txt: is a file"));
    }

    private static Arguments refused(String commandLine, String... causes) {
        return arguments(commandLine, causes);
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void isRefusedInOneLineAndLeavesNothing(String commandLine, String[] causes) throws IOException {
        String[] args = commandLine.isEmpty()
                ? new String[0]
                : commandLine.replace("@", folder.toString()).split(" ");
        Map<String, String> before = TinyRecipe.listing(folder);

        Cli.run(args).assertRefused(causes);

        Map<String, String> changed = TinyRecipe.listing(folder);
        assertThat(changed).hasSameSizeAs(before);
        changed.entrySet().removeAll(before.entrySet());
        assertThat(changed).isEmpty();
    }

    /** Root may write wherever a folder can be made; in /proc none can. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aPlaceThatCannotBeWrittenIsNamedInOneLine() {
        Cli.Result result =
                Cli.run("export", "--model", folder + "/model", "--to", "/proc/none/exported", "--format", "merged");
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .startsWith("llm2vec: ")
                .contains("/proc");
        assertThat(result.code()).isBetween(1, 2);
    }

    @Test
    void aNullByteInStandardInputIsRefusedToo() {
        Cli.run(new byte[] {'a', 0, 'b'}, "encode", "--model", folder + "/model", "--out", folder + "/v.npy")
                .assertRefused("standard input line 1: holds a null byte");
        assertThat(folder.resolve("v.npy")).doesNotExist();
    }

    @Test
    void theTraceIsThereForWhoeverAsks() {
        Cli.Result result =
                Cli.run("--verbose", "bench", "encode", "--model", folder + "/nowhere", "--in", folder + "/texts.txt");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).startsWith("llm2vec: ").contains("BadCheckpointException", "\tat ");
    }
}
