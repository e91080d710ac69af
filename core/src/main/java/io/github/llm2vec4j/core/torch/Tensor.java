package io.github.llm2vec4j.core.torch;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array in native memory, with the operations that the decoder and its training need.
 *
 * <p>Operations return a new tensor that belongs to the innermost open {@link Scope}; those whose name ends in
 * {@code InPlace} change this one and return it. A tensor may be read by several threads at once.
 */
public final class Tensor implements AutoCloseable {
    private static final AtomicLong LIVE = new AtomicLong();

    private final org.bytedeco.pytorch.Tensor pointer;
    private @Nullable Scope scope;
    private boolean closed;

    Tensor(org.bytedeco.pytorch.Tensor pointer) {
        this.pointer = pointer;
        Scope current;
        try {
            current = Scope.current();
        } catch (IllegalStateException e) {
            pointer.deallocate();
            throw e;
        }
        this.scope = current;
        current.register(this);
        LIVE.incrementAndGet();
    }

    // ---- life ----

    /** How many tensors this process holds: those in open scopes and those kept. */
    public static long liveCount() {
        return LIVE.get();
    }

    /** Takes this tensor out of its scope; from now on it lives until {@link #close()}. Returns itself. */
    public Tensor keep() {
        pointer();
        Scope holder = scope;
        if (holder != null) {
            holder.release(this);
            scope = null;
        }
        return this;
    }

    /** Frees a kept tensor. Harmless when called again; a tensor that belongs to a scope is left to it. */
    @Override
    public void close() {
        if (!closed && scope == null) {
            closed = true;
            LIVE.decrementAndGet();
            pointer.releaseReference();
        }
    }

    @Nullable
    Scope scope() {
        return scope;
    }

    void moveTo(Scope target) {
        scope = target;
    }

    void scopeClosed(Scope closing) {
        if (scope == closing) {
            closed = true;
            LIVE.decrementAndGet();
        }
    }

    org.bytedeco.pytorch.Tensor pointer() {
        if (closed) {
            throw new IllegalStateException(
                    "the tensor is closed: its scope has ended, or it was kept and then closed");
        }
        return pointer;
    }

    // ---- making ----

    private static TensorOptions hostOptions(DType type) {
        return new TensorOptions(type.scalarType);
    }

    private static TensorOptions options(DType type) {
        Device device = Device.current();
        return device == Device.CPU ? hostOptions(type) : hostOptions(type).device(device.optional());
    }

    /** Zeros in the memory of the host, to be filled there. */
    private static org.bytedeco.pytorch.Tensor hostZeros(DType type, long... shape) {
        Scope.current();
        return torch.zeros(shape, hostOptions(type));
    }

    /** What was filled in the memory of the host, on the device; a GPU fetches it while this thread goes on. */
    private static Tensor placed(org.bytedeco.pytorch.Tensor host) {
        Device device = Device.current();
        if (device == Device.CPU) {
            return wrap(host);
        }
        org.bytedeco.pytorch.Tensor pinned = host.numel() == 0 ? host : host.pin_memory();
        return wrap(pinned.to(device.pointer(), host.scalar_type(), true, false, new MemoryFormatOptional()));
    }

    private boolean isOnDevice() {
        return Device.current() == Device.CPU || pointer().is_cuda();
    }

    /** The same in the memory of the host, which is this one unless it lies on a GPU. */
    private org.bytedeco.pytorch.Tensor onHost() {
        return Device.current() == Device.CPU ? pointer() : pointer().cpu();
    }

    public static Tensor zeros(DType type, long... shape) {
        Scope.current();
        return new Tensor(torch.zeros(shape, options(type)));
    }

    public static Tensor full(DType type, double value, long... shape) {
        return zeros(type, shape).fillInPlace(value);
    }

    /** A copy of the array; {@code shape} must have as many elements. */
    public static Tensor of(float[] values, long... shape) {
        org.bytedeco.pytorch.Tensor host = hostZeros(DType.F32, checked(shape, values.length));
        if (values.length > 0) {
            new FloatPointer(host.data_ptr()).put(values);
        }
        return placed(host);
    }

    /** A matrix of rows of the same length, at least one. */
    public static Tensor ofRows(float[][] rows) {
        int columns = rows[0].length;
        float[] flat = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * columns, columns);
        }
        return of(flat, rows.length, columns);
    }

    /** A copy of the array; {@code shape} must have as many elements. */
    public static Tensor of(long[] values, long... shape) {
        org.bytedeco.pytorch.Tensor host = hostZeros(DType.I64, checked(shape, values.length));
        if (values.length > 0) {
            new LongPointer(host.data_ptr()).put(values);
        }
        return placed(host);
    }

    /** A copy of raw little-endian bytes as elements of a type. */
    public static Tensor ofBytes(DType type, byte[] bytes, long... shape) {
        org.bytedeco.pytorch.Tensor host = hostZeros(type, shape);
        if (host.numel() * type.bytes() != bytes.length) {
            throw new IllegalArgumentException(bytes.length + " bytes do not fill " + type + Arrays.toString(shape));
        }
        if (bytes.length > 0) {
            new BytePointer(host.data_ptr()).put(bytes);
        }
        return placed(host);
    }

    /** These bytes (length n) seen as elements of another type and shape, without a copy where they are aligned. */
    public Tensor viewAs(DType type, long... shape) {
        org.bytedeco.pytorch.Tensor bytes = pointer();
        if (elementCount() > 0 && bytes.data_ptr().address() % type.bytes() != 0) {
            bytes = bytes.clone();
        }
        return wrap(bytes.view(type.scalarType).view(shape));
    }

    /** The integers 0, 1, …, n-1. */
    public static Tensor arange(long n) {
        Scope.current();
        return new Tensor(torch.arange(new Scalar(n), options(DType.I64)));
    }

    private static long[] checked(long[] shape, long length) {
        long product = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (product != length) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " needs " + product + " values, found " + length);
        }
        return shape;
    }

    private static Tensor wrap(org.bytedeco.pytorch.Tensor result) {
        return new Tensor(result);
    }

    /** A result that came outside of any scope; it belongs to the innermost open one from now on. */
    static Tensor received(org.bytedeco.pytorch.Tensor result) {
        Scope.current().hold(result);
        result.releaseReference();
        return wrap(result);
    }

    // ---- reading ----

    public long[] shape() {
        int rank = (int) pointer().dim();
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = pointer.size(i);
        }
        return shape;
    }

    /** The length of one dimension; negative counts from the last. */
    public long size(int dim) {
        return pointer().size(dim);
    }

    public long elementCount() {
        return pointer().numel();
    }

    public long byteCount() {
        return elementCount() * dtype().bytes();
    }

    public DType dtype() {
        return DType.of(pointer().scalar_type());
    }

    /** The value of a tensor of one element. */
    public double item() {
        return pointer().item_double();
    }

    /** All values, converted to float, in row order. */
    public float[] toFloats() {
        try (Scope inner = Scope.open()) {
            Tensor source = to(DType.F32).contiguous();
            float[] values = new float[Math.toIntExact(elementCount())];
            if (values.length > 0) {
                new FloatPointer(source.onHost().data_ptr()).get(values);
            }
            return values;
        }
    }

    /** All rows of a matrix, converted to float. */
    public float[][] toRows() {
        int rows = Math.toIntExact(size(0));
        int columns = Math.toIntExact(size(1));
        float[] flat = toFloats();
        float[][] result = new float[rows][];
        for (int i = 0; i < rows; i++) {
            result[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return result;
    }

    /** All values, converted to long, in row order. */
    public long[] toLongs() {
        try (Scope inner = Scope.open()) {
            Tensor source = to(DType.I64).contiguous();
            long[] values = new long[Math.toIntExact(elementCount())];
            if (values.length > 0) {
                new LongPointer(source.onHost().data_ptr()).get(values);
            }
            return values;
        }
    }

    /** Copies raw bytes from offset {@code from} of a contiguous tensor into the array. */
    public void readBytes(long from, byte[] into, int count) {
        if (!pointer().is_contiguous()) {
            throw new IllegalArgumentException("the bytes of a tensor that is not contiguous");
        }
        if (from < 0 || count < 0 || from > byteCount() - count || count > into.length) {
            throw new IllegalArgumentException(
                    count + " bytes from " + from + " of " + byteCount() + " into " + into.length);
        }
        if (count == 0) {
            return;
        }
        try (Scope inner = Scope.open()) {
            if (pointer.is_cuda()) {
                // Only what is asked for leaves the GPU.
                org.bytedeco.pytorch.Tensor part = pointer.reshape(-1)
                        .view(DType.U8.scalarType)
                        .narrow(0, from, count)
                        .cpu();
                new BytePointer(part.data_ptr()).get(into, 0, count);
            } else {
                new BytePointer(pointer.data_ptr()).position(from).get(into, 0, count);
            }
        }
    }

    // ---- shape ----

    /** This in a type and on the device, where only a tensor of a mapped file is not yet; itself where it is both. */
    public Tensor to(DType type) {
        if (!isOnDevice()) {
            return wrap(pointer().to(Device.current().pointer(), type.scalarType));
        }
        return type == dtype() ? this : wrap(pointer().to(type.scalarType));
    }

    public Tensor contiguous() {
        return wrap(pointer().contiguous());
    }

    public Tensor copy() {
        return wrap(pointer().clone());
    }

    public Tensor reshape(long... shape) {
        return wrap(pointer().reshape(shape));
    }

    public Tensor transpose(int a, int b) {
        return wrap(pointer().transpose(a, b));
    }

    public Tensor narrow(int dim, long start, long length) {
        return wrap(pointer().narrow(dim, start, length));
    }

    public Tensor unsqueeze(int dim) {
        return wrap(pointer().unsqueeze(dim));
    }

    public Tensor expand(long... shape) {
        return wrap(pointer().expand(shape));
    }

    public Tensor indexSelect(int dim, Tensor index) {
        return wrap(pointer().index_select(dim, index.pointer()));
    }

    public static Tensor cat(List<Tensor> parts, int dim) {
        return wrap(torch.cat(vector(parts), dim));
    }

    // ---- arithmetic ----

    public Tensor add(Tensor other) {
        return wrap(pointer().add(other.pointer()));
    }

    public Tensor add(double value) {
        return wrap(pointer().add(new Scalar(value)));
    }

    public Tensor sub(Tensor other) {
        return wrap(pointer().sub(other.pointer()));
    }

    public Tensor mul(Tensor other) {
        return wrap(pointer().mul(other.pointer()));
    }

    public Tensor mul(double value) {
        return wrap(pointer().mul(new Scalar(value)));
    }

    public Tensor div(Tensor other) {
        return wrap(pointer().div(other.pointer()));
    }

    public Tensor matmul(Tensor other) {
        return wrap(pointer().matmul(other.pointer()));
    }

    /** {@code this · weightᵀ (+ bias)}; weight (out, in), this (…, in) → (…, out). */
    public Tensor linear(Tensor weight, @Nullable Tensor bias) {
        return wrap(
                bias == null
                        ? torch.linear(pointer(), weight.pointer())
                        : torch.linear(pointer(), weight.pointer(), new TensorOptional(bias.pointer())));
    }

    public Tensor cos() {
        return wrap(torch.cos(pointer()));
    }

    public Tensor sin() {
        return wrap(torch.sin(pointer()));
    }

    public Tensor abs() {
        return wrap(pointer().abs());
    }

    public Tensor exp() {
        return wrap(pointer().exp());
    }

    public Tensor sqrt() {
        return wrap(pointer().sqrt());
    }

    public Tensor tanh() {
        return wrap(pointer().tanh());
    }

    public Tensor silu() {
        return wrap(torch.silu(pointer()));
    }

    /** GELU; {@code approximate} is {@code none} or {@code tanh}. */
    public Tensor gelu(String approximate) {
        return wrap(torch.gelu(pointer(), approximate));
    }

    /** Each value bent towards ±cap: cap · tanh(x / cap); a cap of 0 changes nothing. */
    public Tensor softCap(double cap) {
        return cap == 0 ? this : mul(1 / cap).tanh().mul(cap);
    }

    public Tensor softmax(int dim) {
        return wrap(pointer().softmax(dim));
    }

    public Tensor sum() {
        return wrap(pointer().sum());
    }

    public Tensor sum(int dim) {
        return wrap(pointer().sum(dim));
    }

    public Tensor mean() {
        return wrap(pointer().mean());
    }

    /** The largest values along a dimension, which goes. */
    public Tensor max(int dim) {
        return wrap(pointer().amax(new long[] {dim}, false));
    }

    /** x / rms(x) over the last dimension, times weight, computed in fp32 and returned in this type. */
    public Tensor rmsNorm(Tensor weight, double epsilon) {
        long[] normalized = {size(-1)};
        org.bytedeco.pytorch.Tensor wide = to(DType.F32).pointer();
        Tensor result = wrap(torch.rms_norm(wide, normalized, new TensorOptional(), new DoubleOptional(epsilon)));
        return result.to(dtype()).mul(weight);
    }

    /**
     * As {@link #rmsNorm}, but in a narrow type with one rounding and fewer passes over memory. It has no gradient.
     *
     * @param weight in this type or fp32
     */
    public Tensor rmsNormForward(Tensor weight, double epsilon) {
        if (dtype() == DType.F32) {
            return rmsNorm(weight, epsilon);
        }
        org.bytedeco.pytorch.Tensor wide = to(DType.F32).pointer();
        org.bytedeco.pytorch.Tensor length =
                wide.norm(new org.bytedeco.pytorch.ScalarOptional(new Scalar(2.0)), new long[] {-1}, true);
        org.bytedeco.pytorch.Tensor inverse = length.square_()
                .div_(new Scalar((double) size(-1)))
                .add_(new Scalar(epsilon))
                .rsqrt_();
        return wrap(wide.mul_(inverse).mul_(weight.pointer()).to(pointer().scalar_type()));
    }

    /** Rows of length 1 over the last dimension; a norm below {@code epsilon} counts as epsilon. */
    public Tensor normalize(double epsilon) {
        org.bytedeco.pytorch.Tensor norm =
                pointer().norm(new org.bytedeco.pytorch.ScalarOptional(new Scalar(2.0)), new long[] {-1}, true);
        return wrap(pointer().div(norm.clamp(new org.bytedeco.pytorch.ScalarOptional(new Scalar(epsilon)))));
    }

    public Tensor argmax(int dim) {
        return wrap(pointer().argmax(new LongOptional(dim), false));
    }

    /** The square root of the sum of squares, in fp32. */
    public Tensor norm() {
        return wrap(pointer().norm());
    }

    public Tensor eq(Tensor other) {
        return wrap(pointer().eq(other.pointer()));
    }

    public boolean isFinite() {
        try (Scope inner = Scope.open()) {
            return pointer().isfinite().all().item_int() != 0;
        }
    }

    // ---- in place ----

    /** An argument in the open scope; outside of any it would never be freed. */
    private static Scalar scalar(double value) {
        Scope.current();
        return new Scalar(value);
    }

    public Tensor fillInPlace(double value) {
        pointer().fill_(scalar(value));
        return this;
    }

    public Tensor copyInPlace(Tensor source) {
        pointer().copy_(source.pointer());
        return this;
    }

    public Tensor addInPlace(double value) {
        pointer().add_(scalar(value));
        return this;
    }

    public Tensor addInPlace(Tensor other) {
        pointer().add_(other.pointer());
        return this;
    }

    public Tensor mulInPlace(Tensor factor) {
        pointer().mul_(factor.pointer());
        return this;
    }

    /** Rounds to whole numbers, halves to the even one. */
    public Tensor roundInPlace() {
        pointer().round_();
        return this;
    }

    public Tensor mulInPlace(double value) {
        pointer().mul_(scalar(value));
        return this;
    }

    /** {@code this += (end - this) · weight}. */
    public Tensor lerpInPlace(Tensor end, double weight) {
        pointer().lerp_(end.pointer(), scalar(weight));
        return this;
    }

    /** {@code this += value · a · b}. */
    public Tensor addProductInPlace(Tensor a, Tensor b, double value) {
        pointer().addcmul_(a.pointer(), b.pointer(), scalar(value));
        return this;
    }

    /** {@code this += value · a / b}. */
    public Tensor addQuotientInPlace(Tensor a, Tensor b, double value) {
        pointer().addcdiv_(a.pointer(), b.pointer(), scalar(value));
        return this;
    }

    /** Drawn on the CPU, so the same on any device. */
    public Tensor uniformInPlace(double from, double to, RandomState random) {
        return drawnInPlace(values -> values.uniform_(from, to, random.optional()));
    }

    /** Drawn on the CPU, so the same on any device. */
    public Tensor normalInPlace(double mean, double deviation, RandomState random) {
        return drawnInPlace(values -> values.normal_(mean, deviation, random.optional()));
    }

    private Tensor drawnInPlace(Consumer<org.bytedeco.pytorch.Tensor> draw) {
        if (pointer().is_cuda()) {
            org.bytedeco.pytorch.Tensor drawn = hostZeros(dtype(), shape());
            draw.accept(drawn);
            pointer.copy_(drawn);
        } else {
            draw.accept(pointer);
        }
        return this;
    }

    // ---- model operations ----

    /** Rows of this (vocabulary, dim) table for each id; ids (…) → (…, dim). */
    public Tensor embedding(Tensor ids) {
        return wrap(torch.embedding(pointer(), ids.pointer()));
    }

    /** Each entry along a dimension, so many times one after the other. */
    Tensor repeated(int dim, long times) {
        return wrap(pointer().repeat_interleave(times, new LongOptional(dim), new LongOptional()));
    }

    /** Zeroes each element with the given probability and scales the rest by 1 / (1 - probability). */
    public Tensor dropout(double probability, RandomState random) {
        Tensor mask;
        try (NoGrad off = NoGrad.enter()) {
            mask = keepMask(probability, random).mulInPlace(dropoutScale(probability));
        }
        return mul(mask);
    }

    /** Zeroes each element with the given probability and leaves the rest; what follows is to be scaled. */
    public Tensor dropped(double probability, RandomState random) {
        Tensor mask;
        try (NoGrad off = NoGrad.enter()) {
            mask = keepMask(probability, random);
        }
        return mul(mask);
    }

    /** By what elements that were not dropped are multiplied: 1 / (1 - probability), or 0 where none is left. */
    public static double dropoutScale(double probability) {
        return probability < 1 ? 1 / (1 - probability) : 0;
    }

    /** Of this shape and type: 0 with a probability, else 1. */
    private Tensor keepMask(double dropProbability, RandomState random) {
        if (pointer().is_cuda()) {
            Tensor mask = zeros(dtype(), shape());
            mask.pointer.bernoulli_(1 - dropProbability, random.onDevice());
            return mask;
        }
        int count = Math.toIntExact(elementCount());
        return dtype() == DType.BF16
                ? ofBytes(DType.BF16, random.keepMaskInBf16(count, dropProbability), shape())
                : ofBytes(DType.U8, random.keepMask(count, dropProbability), shape())
                        .to(dtype());
    }

    /** The mean cross entropy of logits (n, classes) against labels (n); label -100 is ignored. */
    public Tensor crossEntropy(Tensor labels) {
        return wrap(torch.cross_entropy_loss(pointer(), labels.pointer()));
    }

    /** The sum of the cross entropies of logits (n, classes) against labels (n); label -100 is ignored. */
    public Tensor crossEntropySum(Tensor labels) {
        return wrap(torch.cross_entropy_loss(pointer(), labels.pointer(), new TensorOptional(), 2, -100, 0.0));
    }

    // ---- gradients ----

    /** The same memory, outside of the graph. */
    public Tensor detach() {
        return wrap(pointer().detach());
    }

    /** The same memory as a leaf whose gradient is recorded. */
    public Tensor leaf() {
        Tensor leaf = detach();
        leaf.pointer.requires_grad_(true);
        return leaf;
    }

    public boolean requiresGrad() {
        return pointer().requires_grad();
    }

    /** Back-propagates from a scalar. */
    public void backward() {
        pointer().backward();
    }

    /** Back-propagates from a tensor whose gradient is given. */
    public void backward(Tensor gradient) {
        try (Scope arguments = Scope.open()) {
            pointer().backward(gradient.pointer(), new BoolOptional(false), false, new TensorArrayRefOptional());
        }
    }

    /** Back-propagates from several tensors at once, whose gradients are given in the same order. */
    public static void backward(List<Tensor> tensors, List<Tensor> gradients) {
        try (Scope arguments = Scope.open()) {
            torch.backward(vector(tensors), vector(gradients), new BoolOptional(false), false, new TensorVector());
        }
    }

    private static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.stream().map(Tensor::pointer).toArray(org.bytedeco.pytorch.Tensor[]::new));
    }

    /** The gradient, or null if none has reached this leaf. */
    public @Nullable Tensor gradient() {
        org.bytedeco.pytorch.Tensor borrowed = pointer().grad(); // belongs to this tensor and may go before the result
        return borrowed.defined() ? wrap(borrowed.detach()) : null;
    }

    /** Drops the gradient and its memory. */
    public void clearGradient() {
        pointer().mutable_grad().reset();
    }

    @Override
    public String toString() {
        return closed ? "Tensor[closed]" : dtype() + Arrays.toString(shape());
    }
}
