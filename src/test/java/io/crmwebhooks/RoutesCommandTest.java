package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code crm-webhooks routes}, on files that somebody has edited. */
class RoutesCommandTest {
  @TempDir private Path folder;

  private static Cli on(EditedRoutes routes) {
    Map<String, String> environment = new HashMap<>();
    // a database that nobody could reach
    environment.put("WEBHOOKS_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/none");
    routes
        .settings()
        .forEach((name, value) -> environment.put(name.toUpperCase().replace('.', '_'), value));
    return new Cli(environment);
  }

  @Test
  void check_and_diff_say_what_is_wrong_and_what_is_edited() throws IOException {
    EditedRoutes routes = EditedRoutes.in(folder);
    Cli cli = on(routes);
    assertThat(cli.run("routes", "diff").code()).isZero();
    Cli.Ran sound = cli.run("routes", "check");
    assertThat(sound.code()).as(sound.toString()).isZero();
    assertThat(sound.out()).isEqualTo("all routes are sound" + System.lineSeparator());

    routes.replace("30-deliver-webhook.camel.yaml", "httpMethod: POST", "httpMethd: POST");
    routes.customise("- stop: {}\n");
    Cli.Ran check = cli.run("routes", "check");
    assertThat(check.code()).isEqualTo(2);
    assertThat(check.out())
        .matches(
            "\\S+/30-deliver-webhook.camel.yaml:\\d+: the component http has no option httpMethd; is it httpMethod\\?\\R");
    Cli.Ran diff = cli.run("routes", "diff");
    assertThat(diff.code()).isEqualTo(6);
    assertThat(diff.out())
        .contains("+++ " + folder + "/30-deliver-webhook.camel.yaml")
        .contains("-                      httpMethod: POST")
        .contains("+                      httpMethd: POST")
        .contains("+++ " + folder + "/custom/customise-change.camel.yaml")
        .contains("+        - stop: {}");
  }
}
