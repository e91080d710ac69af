package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Precision;
import io.github.llm2vec4j.core.encoder.Quantizer;
import io.github.llm2vec4j.training.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In what form vectors are written. */
final class QuantizeOptions {
    /** With fewer texts their range says little of that of others. */
    private static final int FEW = 100;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "float32 (default), int8 or uint8 (256 levels a dimension), binary or ubinary (a bit a"
                    + " dimension), as in sentence-transformers.")
    private String name = "float32";

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            description = "What sets the levels of int8 and uint8: a .npy file of float32 vectors, or texts as for --in"
                    + " (default: the texts themselves).")
    private @Nullable Path calibration;

    /** Refuses what cannot be, before anything is loaded. */
    void check() {
        if (calibration != null && !precision().isCalibrated()) {
            throw new ConfigException(
                    "--calibration: sets the levels of int8 and uint8, found --precision " + precision());
        }
    }

    private Precision precision() {
        try {
            return Precision.of(name);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--precision: " + e.getMessage());
        }
    }

    /** Writes vectors. */
    @FunctionalInterface
    interface Writer {
        void write(Path out, float[][] vectors, List<String> texts) throws IOException;
    }

    /**
     * The writer of vectors of these dimensions.
     *
     * @param encode from a file of texts to their vectors
     */
    Writer writer(int dimensions, Function<Path, float[][]> encode) {
        Precision precision = precision();
        if (precision == Precision.FLOAT32) {
            return EmbeddingFiles::write;
        }
        if (precision.isCalibrated() && calibration == null) {
            return (out, vectors, texts) -> {
                if (vectors.length < FEW) {
                    System.err.printf(
                            "llm2vec: the levels of %s come from %d texts alone; --calibration takes more%n",
                            precision, vectors.length);
                }
                write(out, Quantizer.of(precision, vectors), precision, vectors, texts);
            };
        }
        Quantizer quantizer = quantizer(precision, dimensions, encode);
        return (out, vectors, texts) -> write(out, quantizer, precision, vectors, texts);
    }

    private Quantizer quantizer(Precision precision, int dimensions, Function<Path, float[][]> encode) {
        float[][] levels = {new float[dimensions]};
        if (calibration != null) {
            levels = calibration.toString().endsWith(".npy")
                    ? EmbeddingFiles.readNpy(calibration)
                    : encode.apply(calibration);
        }
        if (levels.length > 0 && levels[0].length != dimensions) {
            throw new ConfigException("--calibration " + calibration + ": expected vectors of " + dimensions
                    + " dimensions, found " + levels[0].length);
        }
        try {
            return Quantizer.of(precision, levels);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--precision: " + e.getMessage());
        }
    }

    private static void write(Path out, Quantizer quantizer, Precision precision, float[][] vectors, List<String> texts)
            throws IOException {
        EmbeddingFiles.write(out, quantizer.quantize(vectors), precision.isUnsigned(), texts);
    }
}
