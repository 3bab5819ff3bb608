package io.crmwebhooks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the picture in {@code docs/architecture.md}: the arrows between packages go one way. */
class ArchitectureTest {
  private static final String ROOT = "io.crmwebhooks";

  /** From the bottom up. Packages on one line do not know each other. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("domain", "jq", "verify"),
          List.of("settings"),
          List.of("database"),
          List.of("http", "routes"),
          List.of("secret"),
          List.of("pipeline"),
          List.of("observe"),
          List.of("admin"),
          List.of("kafka"),
          List.of("wiring"),
          List.of("demo"),
          List.of("cli"));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void a_package_knows_only_packages_below_it() {
    List<String> below = new ArrayList<>();
    for (List<String> floor : FLOORS) {
      for (String name : floor) {
        String[] known =
            Stream.concat(Stream.of(name), below.stream())
                .map(ArchitectureTest::of)
                .toArray(String[]::new);
        classes()
            .that()
            .resideInAPackage(of(name))
            .should()
            .onlyDependOnClassesThat(
                JavaClass.Predicates.resideOutsideOfPackage(ROOT + "..")
                    .or(JavaClass.Predicates.resideInAnyPackage(known)))
            .check(MAIN);
      }
      below.addAll(floor);
    }
  }

  @Test
  void every_package_has_its_floor() {
    classes()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .resideInAnyPackage(
            FLOORS.stream().flatMap(List::stream).map(ArchitectureTest::of).toArray(String[]::new))
        .check(MAIN);
  }

  @Test
  void no_files_know_each_other_in_a_circle() {
    slices().assignedFrom(new ByFile()).should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void the_domain_knows_neither_Camel_nor_SQL() {
    classes()
        .that()
        .resideInAPackage(of("domain"))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.lang..",
            "java.net..",
            "java.nio..",
            "java.security..",
            "java.time..",
            "java.util..",
            "java.math..",
            of("domain"))
        .check(MAIN);
  }

  private static String of(String name) {
    return ROOT + "." + name;
  }

  private static final class ByFile implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      if (!javaClass.getPackageName().startsWith(ROOT)) {
        return SliceIdentifier.ignore();
      }
      JavaClass file = javaClass;
      while (file.getEnclosingClass().isPresent()) {
        file = file.getEnclosingClass().get();
      }
      return SliceIdentifier.of(file.getName());
    }

    @Override
    public String getDescription() {
      return "files";
    }
  }
}
