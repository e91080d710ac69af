package io.github.llm2vec4j;

import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the borders drawn in docs/architecture.md: which package may know which. */
class ArchitectureTest {

    private static final String ROOT = "io.github.llm2vec4j";
    private static final String CORE = ROOT + ".core.";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(ROOT);

    @Test
    void onlyTorchSeesTheNativeEngine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(CORE + "torch..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco..", "com.sun.jna..")
                .because("native memory has one owner, core.torch")
                .check(CLASSES);
    }

    @Test
    void modulesKnowOnlyTheModulesBelowThem() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("core")
                .definedBy(ROOT + ".core..")
                .layer("training")
                .definedBy(ROOT + ".training..")
                .layer("evaluation")
                .definedBy(ROOT + ".evaluation..")
                .layer("recipe")
                .definedBy(ROOT + ".recipe..")
                .layer("benchmark")
                .definedBy(ROOT + ".benchmark..")
                .layer("cli")
                .definedBy(ROOT + ".cli..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("benchmark")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("recipe")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("evaluation")
                .mayOnlyBeAccessedByLayers("recipe", "cli")
                .whereLayer("training")
                .mayOnlyBeAccessedByLayers("evaluation", "recipe", "benchmark", "cli")
                .check(CLASSES);
    }

    @Test
    void coreIsBuiltInStoreys() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("torch")
                .definedBy(CORE + "torch..")
                .layer("files and text")
                .definedBy(CORE + "checkpoint..", CORE + "hub..", CORE + "tokenizer..", CORE + "tagging..")
                .layer("networks")
                .definedBy(CORE + "model..", CORE + "lora..")
                .layer("encoder")
                .definedBy(CORE + "encoder..")
                .whereLayer("encoder")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("networks")
                .mayOnlyBeAccessedByLayers("encoder")
                .whereLayer("files and text")
                .mayOnlyBeAccessedByLayers("networks", "encoder")
                .check(CLASSES);
    }

    /** A package that no rule names would be free to depend on anything. */
    @Test
    void everyPackageHasAPlaceInTheRules() {
        Set<String> modules = Set.of("core", "training", "evaluation", "recipe", "benchmark", "cli");
        Set<String> storeys = Set.of("torch", "checkpoint", "hub", "tokenizer", "tagging", "model", "lora", "encoder");
        assertThat(packages()).allSatisfy(name -> {
            List<String> parts = List.of(name.split("\\.")).subList(3, name.split("\\.").length);
            assertThat(parts).as(name).isNotEmpty();
            assertThat(modules).as(name).contains(parts.get(0));
            if (parts.get(0).equals("core")) {
                assertThat(parts).as(name).hasSizeGreaterThan(1);
                assertThat(storeys).as(name).contains(parts.get(1));
            }
        });
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void noPublicMethodTakesAnOptional() {
        codeUnits()
                .that()
                .haveModifier(PUBLIC)
                .should(takeNoOptional())
                .because("an overload or a @Nullable parameter says the same without a wrapper")
                .check(CLASSES);
    }

    @Test
    void noClassIsABagOfUtilities() {
        noClasses()
                .should()
                .haveNameMatching(".*Utils?(\\$.*)?")
                .because("a function lives beside the type that it is about")
                .check(CLASSES);
    }

    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() {
        Set<String> marked = allPackages().stream()
                .filter(p -> p.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .collect(Collectors.toSet());
        assertThat(packages())
                .as("packages with a package-info.java annotated @NullMarked")
                .isNotEmpty()
                .isSubsetOf(marked);
    }

    private static ArchCondition<JavaCodeUnit> takeNoOptional() {
        return new ArchCondition<>("take no Optional") {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                for (JavaClass type : unit.getRawParameterTypes()) {
                    boolean optional = type.isEquivalentTo(Optional.class)
                            || type.isEquivalentTo(OptionalInt.class)
                            || type.isEquivalentTo(OptionalLong.class)
                            || type.isEquivalentTo(OptionalDouble.class);
                    if (optional) {
                        events.add(SimpleConditionEvent.violated(
                                unit, unit.getFullName() + " takes an Optional " + unit.getSourceCodeLocation()));
                    }
                }
            }
        };
    }

    /** The names of all packages that hold classes. */
    private static Set<String> packages() {
        return CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
    }

    private static Set<JavaPackage> allPackages() {
        return CLASSES.getPackage(ROOT).getSubpackagesInTree();
    }
}
