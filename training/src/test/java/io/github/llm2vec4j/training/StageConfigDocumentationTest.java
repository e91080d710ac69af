package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys there are, and that each is said to be read or to have no meaning here. */
class StageConfigDocumentationTest {

    @ParameterizedTest
    @ValueSource(strings = {"dataset_name", "dataset_config_name", "dataset_split", "do_train", "streaming"})
    void aKeyThatNothingReadsIsNamedAsIgnored(String key) {
        ObjectNode json = new JsonMapper().createObjectNode().put(key, "x").put("train_file", "text.txt");

        assertThat(StageConfig.of(json, "test").ignored()).containsExactly(key);
    }

    /** Surefire runs a module's tests in its folder. */
    @Test
    void theTableInTheDocumentationHasEveryKeyAndNoOther() throws IOException {
        String text = Files.readString(Path.of("../docs/formats.md"));
        String table = text.substring(text.indexOf("<!-- keys -->"), text.indexOf("<!-- end of keys -->"));
        String firstCells = table.lines()
                .map(line -> line.startsWith("Known, ") ? line : line.replaceFirst("^(\\| [^|]*\\|).*", "$1"))
                .collect(Collectors.joining("\n"));
        Set<String> documented = Pattern.compile("`([a-z0-9_]+)`")
                .matcher(firstCells)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());

        assertThat(documented).isEqualTo(StageConfig.keys());
    }
}
