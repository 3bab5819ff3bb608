package io.crmwebhooks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** A test that runs twice: each {@link PipelineFixture} in it is on PostgreSQL, then on Kafka. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(OnBothEngines.Each.class)
@interface OnBothEngines {
  /** The engine of the test that runs. */
  final class Each implements TestTemplateInvocationContextProvider {
    private static final boolean OTHERWISE = "kafka".equals(System.getProperty("test.engine"));

    private static boolean kafka = OTHERWISE;

    static boolean isKafka() {
      return kafka;
    }

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
      return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
        ExtensionContext context) {
      return Stream.of(new On(false), new On(true));
    }

    private record On(boolean isKafka) implements TestTemplateInvocationContext {
      @Override
      public String getDisplayName(int index) {
        return isKafka ? "kafka" : "postgresql";
      }

      @Override
      public List<Extension> getAdditionalExtensions() {
        BeforeEachCallback begin = context -> kafka = isKafka;
        AfterEachCallback end = context -> kafka = OTHERWISE;
        return List.of(begin, end);
      }
    }
  }
}
