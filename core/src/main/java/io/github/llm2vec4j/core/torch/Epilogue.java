package io.github.llm2vec4j.core.torch;

import org.jspecify.annotations.Nullable;

/**
 * What is done to the product of a linear layer before it is written to memory, where the kernel can; elsewhere after.
 *
 * @param kind what
 * @param other the tensor that is multiplied or added, of the shape of the product
 */
public record Epilogue(Kind kind, @Nullable Tensor other) {
    /** Nothing. */
    public static final Epilogue NONE = new Epilogue(Kind.NONE, null);

    /** The steps that there are. */
    public enum Kind {
        NONE,
        SILU,
        GELU,
        GELU_TANH,
        TIMES,
        PLUS
    }

    /** An activation by its name in a config.json. */
    public static Epilogue activation(String name) {
        return new Epilogue(
                switch (name) {
                    case "silu" -> Kind.SILU;
                    case "gelu" -> Kind.GELU;
                    default -> Kind.GELU_TANH;
                },
                null);
    }

    /** Multiplies by a tensor. */
    public static Epilogue times(Tensor factor) {
        return new Epilogue(Kind.TIMES, factor);
    }

    /** Adds a tensor. */
    public static Epilogue plus(Tensor addend) {
        return new Epilogue(Kind.PLUS, addend);
    }

    Tensor operand() {
        if (other == null) {
            throw new IllegalStateException(kind + " needs a tensor");
        }
        return other;
    }

    /** Does it to a product. */
    public Tensor apply(Tensor product) {
        return switch (kind) {
            case NONE -> product;
            case SILU -> product.silu();
            case GELU -> product.gelu("none");
            case GELU_TANH -> product.gelu("tanh");
            case TIMES -> operand().mul(product);
            case PLUS -> operand().add(product);
        };
    }
}
