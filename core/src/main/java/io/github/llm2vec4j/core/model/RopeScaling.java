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

    /** The stretched frequency, in radians a position. */
    double apply(double frequency) {
        return switch (type) {
            case "default" -> frequency;
            case "linear" -> frequency / factor;
            case "llama3" -> llama3(frequency);
            default ->
                throw new IllegalArgumentException(
                        "rope_scaling type '" + type + "' is not supported: expected linear or llama3");
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
