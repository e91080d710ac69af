package io.github.llm2vec4j.core.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Writes safetensors as the reference library does: widest type first, then by name, header padded to 8 bytes. */
public final class SafetensorsWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int MATRIX_HEADER_BYTES = 256;

    private SafetensorsWriter() {}

    /**
     * A tensor that is made when its turn comes to be written, so that not all of them need memory at once.
     *
     * @param values makes it, within a scope that closes when it is written
     */
    public record Pending(DType dtype, List<Long> shape, Supplier<Tensor> values) {

        static Pending of(Tensor tensor) {
            return new Pending(
                    tensor.dtype(), Arrays.stream(tensor.shape()).boxed().toList(), () -> tensor);
        }

        /** Its size in the file. */
        public long byteCount() {
            return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
        }
    }

    /** Writes all tensors to a file, which appears whole or not at all. */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Map<String, Pending> pending = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> pending.put(name, Pending.of(tensor)));
        writePending(file, pending, metadata);
    }

    /** Writes tensors one after the other to a file, which appears whole or not at all. */
    public static void writePending(Path file, Map<String, Pending> tensors, Map<String, String> metadata)
            throws IOException {
        List<Map.Entry<String, Pending>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparingInt(
                        (Map.Entry<String, Pending> e) -> -e.getValue().dtype().bytes())
                .thenComparing(Map.Entry::getKey));
        byte[] header = header(ordered, metadata);
        AtomicFiles.write(file, out -> {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            byte[] buffer = new byte[CHUNK_BYTES];
            for (Map.Entry<String, Pending> e : ordered) {
                copy(e.getKey(), e.getValue(), out, buffer);
            }
        });
    }

    /** The start of a file that holds one matrix, its length included; 256 bytes whatever the shape. */
    public static byte[] header(String name, DType type, long rows, int columns) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode node = root.putObject(name).put("dtype", type.safetensorsName());
        node.putArray("shape").add(rows).add(columns);
        node.putArray("data_offsets").add(0).add(Math.multiplyExact(rows * columns, (long) type.bytes()));
        ByteBuffer start = ByteBuffer.allocate(MATRIX_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(MATRIX_HEADER_BYTES - Long.BYTES);
        start.put(root.toString().getBytes(StandardCharsets.UTF_8));
        while (start.hasRemaining()) {
            start.put((byte) ' ');
        }
        return start.array();
    }

    private static byte[] header(List<Map.Entry<String, Pending>> ordered, Map<String, String> metadata)
            throws IOException {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject("__metadata__");
            metadata.forEach(node::put);
        }
        long position = 0;
        for (Map.Entry<String, Pending> e : ordered) {
            if (e.getKey().equals("__metadata__")) {
                throw new IllegalArgumentException("'__metadata__' cannot be the name of a tensor");
            }
            Pending tensor = e.getValue();
            ObjectNode node = root.putObject(e.getKey());
            node.put("dtype", tensor.dtype.safetensorsName());
            for (long length : tensor.shape) {
                node.withArray("shape").add(length);
            }
            node.withArray("shape");
            node.withArray("data_offsets").add(position);
            position += tensor.byteCount();
            node.withArray("data_offsets").add(position);
        }
        String json = JSON.writeValueAsString(root);
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        return (json + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    }

    private static void copy(String name, Pending tensor, OutputStream out, byte[] buffer) throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor source = tensor.values.get().contiguous();
            long total = source.byteCount();
            if (source.dtype() != tensor.dtype || total != tensor.byteCount()) {
                throw new IllegalStateException(
                        "tensor '" + name + "' was to be " + tensor.dtype + tensor.shape + ", it is " + source);
            }
            for (long from = 0; from < total; from += buffer.length) {
                int count = (int) Math.min(buffer.length, total - from);
                source.readBytes(from, buffer, count);
                out.write(buffer, 0, count);
            }
        }
    }
}
