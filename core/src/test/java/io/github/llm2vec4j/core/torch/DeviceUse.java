package io.github.llm2vec4j.core.torch;

import java.nio.file.Files;
import java.nio.file.Path;

/** Chooses the device of its first argument and prints results of operations on it, for {@link DeviceTest}. */
final class DeviceUse {
    private DeviceUse() {}

    public static void main(String[] arguments) throws Exception {
        try {
            System.out.println("device: " + Device.use(arguments[0]));
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
            return;
        }
        Path file = Files.createTempFile("bytes", ".bin");
        Files.write(file, new byte[] {0, 0, (byte) 0x80, 0x3f}); // 1 in fp32
        try (Scope scope = Scope.open();
                MappedFile bytesOfFile = MappedFile.open(file, 4)) {
            Tensor mapped = bytesOfFile.bytes(0, 4).viewAs(DType.F32, 1);
            print(mapped.to(DType.F32).add(1));

            Tensor x = Tensor.zeros(DType.F32, 2, 4, 8, 16).normalInPlace(0, 1, RandomState.seeded(1));
            Tensor keys = Tensor.zeros(DType.F32, 2, 2, 8, 16).normalInPlace(0, 1, RandomState.seeded(2));
            float[] hidden = {0, 0, 0, 0, 0, 0, -1e30f, -1e30f};
            Tensor mask = Tensor.of(hidden, 1, 1, 1, 8);
            print(FusedAttention.of(x, keys, keys, mask, false, 0.25));
            print(FusedAttention.of(x, keys, keys, null, true, 0.25));
            print(x.rmsNorm(Tensor.full(DType.F32, 2, 16), 1e-6));
            print(x.to(DType.BF16)
                    .rmsNormForward(Tensor.full(DType.BF16, 2, 16), 1e-6)
                    .mean());

            Tensor weight = Tensor.full(DType.F32, 0.5, 3, 16).leaf();
            x.linear(weight, null).tanh().mean().backward();
            Tensor gradient = weight.gradient();
            print(gradient == null ? Tensor.full(DType.F32, Float.NaN, 1) : gradient);

            Tensor dropped = Tensor.full(DType.F32, 1, 1000, 100).dropout(0.25, RandomState.seeded(3));
            print(dropped.mean().mul(0.1)); // other elements on each device, about the same mean
            byte[] bytes = new byte[4];
            Tensor.arange(5).to(DType.F32).readBytes(4, bytes, 4);
            System.out.println("value: "
                    + java.nio.ByteBuffer.wrap(bytes)
                            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                            .getFloat());
        } finally {
            Files.delete(file);
        }
    }

    private static void print(Tensor tensor) {
        for (float value : tensor.toFloats()) {
            System.out.println("value: " + value);
        }
    }
}
