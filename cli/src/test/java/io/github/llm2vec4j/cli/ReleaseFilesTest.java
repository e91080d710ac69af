package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a release names in more than one file is the same in all of them. */
class ReleaseFilesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern VERSION = Pattern.compile("<version>(.*?)</version>");

    @Test
    void jbangStartsTheJvmAsTheLauncherDoes() throws Exception {
        JsonNode alias = alias();
        List<String> options = new ArrayList<>();
        alias.path("java-options").forEach(option -> options.add(option.asText()));
        List<String> launcher = Files.readString(ROOT.resolve("distribution/src/bin/jvm.options"))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();

        assertThat(options).isNotEmpty().isEqualTo(launcher);
        assertThat(alias.path("main").asText()).isEqualTo(Main.class.getName());
    }

    @Test
    void allModulesTheCatalogueAndTheProgramHaveOneVersion() throws Exception {
        String version = version(ROOT.resolve("pom.xml"));

        assertThat(version(ROOT.resolve("bom/pom.xml"))).isEqualTo(version);
        assertThat(version(ROOT.resolve("distribution/pom.xml"))).isEqualTo(version);
        assertThat(alias().path("script-ref").asText())
                .isEqualTo("io.github.llm2vec4j:llm2vec4j-cli:" + version.replace("-SNAPSHOT", ""));
        assertThat(new Version().getVersion()).containsExactly("llm2vec4j " + version);
    }

    @Test
    void theBomHasEveryModuleWithCode() throws Exception {
        List<String> modules = names("<module>(?:models/)?(.*?)</module>", ROOT.resolve("pom.xml"));
        modules.removeAll(List.of("bom", "distribution"));
        List<String> managed = names("<artifactId>llm2vec4j-(.*?)</artifactId>", ROOT.resolve("bom/pom.xml"));
        managed.remove("bom");

        assertThat(managed).containsExactlyInAnyOrderElementsOf(modules);
    }

    private static List<String> names(String pattern, Path file) throws Exception {
        List<String> names = new ArrayList<>();
        Pattern.compile(pattern).matcher(Files.readString(file)).results().forEach(match -> names.add(match.group(1)));
        return names;
    }

    private static JsonNode alias() throws Exception {
        return new JsonMapper()
                .readTree(ROOT.resolve("jbang-catalog.json").toFile())
                .path("aliases")
                .path("llm2vec");
    }

    private static String version(Path pom) throws Exception {
        Matcher matcher = VERSION.matcher(Files.readString(pom));
        assertThat(matcher.find()).as(pom.toString()).isTrue();
        return matcher.group(1);
    }
}
