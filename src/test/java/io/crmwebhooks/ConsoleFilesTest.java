package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the console over HTTP; what they do is for {@link ConsoleTest}. */
class ConsoleFilesTest {
  private static final Path SOURCES = Path.of("src/main/resources/console");
  private static PipelineFixture pipeline;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    pipeline = new PipelineFixture().start();
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  private static HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(pipeline.url() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({
    "/,text/html; charset=utf-8,<title>crm-webhooks</title>",
    "/console/main.js,text/javascript; charset=utf-8,import",
    "/console/pages/login.js,text/javascript; charset=utf-8,API token",
    "/console/console.css,text/css; charset=utf-8,prefers-color-scheme",
    "/console/icon.svg,image/svg+xml,<svg",
    "/console/vendor/chart.umd.min.js,text/javascript; charset=utf-8,Chart.js v",
  })
  void the_console_needs_no_token(String path, String type, String content) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains(type);
    assertThat(response.body()).contains(content);
  }

  @Test
  void a_file_that_a_browser_has_is_not_sent_again() throws Exception {
    HttpResponse<String> first = get("/console/main.js");
    assertThat(first.headers().allValues("Cache-Control")).containsExactly("no-cache");
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> again = get("/console/main.js", "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(get("/console/main.js", "If-None-Match", "\"older\"").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console",
        "/console/",
        "/console/pages",
        "/console/nothing.js",
        "/console/../logback.xml",
        "/console/%2e%2e/openapi.js",
        "/console/..%2fapplication.properties",
        "/console//main.js/../../version.properties",
        "/console/vendor/../../sql/redeliver.sql",
        "/index.html"
      })
  void nothing_else_of_the_program_is_served(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
  }

  @Test
  void no_script_or_style_is_inline_and_no_text_can_become_a_page() throws Exception {
    assertThat(get("/").headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .contains("script-src 'self'")
        .contains("style-src 'self'")
        .contains("require-trusted-types-for 'script'")
        .doesNotContain("unsafe");
  }

  @Test
  void nothing_of_the_console_makes_markup_of_data_or_loads_from_elsewhere() throws IOException {
    Pattern markup =
        Pattern.compile(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|srcdoc|\\beval\\b|new Function|localStorage");
    Pattern elsewhere = Pattern.compile("(?:src|href|from|import|url)\\W+https?:");
    List<Path> files;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files)
        .hasSizeGreaterThan(20)
        .allSatisfy(
            file ->
                assertThat(Files.readString(file))
                    .doesNotContainPattern(markup)
                    .doesNotContainPattern(elsewhere));
  }
}
