package io.github.llm2vec4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsReplacedWhole() throws IOException {
        Path file = folder.resolve("deeper/settings.json");
        AtomicFiles.writeString(file, "one");
        AtomicFiles.writeString(file, "שתיים");

        assertThat(file).hasContent("שתיים");
        assertThat(namesIn(file.getParent())).containsExactly("settings.json");
    }

    @Test
    void theOldFileIsThereUntilTheNewOneIsComplete() throws IOException {
        Path file = folder.resolve("settings.json");
        AtomicFiles.writeString(file, "old");
        AtomicFiles.write(file, out -> {
            out.write(new byte[1 << 20]);
            out.flush();
            assertThat(file).hasContent("old");
        });
        assertThat(file).hasSize(1 << 20);
    }

    @Test
    void aFailureLeavesTheOldFileAndNoOther() throws IOException {
        Path file = folder.resolve("settings.json");
        AtomicFiles.writeString(file, "old");

        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    out.write(new byte[1 << 20]);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("No space left on device");
        assertThat(file).hasContent("old");
        assertThat(namesIn(folder)).containsExactly("settings.json");
    }

    @Test
    void anUncheckedFailureLeavesNothing() throws IOException {
        Path file = folder.resolve("settings.json");
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    throw new IllegalStateException("tensor closed");
                }))
                .hasMessage("tensor closed");
        assertThat(namesIn(folder)).isEmpty();
    }

    @Test
    void twoWritersOfOneFileDoNotMixTheirContents() throws Exception {
        Path file = folder.resolve("settings.json");
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicFiles.write(file, out -> {
            out.write('a');
            out.flush();
            Thread other = new Thread(() -> {
                try {
                    AtomicFiles.writeString(file, "bbb");
                } catch (IOException e) {
                    failure.set(e);
                }
            });
            other.start();
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            assertThat(file).hasContent("bbb");
            out.write('a');
        });
        assertThat(failure).hasNullValue();
        assertThat(file).hasContent("aa");
        assertThat(namesIn(folder)).containsExactly("settings.json");
    }

    @Test
    void aFolderIsReplacedWhole() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeFolder(target, at -> {
            Files.writeString(at.resolve("a"), "1");
            Files.createDirectory(at.resolve("sub"));
            Files.writeString(at.resolve("sub/b"), "2");
        });
        AtomicFiles.writeFolder(target, at -> {
            assertThat(target.resolve("sub/b")).hasContent("2");
            Files.writeString(at.resolve("c"), "3");
        });
        assertThat(namesIn(target)).containsExactly("c");
        assertThat(namesIn(folder)).containsExactly("model");
    }

    @Test
    void aFailureLeavesTheOldFolderAndNoOther() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeFolder(target, at -> Files.writeString(at.resolve("a"), "1"));

        assertThatThrownBy(() -> AtomicFiles.writeFolder(target, at -> {
                    Files.writeString(at.resolve("a"), "2");
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(IOException.class);
        assertThat(target.resolve("a")).hasContent("1");
        assertThat(namesIn(folder)).containsExactly("model");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void deletingATreeRemovesLinksAndNotWhatTheyLeadTo() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "1");
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), outside);

        AtomicFiles.deleteTree(tree);

        assertThat(tree).doesNotExist();
        assertThat(outside.resolve("precious")).hasContent("1");
        AtomicFiles.deleteTree(tree);
    }

    @Test
    void whatKilledWritersLeftIsDeletedAndNothingElse() throws IOException {
        Files.writeString(folder.resolve("settings.json"), "1");
        Files.createDirectory(folder.resolve("model"));
        assertThatThrownBy(() -> AtomicFiles.writeFolder(folder.resolve("model"), at -> {
                    Files.writeString(at.resolve("a"), "half");
                    Path copy = Files.createDirectory(folder.resolve(at.getFileName() + "0"));
                    Files.copy(at.resolve("a"), copy.resolve("a"));
                    throw new IOException("killed");
                }))
                .hasMessage("killed");
        Files.writeString(folder.resolve(".tmp-settings.json-4711-1"), "half");
        assertThat(namesIn(folder)).hasSize(4);

        AtomicFiles.deleteLeftovers(folder);

        assertThat(namesIn(folder)).containsExactly("model", "settings.json");
        AtomicFiles.deleteLeftovers(folder.resolve("missing"));
    }

    private static List<String> namesIn(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
