package io.github.llm2vec4j.core.torch;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch once, with the settings that it needs to be fast and bounded whoever starts the JVM.
 *
 * <p>OpenBLAS, OpenMP and autograd each bring a thread pool whose waiting threads spin. With their defaults two
 * threads are slower than one, so each pool is set to one thread before the libraries are loaded, and cores are
 * used by {@link Workers} instead. A variable the user has set in the environment is left as it is.
 */
final class Engine {
    private static final ThreadLocal<Boolean> READY = ThreadLocal.withInitial(() -> Boolean.FALSE);

    static {
        setDefault("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        setDefault("org.bytedeco.javacpp.maxBytes", "0");
        setDefault("org.bytedeco.javacpp.nopointergc", "true");
        setEnvironment("OPENBLAS_NUM_THREADS", "1");
        setEnvironment("OMP_NUM_THREADS", "1");
        setEnvironment("OMP_WAIT_POLICY", "passive");
        Path installed = InstalledLibraries.folder();
        if (installed != null) {
            InstalledLibraries.prefer(installed);
        }
        Loader.load(torch.class);
        torch.set_num_threads(1);
    }

    private Engine() {}

    /** Makes sure the libraries are loaded and that this thread computes with one intra-op thread. */
    static void ensureReady() {
        if (!READY.get()) {
            torch.set_num_threads(1);
            READY.set(Boolean.TRUE);
        }
    }

    /**
     * Sets how many threads one operator of the calling thread may use. Used for a single short text or a model too
     * large for one worker per core.
     */
    static void setIntraOpThreads(int threads) {
        ensureReady();
        torch.set_num_threads(threads);
    }

    /** How many threads one operator of the calling thread uses. */
    static int intraOpThreads() {
        ensureReady();
        return torch.get_num_threads();
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Sets a variable of the process, which Java cannot, unless the user has set it. */
    private static void setEnvironment(String name, String value) {
        if (System.getenv(name) != null) {
            return;
        }
        if (Platform.isWindows()) {
            Function.getFunction("msvcrt", "_putenv_s").invokeInt(new Object[] {name, value});
        } else {
            NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
                    .getFunction("setenv")
                    .invokeInt(new Object[] {name, value, 0});
        }
    }
}
