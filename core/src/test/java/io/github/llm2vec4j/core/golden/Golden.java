package io.github.llm2vec4j.core.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The two sets of fixtures. A test runs on both; what each holds is in its README.md. */
public enum Golden {
    /** The project's own, among the test resources: always there. */
    OWN {
        @Override
        public Path folder() {
            return Unpacked.FOLDER;
        }
    },
    /** A larger one with more families, {@code shared/golden} beside the project's folder. */
    SHARED {
        @Override
        public Path folder() {
            Path folder = projectRoot().resolveSibling("shared").resolve("golden");
            if (!Files.isDirectory(folder)) {
                Assumptions.abort("there is no shared/golden beside the project: this case needs it");
            }
            return folder;
        }
    };

    private static final JsonMapper JSON = new JsonMapper();

    /** The root of the set; where it is missing, the running test is aborted. */
    public abstract Path folder();

    public Path file(String relative) {
        Path file = folder().resolve(relative);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + ": expected this fixture, found none");
        }
        return file;
    }

    public JsonNode json(String relative) {
        try {
            return JSON.readTree(file(relative).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(relative, e);
        }
    }

    public GoldenArrays arrays(String relative) {
        return new GoldenArrays(file(relative));
    }

    /** A copy of a folder of fixtures under {@code target}, which a test may change. */
    public Path copy(String relative, Path target) throws IOException {
        copyTree(file(relative), target);
        return target;
    }

    /** The nearest folder upwards of the working directory whose pom.xml lists modules. */
    private static Path projectRoot() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path pom = folder.resolve("pom.xml");
            try {
                if (Files.isRegularFile(pom) && Files.readString(pom).contains("<modules>")) {
                    return folder;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(pom.toString(), e);
            }
        }
        throw new IllegalStateException(start + ": expected a folder above with a pom.xml that lists modules");
    }

    private static void copyTree(Path source, Path target) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(source)) {
            all = walk.toList();
        }
        for (Path path : all) {
            Path copy = target.resolve(source.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectories(copy);
            } else {
                Files.copy(path, copy);
            }
        }
    }

    /** Where the class path's fixtures lie; out of a jar they are copied once, since weights are memory-mapped. */
    private static final class Unpacked {
        static final Path FOLDER = find();

        private static Path find() {
            try {
                URI readme = Golden.class.getResource("/golden/README.md").toURI();
                if (!readme.getScheme().equals("jar")) {
                    return Path.of(readme).getParent();
                }
                Path copy = Files.createTempDirectory("llm2vec4j-golden-");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(copy)));
                try (FileSystem jar = FileSystems.newFileSystem(readme, Map.of())) {
                    copyTree(jar.getPath("/golden"), copy);
                }
                return copy;
            } catch (IOException | URISyntaxException e) {
                throw new IllegalStateException("the fixtures on the class path cannot be unpacked", e);
            }
        }

        private static void delete(Path folder) {
            try {
                AtomicFiles.deleteTree(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(folder.toString(), e);
            }
        }
    }
}
