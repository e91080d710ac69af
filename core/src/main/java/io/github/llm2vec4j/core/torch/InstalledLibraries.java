package io.github.llm2vec4j.core.torch;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The libraries of an installed PyTorch, with which the engine computes instead of those in the jars, where {@code
 * LLM2VEC_TORCH_LIB} names their folder. It must be of the version that the engine was built for.
 */
final class InstalledLibraries {
    static final String VARIABLE = "LLM2VEC_TORCH_LIB";

    private InstalledLibraries() {}

    /**
     * The folder, or null where none is named.
     *
     * @throws IllegalArgumentException if it has no libtorch or one of another version
     */
    static @Nullable Path folder() {
        String named = System.getenv(VARIABLE);
        if (named == null || named.isEmpty()) {
            return null;
        }
        Path folder = Path.of(named).toAbsolutePath();
        if (!Files.isRegularFile(library(folder, "torch_cpu"))) {
            throw new IllegalArgumentException(VARIABLE + "=" + named + ": has no " + System.mapLibraryName("torch_cpu")
                    + "; expected the folder torch/lib of an installed PyTorch");
        }
        String found = version(folder);
        if (found != null && !found.startsWith(version())) {
            throw new IllegalArgumentException(
                    VARIABLE + "=" + named + ": is of PyTorch " + found + ", expected " + version());
        }
        return folder;
    }

    /** Has the loader take the libraries from the folder, and loads those for CUDA where it has them. */
    static void prefer(Path folder) {
        System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
        System.setProperty(
                "java.library.path", folder + File.pathSeparator + System.getProperty("java.library.path", ""));
        Path cuda = library(folder, "torch_cuda");
        if (Files.isRegularFile(cuda)) {
            // Before the first operation: the engine looks once for what can be done with CUDA.
            System.load(cuda.toString());
        }
    }

    /** Whether the jars bring libraries that know CUDA. */
    static boolean bundledWithCuda() {
        String path = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/";
        return torch.class.getResource(path + System.mapLibraryName("torch_cuda")) != null;
    }

    /** The version of PyTorch that the engine was built for, as 2.10.0. */
    static String version() {
        return ComputeType.engineVersion().replaceFirst("-.*", "");
    }

    /** The version that the package beside the folder says it has: of Python's, or of libtorch's zip. */
    private static @Nullable String version(Path folder) {
        Path python = folder.resolveSibling("version.py");
        Path zip = folder.resolveSibling("build-version");
        try {
            if (Files.isRegularFile(python)) {
                return Files.readString(python).replaceFirst("(?s).*__version__ = '([^']*)'.*", "$1");
            }
            return Files.isRegularFile(zip) ? Files.readString(zip).strip() : null;
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Path library(Path folder, String name) {
        return folder.resolve(System.mapLibraryName(name));
    }
}
