import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Prints the tests of all modules that failed or were skipped, each with its reason, then {@code N passed, N failed, N
 * skipped}. Invocations of one parameterised test with one reason share a line: {@code name[2,3]}.
 *
 * <p>{@code java .ci/TestSummary.java ROOT [SINCE]}, where ROOT is the project's folder and SINCE the time, as {@code
 * 2026-01-31T12:00:00Z}, at which the build began: reports of earlier builds are left out. A module with tests that
 * has no report is named, since its tests were not run. It reports only, so its exit code is 0 whatever was found, and
 * 2 if a report cannot be read.
 */
public final class TestSummary {
    private int passed;
    private final Named failed = new Named("failed:  ");
    private final Named skipped = new Named("skipped: ");
    private final List<String> notRun = new ArrayList<>();

    private TestSummary() {}

    public static void main(String[] args) {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: java .ci/TestSummary.java ROOT [SINCE]");
            System.exit(2);
        }
        try {
            Path root = Path.of(args[0]);
            Instant since = args.length > 1 ? Instant.parse(args[1]) : Instant.EPOCH;
            TestSummary summary = new TestSummary();
            for (String module : modules(root)) {
                summary.module(root, module, since);
            }
            summary.print();
        } catch (Exception e) {
            System.err.println("test summary: " + e.getMessage());
            System.exit(2);
        }
    }

    private static List<String> modules(Path root) throws IOException, SAXException, ParserConfigurationException {
        NodeList nodes = parse(root.resolve("pom.xml")).getElementsByTagName("module");
        List<String> modules = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            modules.add(nodes.item(i).getTextContent().strip());
        }
        return modules;
    }

    private void module(Path root, String module, Instant since)
            throws IOException, SAXException, ParserConfigurationException {
        List<Path> reports = new ArrayList<>();
        Path folder = root.resolve(module).resolve("target/surefire-reports");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    boolean fresh = !Files.getLastModifiedTime(file).toInstant().isBefore(since);
                    if (fresh && file.getFileName().toString().matches("TEST-.*\\.xml")) {
                        reports.add(file);
                    }
                }
            }
        }
        if (reports.isEmpty() && Files.isDirectory(root.resolve(module).resolve("src/test/java"))) {
            notRun.add(module);
        }
        for (Path report : reports) {
            Element suite = parse(report);
            NodeList cases = suite.getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                count(module, (Element) cases.item(i));
            }
            String nested = report.getFileName().toString().replace(".xml", "$");
            boolean holdsNested = reports.stream()
                    .anyMatch(other -> other.getFileName().toString().startsWith(nested));
            if (cases.getLength() == 0 && !holdsNested) {
                // All that surefire leaves of a class whose @BeforeAll gave up.
                skipped.add(
                        module + ": " + simple(suite.getAttribute("name")),
                        "",
                        "the whole class, its report gives no reason");
            }
        }
    }

    private void count(String module, Element test) {
        String method = test.getAttribute("name");
        int bracket = method.endsWith("]") ? method.lastIndexOf('[') : -1;
        String index = bracket < 0 ? "" : method.substring(bracket + 1, method.length() - 1);
        String plain = (bracket < 0 ? method : method.substring(0, bracket)).replaceFirst("\\(.*", "");
        String name = module + ": " + simple(test.getAttribute("classname")) + (plain.isEmpty() ? "" : "." + plain);
        Element failure = child(test, "failure", "error");
        Element skip = child(test, "skipped");
        if (failure != null) {
            failed.add(name, index, reason(failure));
        } else if (skip != null) {
            skipped.add(name, index, reason(skip));
        } else {
            passed++;
        }
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    private static Element child(Element test, String... tags) {
        for (String tag : tags) {
            NodeList found = test.getElementsByTagName(tag);
            if (found.getLength() > 0) {
                return (Element) found.item(0);
            }
        }
        return null;
    }

    /** The first line of what was said, without the name of the exception that carried a skip. */
    private static String reason(Element outcome) {
        String said = outcome.getAttribute("message").isBlank()
                ? outcome.getTextContent()
                : outcome.getAttribute("message");
        String first = said.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("no reason given");
        return first.replaceFirst("^(org\\.opentest4j\\.TestAbortedException: )?(Assumption failed: )?", "");
    }

    private static Element parse(Path file) throws IOException, SAXException, ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null); // faults are thrown, not printed
        try {
            return builder.parse(file.toFile()).getDocumentElement();
        } catch (SAXException e) {
            throw new SAXException(file + ": not readable as XML, run its tests again: " + e.getMessage(), e);
        }
    }

    private void print() {
        failed.print();
        skipped.print();
        notRun.forEach(module -> System.out.println("not run: the tests of " + module));
        System.out.println(passed + " passed, " + failed.count + " failed, " + skipped.count + " skipped");
    }

    /** Tests of one outcome. */
    private static final class Named {
        private final String label;
        /** By name and reason, the numbers of the invocations. */
        private final Map<List<String>, List<String>> lines = new LinkedHashMap<>();

        private int count;

        Named(String label) {
            this.label = label;
        }

        void add(String name, String index, String reason) {
            lines.computeIfAbsent(List.of(name, reason), key -> new ArrayList<>()).add(index);
            count++;
        }

        void print() {
            lines.forEach((line, indices) -> {
                String joined = String.join(",", indices);
                String numbers = joined.isEmpty() ? "" : "[" + joined + "]";
                System.out.println(label + line.get(0) + numbers + ": " + line.get(1));
            });
        }
    }
}
