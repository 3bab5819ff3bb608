package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.openqa.selenium.Alert;
import org.openqa.selenium.By;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * The machine's Chromium without a window, used as a person would: by what is written on things. It
 * resolves no host name, so whatever a page would load from elsewhere fails and is told by {@link
 * #complaints}. Where there is no Chromium, the tests are skipped.
 */
final class Browser implements AutoCloseable {
  static final Path SCREENSHOTS = Path.of("target/screenshots");
  private static final String MISSING =
      "the console is not tested: there is no %s on the PATH (apt-get install chromium chromium-driver)";

  /** A zone that is neither UTC nor the one of the build. */
  static final String ZONE = "America/St_Johns";

  private final ChromeDriver driver;
  private final String axe = axe();

  private Browser(ChromeDriver driver) {
    this.driver = driver;
    driver.executeCdpCommand("Emulation.setTimezoneOverride", Map.of("timezoneId", ZONE));
    size(1280, 900);
  }

  /** Starts it, or skips the calling test. */
  static Browser start() {
    Optional<Path> chromium = onPath("chromium", "chromium-browser", "google-chrome");
    Optional<Path> driver = onPath("chromedriver");
    assumeTrue(chromium.isPresent(), MISSING.formatted("chromium"));
    assumeTrue(driver.isPresent(), MISSING.formatted("chromedriver"));
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.get().toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--hide-scrollbars",
        "--lang=en-GB",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(driver.get().toFile())
            .usingAnyFreePort()
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<Path> onPath(String... names) {
    return Arrays.stream(names)
        .flatMap(
            name ->
                Arrays.stream(System.getenv("PATH").split(":"))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String axe() {
    try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void open(String url) {
    driver.get("about:blank"); // else a change of the fragment would not load anything
    driver.get(url);
  }

  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 700));
    settle();
  }

  /** Waits until what has been asked for is drawn. */
  private void settle() {
    driver.executeAsyncScript(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))");
  }

  void scheme(String lightOrDark) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", lightOrDark))));
  }

  /** Waits for the browser's own question, and answers it. */
  String answer(boolean yes) {
    Alert question =
        soon()
            .ignoreException(NoAlertPresentException.class)
            .until(() -> driver.switchTo().alert(), a -> true);
    String text = question.getText();
    if (yes) {
      question.accept();
    } else {
      question.dismiss();
    }
    return text;
  }

  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  String hash() {
    return (String) run("return location.hash");
  }

  /** The readable text of the page, with its dialogs and passing messages. */
  String text() {
    return (String) run("return document.body.innerText");
  }

  /** Waits until all of it can be read. */
  void see(String... texts) {
    soon().untilAsserted(() -> assertThat(text()).contains(texts));
  }

  WebElement find(String css) {
    return soon().until(() -> shown(By.cssSelector(css)), Optional::isPresent).get();
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  private Optional<WebElement> shown(By by) {
    try {
      return driver.findElements(by).stream().filter(WebElement::isDisplayed).findFirst();
    } catch (WebDriverException e) { // replaced at this moment
      return Optional.empty();
    }
  }

  /** Clicks on the button, link, choice or summary that says this. */
  void click(String text) {
    String has = "[normalize-space()='" + text + "']";
    By by = By.xpath("//button%1$s | //a%1$s | //summary%1$s | //label%1$s".formatted(has));
    soon()
        .until(
            () -> {
              try {
                Optional<WebElement> element = shown(by).filter(WebElement::isEnabled);
                element.ifPresent(WebElement::click);
                return element.isPresent();
              } catch (WebDriverException e) { // covered or replaced at this moment
                return false;
              }
            });
  }

  boolean offers(String button) {
    return shown(By.xpath("//*[self::button or self::a][normalize-space()='" + button + "']"))
        .filter(WebElement::isEnabled)
        .isPresent();
  }

  WebElement field(String label) {
    By by = By.xpath("//*[@id=//label[normalize-space()='" + label + "']/@for]");
    return soon().until(() -> shown(by), Optional::isPresent).get();
  }

  /** Writes into the field with this label, instead of what it has. */
  void fill(String label, String text) {
    WebElement field = field(label);
    field.clear();
    field.sendKeys(text);
  }

  void choose(String label, String option) {
    WebElement field = field(label);
    field.findElement(By.xpath("option[normalize-space()='" + option + "']")).click();
  }

  /**
   * The complaints of the browser since the last call: errors of scripts, violations of the
   * Content-Security-Policy, failed requests.
   *
   * @param expected parts of what a test has brought about
   */
  List<String> complaints(String... expected) {
    return StreamSupport.stream(driver.manage().logs().get(LogType.BROWSER).spliterator(), false)
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(entry -> entry.getMessage())
        .filter(message -> Stream.of(expected).noneMatch(message::contains))
        .toList();
  }

  /**
   * The barriers for people with disabilities that axe-core finds: its rule, and the place. Three
   * rows of a table stand for all.
   */
  List<String> barriers() {
    driver.executeScript(axe);
    @SuppressWarnings("unchecked")
    List<String> found =
        (List<String>)
            driver.executeAsyncScript(
                """
                const done = arguments[arguments.length - 1];
                axe.run({ exclude: ['tbody tr:nth-child(n+4)'] }, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.flatMap(({ id, nodes }) =>
                  nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.any.concat(node.all, node.none).map((one) => one.message).join('; ')})`))));
                """);
    return found;
  }

  /** Keeps a picture of the page, up to where a long list says nothing new. */
  void screenshot(String name) {
    run("scrollTo(0, 0)");
    settle();
    @SuppressWarnings("unchecked")
    Map<String, Object> taken =
        driver.executeCdpCommand(
            "Page.captureScreenshot",
            Map.of(
                "captureBeyondViewport",
                true,
                "clip",
                run(
                    "const { scrollWidth, scrollHeight } = document.documentElement;"
                        + "return { x: 0, y: 0, width: scrollWidth, height: Math.min(scrollHeight, 2500), scale: 1 }")));
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(
          SCREENSHOTS.resolve(name + ".png"),
          Base64.getDecoder().decode((String) taken.get("data")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
