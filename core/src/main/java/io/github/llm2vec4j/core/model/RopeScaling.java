package io.github.llm2vec4j.core.model;

/**
 * How rotary frequencies are stretched for long contexts.
 *
 * @param type {@code default}, {@code linear} or {@code llama3}
 * @param factor the stretch of low frequencies
 * @param lowFrequencyFactor llama3: below originalLength / this, stretched fully
 * @param highFrequencyFactor llama3: above originalLength / this, not stretched
 * @param originalLength llama3: the context length of pre-training, in tokens
 */
record RopeScaling(
        String type, double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalLength) {

    static final RopeScaling NONE = new RopeScaling("default", 1, 1, 1, 1);

    /**
     * Reads {@code rope_scaling}, or the newer {@code rope_parameters}, which hold rope_theta as well.
     *
     * @throws IllegalArgumentException if a key is missing, unknown or out of range
     */
    static RopeScaling read(ConfigJson json) {
        String type = json.text("rope_type", json.text("type", "default"));
        RopeScaling scaling = switch (type) {
            case "default" -> NONE;
            case "linear" -> new RopeScaling(type, json.number("factor"), 1, 1, 1);
            case "llama3" ->
                new RopeScaling(
                        type,
                        json.number("factor"),
                        json.number("low_freq_factor"),
                        json.number("high_freq_factor"),
                        json.integer("original_max_position_embeddings", 1, Integer.MAX_VALUE));
            default ->
                throw new IllegalArgumentException(json.path("rope_type") + ": '" + type
                        + "' is not supported, expected default, linear or llama3");
        };
        if (type.equals("llama3") && !(scaling.lowFrequencyFactor < scaling.highFrequencyFactor)) {
            throw new IllegalArgumentException(json.path("low_freq_factor") + ": " + scaling.lowFrequencyFactor
                    + " is not supported, expected less than high_freq_factor " + scaling.highFrequencyFactor);
        }
        json.refuseUnless("partial_rotary_factor", 1);
        json.refuseUnread("rope type '" + type + "'");
        return scaling;
    }

    /** The stretched frequency, in radians a position. */
    double apply(double frequency) {
        return switch (type) {
            case "linear" -> frequency / factor;
            case "llama3" -> llama3(frequency);
            default -> frequency;
        };
    }

    private double llama3(double frequency) {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < originalLength / highFrequencyFactor) {
            return frequency;
        }
        if (wavelength > originalLength / lowFrequencyFactor) {
            return frequency / factor;
        }
        double smooth = (originalLength / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
        return (1 - smooth) * frequency / factor + smooth * frequency;
    }
}
