// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;

/**
 * Which module may know what. Dependencies go one way, gateways and admin to core, engines to core,
 * and only the server sees everything; a broken rule fails the build with its reason.
 *
 * <p>The test is in the server because this is the only module with all the others on its class
 * path.
 */
@AnalyzeClasses(packages = "io.dragoman", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String CORE = "io.dragoman.core..";
  private static final String ENGINES = "io.dragoman.engine..";
  private static final String TRANSPORT = "io.dragoman.transport..";
  private static final String SECURITY = "io.dragoman.security..";
  private static final String JSON = "io.dragoman.json..";
  private static final String LUA = "io.dragoman.lua..";
  private static final String GATEWAYS = "io.dragoman.gateway..";
  private static final String ADMIN = "io.dragoman.admin..";
  private static final String SERVER = "io.dragoman.server..";
  private static final String TESTKIT = "io.dragoman.testkit..";

  /** The root package of every module, for the rule about internal packages. */
  private static final List<String> MODULES =
      List.of(
          "io.dragoman.core",
          "io.dragoman.engine.embedded",
          "io.dragoman.transport",
          "io.dragoman.security",
          "io.dragoman.gateway.kubemq",
          "io.dragoman.gateway.eventhub",
          "io.dragoman.gateway.connmix",
          "io.dragoman.json",
          "io.dragoman.lua",
          "io.dragoman.admin",
          "io.dragoman.server",
          "io.dragoman.testkit");

  @ArchTest
  static final ArchRule coreShouldDependOnNothingButJavaAndItsTwoApis =
      classes()
          .that()
          .resideInAPackage(CORE)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "org.slf4j..", "org.jspecify..", CORE)
          .because(
              "the core is the broker's own model and rules: a network, disk or format library in"
                  + " it would reach every module and could never be exchanged");

  @ArchTest
  static final ArchRule onlyTheEmbeddedEngineShouldKnowRocksDb =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.dragoman.engine.embedded..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..")
          .because("another engine must be able to take its place without a change elsewhere");

  @ArchTest
  static final ArchRule onlyTheNetworkSideShouldKnowNetty =
      noClasses()
          .that()
          .resideOutsideOfPackages(TRANSPORT, JSON, GATEWAYS, ADMIN, SERVER)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..")
          .because("bodies cross into the core as bytes that nobody has to release");

  @ArchTest
  static final ArchRule gatewaysShouldNotKnowEngines =
      noClasses()
          .that()
          .resideInAPackage(GATEWAYS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, SERVER)
          .because(
              "a gateway translates a protocol to the core and back, whatever keeps the messages");

  @ArchTest
  static final ArchRule gatewaysShouldNotKnowEachOther =
      slices()
          .matching("io.dragoman.gateway.(*)..")
          .should()
          .notDependOnEachOther()
          .because("protocols meet in the core, where a rule holds for all of them");

  @ArchTest
  static final ArchRule adminShouldKnowNeitherEnginesNorGateways =
      noClasses()
          .that()
          .resideInAPackage(ADMIN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, GATEWAYS, SERVER)
          .because("what an operator sees and does goes through the core, as everybody's does");

  @ArchTest
  static final ArchRule onlyTheServerShouldKnowEngines =
      noClasses()
          .that()
          .resideOutsideOfPackages(ENGINES, SERVER)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ENGINES)
          .because("the server chooses the engine; everyone else gets it as the core's SPI");

  @ArchTest
  static final ArchRule enginesShouldKnowOnlyTheCore =
      noClasses()
          .that()
          .resideInAPackage(ENGINES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRANSPORT, GATEWAYS, ADMIN, SERVER, TESTKIT)
          .because("an engine keeps messages and does not know who asks for them");

  @ArchTest
  static final ArchRule transportShouldKnowNoProtocolOfOurs =
      noClasses()
          .that()
          .resideInAPackage(TRANSPORT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, GATEWAYS, ADMIN, SERVER, TESTKIT)
          .because(
              "every protocol is mounted on it; what one of them needs belongs into its gateway");

  @ArchTest
  static final ArchRule securityShouldKnowNoProtocol =
      noClasses()
          .that()
          .resideInAPackage(SECURITY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, TRANSPORT, GATEWAYS, ADMIN, SERVER, TESTKIT)
          .because("whom a token lets in is the same whatever the token came over");

  @ArchTest
  static final ArchRule jsonShouldKnowNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage(JSON)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CORE, ENGINES, TRANSPORT, SECURITY, GATEWAYS, ADMIN, SERVER, TESTKIT)
          .because("it is a tool of gateways, with no meaning of its own");

  @ArchTest
  static final ArchRule luaShouldKnowNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage(LUA)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              CORE, ENGINES, TRANSPORT, SECURITY, JSON, GATEWAYS, ADMIN, SERVER, TESTKIT)
          .because("a script is run for connections, whatever they are and whoever holds them");

  @ArchTest
  static final ArchRule onlyTheHandlersOfScriptsShouldKnowLua =
      noClasses()
          .that()
          .resideOutsideOfPackages(LUA, "io.dragoman.gateway.connmix.client.internal..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(LUA)
          .because(
              "nothing of it is to be loaded, or need be there, unless a script is configured");

  @ArchTest
  static final ArchRule onlyLuaShouldKnowItsLibrary =
      noClasses()
          .that()
          .resideOutsideOfPackage(LUA)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("party.iroiro..")
          .because("another interpreter must be able to take its place without a change elsewhere");

  @ArchTest
  static final ArchRule onlyTheHandlersOfScriptsShouldKnowRedis =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.dragoman.gateway.connmix.client.internal..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("redis.clients..", "org.apache.commons.pool2..")
          .because("nothing of it is to be loaded, or need be there, unless it is configured");

  @ArchTest
  static final ArchRule theTestkitShouldKnowOnlyTheCore =
      noClasses()
          .that()
          .resideInAPackage(TESTKIT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ENGINES, TRANSPORT, GATEWAYS, ADMIN, SERVER)
          .because("one contract suite must fit every engine, including one written elsewhere");

  @ArchTest
  static final ArchRule internalPackagesShouldBeUsedByTheirOwnModuleOnly =
      classes()
          .that()
          .resideInAPackage("io.dragoman..internal..")
          .should(haveDependentsInTheSameModuleOnly())
          .because("what is public in an internal package is public only for its own siblings");

  @ArchTest
  static final ArchRule onlyTheCommandLineShouldWriteToStandardStreams =
      noClasses()
          .that()
          .resideOutsideOfPackages(SERVER, TESTKIT)
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .because("output belongs to the command that was run; a module logs");

  private static ArchCondition<JavaClass> haveDependentsInTheSameModuleOnly() {
    return new ArchCondition<>("be used by their own module only") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        DescribedPredicate<JavaClass> sameModule = sameModuleAs(item);
        item.getDirectDependenciesToSelf().stream()
            .filter(dependency -> !sameModule.test(dependency.getOriginClass()))
            .forEach(
                dependency ->
                    events.add(
                        SimpleConditionEvent.violated(dependency, dependency.getDescription())));
      }
    };
  }

  private static DescribedPredicate<JavaClass> sameModuleAs(JavaClass item) {
    String module =
        MODULES.stream()
            .filter(root -> isInside(item, root))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("no module in the list of this test has " + item));
    return DescribedPredicate.describe("in " + module, other -> isInside(other, module));
  }

  private static boolean isInside(JavaClass item, String root) {
    return item.getPackageName().equals(root) || item.getPackageName().startsWith(root + ".");
  }
}
