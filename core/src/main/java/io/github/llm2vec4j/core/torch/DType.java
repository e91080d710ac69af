package io.github.llm2vec4j.core.torch;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types of a tensor that the project reads, writes or computes in. */
public enum DType {
    F64(8, "F64", ScalarType.Double),
    F32(4, "F32", ScalarType.Float),
    F16(2, "F16", ScalarType.Half),
    BF16(2, "BF16", ScalarType.BFloat16),
    I64(8, "I64", ScalarType.Long),
    I32(4, "I32", ScalarType.Int),
    I16(2, "I16", ScalarType.Short),
    I8(1, "I8", ScalarType.Char),
    U8(1, "U8", ScalarType.Byte),
    BOOL(1, "BOOL", ScalarType.Bool);

    private final int bytes;
    private final String safetensorsName;
    final ScalarType scalarType;

    DType(int bytes, String safetensorsName, ScalarType scalarType) {
        this.bytes = bytes;
        this.safetensorsName = safetensorsName;
        this.scalarType = scalarType;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The name in a safetensors header, for instance {@code BF16}. */
    public String safetensorsName() {
        return safetensorsName;
    }

    /** The largest relative error of rounding to this floating point type, times two. */
    double epsilon() {
        return switch (this) {
            case BF16 -> 0x1p-7;
            case F16 -> 0x1p-10;
            case F32 -> 0x1p-23;
            case F64 -> 0x1p-52;
            default -> throw new IllegalStateException(this + " is no floating point type");
        };
    }

    public boolean isFloatingPoint() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /**
     * The type of a PyTorch name such as {@code float32}, {@code bfloat16}, {@code fp32} or {@code bf16}.
     *
     * @throws IllegalArgumentException if the name is none of these
     */
    public static DType ofTorchName(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "float32", "fp32", "f32", "float" -> F32;
            case "bfloat16", "bf16" -> BF16;
            case "float16", "fp16", "f16", "half" -> F16;
            default ->
                throw new IllegalArgumentException(
                        "unknown floating point type '" + name + "': expected float32, bfloat16 or float16");
        };
    }

    /** The PyTorch name, for instance {@code bfloat16}. */
    public String torchName() {
        return switch (this) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case I64 -> "int64";
            case I32 -> "int32";
            case I16 -> "int16";
            case I8 -> "int8";
            case U8 -> "uint8";
            case BOOL -> "bool";
        };
    }

    static DType of(ScalarType scalarType) {
        for (DType type : values()) {
            if (type.scalarType.value == scalarType.value) {
                return type;
            }
        }
        throw new IllegalArgumentException("unsupported element type " + scalarType);
    }
}
