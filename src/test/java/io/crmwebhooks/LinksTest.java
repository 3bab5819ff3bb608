package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every relative link of the pages leads to a file, and its anchor to a heading. */
class LinksTest {
  private static final Pattern LINK =
      Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$", Pattern.MULTILINE);

  @Test
  void of_the_repository() throws IOException {
    assertThat(pages(Path.of("."))).hasSizeGreaterThan(10);
    assertThat(broken(Path.of("."))).isEmpty();
  }

  @Test
  @Tag("packaged")
  void of_the_package_which_has_the_same_pages() throws IOException {
    Path folder = Path.of("target", "crm-webhooks");
    assertThat(pages(folder).stream().map(folder::relativize))
        .containsExactlyElementsOf(
            pages(Path.of(".")).stream().map(Path.of(".")::relativize).toList());
    assertThat(broken(folder)).isEmpty();
  }

  private static List<Path> pages(Path root) throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(root);
        Stream<Path> docs = Files.walk(root.resolve("docs"))) {
      Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages.stream().sorted().toList();
  }

  private static List<String> broken(Path root) throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages(root)) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        links++;
        Path target =
            link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
        boolean leads =
            Files.exists(target)
                && target.toAbsolutePath().normalize().startsWith(root.toAbsolutePath().normalize())
                && (link.group(2) == null || anchors(target).contains(link.group(2)));
        if (!leads) {
          broken.add(page + " " + link.group());
        }
      }
    }
    assertThat(links).isGreaterThan(50);
    return broken;
  }

  /** As GitHub makes them from headings. */
  private static List<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(MatchResult::group)
        .map(heading -> heading.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }
}
