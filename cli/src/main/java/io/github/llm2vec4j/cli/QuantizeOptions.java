package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Precision;
import io.github.llm2vec4j.core.encoder.Quantizer;
import io.github.llm2vec4j.core.encoder.VectorWriter;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In what form vectors are written. */
final class QuantizeOptions {
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

    /** The type of a value as it is written. */
    DType type() {
        Precision precision = precision();
        return precision == Precision.FLOAT32 ? DType.F32 : precision.isUnsigned() ? DType.U8 : DType.I8;
    }

    /**
     * Has vectors of these dimensions written in the form that was asked for.
     *
     * @param encode from a file of texts to their vectors
     * @param target writes values of {@link #type()} to {@code out}; it is closed with what is returned
     */
    VectorWriter writer(int dimensions, Function<Path, float[][]> encode, Path out, VectorWriter target)
            throws IOException {
        Precision precision = precision();
        if (precision == Precision.FLOAT32) {
            return target;
        }
        return precision.isCalibrated() && calibration == null
                ? new SpooledQuantizer(precision, out, target)
                : new Quantizing(quantizer(precision, dimensions, encode), target);
    }

    /** Quantises each vector as it comes. */
    private record Quantizing(Quantizer quantizer, VectorWriter target) implements VectorWriter {
        @Override
        public void add(String text, Map<String, JsonNode> kept, float[] vector) throws IOException {
            target.add(text, kept, quantizer.quantize(vector));
        }

        @Override
        public void add(String text, Map<String, JsonNode> kept, byte[] vector) {
            throw new UnsupportedOperationException("bytes are quantised already");
        }

        @Override
        public void finish() throws IOException {
            target.finish();
        }

        @Override
        public void close() throws IOException {
            target.close();
        }
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
}
