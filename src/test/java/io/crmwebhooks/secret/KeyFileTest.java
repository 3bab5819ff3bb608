package io.crmwebhooks.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  @TempDir private Path folder;

  @Test
  void is_made_with_its_folder_for_its_owner_alone() throws IOException {
    Path path = folder.resolve("new/data/secrets.key");
    KeyFile file = new KeyFile(path);
    assertThat(file.read()).isEmpty();
    StorageKey key = StorageKey.generate();
    file.append(key);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(file.isOpenToOthers()).isFalse();
    assertThat(file.read()).extracting(StorageKey::id).containsExactly(key.id());
    try (Stream<Path> left = Files.list(path.getParent())) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("secrets.key", "secrets.key.lock");
    }
  }

  @Test
  void keeps_what_stands_in_it_when_a_key_is_added() throws IOException {
    StorageKey first = StorageKey.generate();
    Path path = Files.writeString(folder.resolve("k"), "# mine\n\n  " + first.base64() + "  ");
    StorageKey second = StorageKey.generate();
    new KeyFile(path).append(second);
    assertThat(Files.readAllLines(path)).first().isEqualTo("# mine");
    assertThat(new KeyFile(path).read())
        .extracting(StorageKey::id)
        .containsExactly(first.id(), second.id());
  }

  @Test
  void loses_no_key_when_several_add_one_at_once() throws Exception {
    KeyFile file = new KeyFile(folder.resolve("k"));
    List<StorageKey> keys = IntStream.range(0, 40).mapToObj(i -> StorageKey.generate()).toList();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Object>> additions =
          keys.stream()
              .map(
                  key ->
                      (Callable<Object>)
                          () -> {
                            file.append(key);
                            return null;
                          })
              .toList();
      for (Future<Object> done : threads.invokeAll(additions)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(file.read())
        .extracting(StorageKey::id)
        .containsExactlyInAnyOrderElementsOf(keys.stream().map(StorageKey::id).toList());
  }

  @Test
  void a_link_to_the_file_stays_a_link() throws IOException {
    Path real = Files.createFile(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    new KeyFile(link).append(StorageKey.generate());
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(new KeyFile(real).read()).hasSize(1);
  }

  @Test
  void a_broken_line_is_named_by_its_number_and_not_repeated() throws IOException {
    Path path = Files.writeString(folder.resolve("k"), "# keys\nhalfakey\n");
    assertThatThrownBy(() -> new KeyFile(path).read())
        .hasMessageContaining("line 2")
        .message()
        .doesNotContain("halfakey");
  }

  @Test
  void tells_when_others_may_read_it() throws IOException {
    Path path = Files.writeString(folder.resolve("k"), "");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(new KeyFile(path).isOpenToOthers()).isTrue();
  }
}
