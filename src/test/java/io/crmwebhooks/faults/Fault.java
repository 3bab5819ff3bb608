package io.crmwebhooks.faults;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Something that happens to the program, its database or its receivers. */
enum Fault {
  // of both engines
  ONE_KILLED(
      "one of three processes is killed every few seconds",
      repeated(
          (scene, random) -> {
            int node = scene.nodes.next();
            scene.nodes.kill(node);
            scene.noteInFlight(1);
            scene.nodes.start(node);
          })),
  ALL_KILLED(
      "all processes are killed at once",
      repeated(
          (scene, random) -> {
            scene.awaitDeliveries();
            pass(Duration.ofMillis(random.nextInt(1000)));
            scene.nodes.killAll();
            scene.noteInFlight(scene.nodes.count());
            scene.nodes.startAll();
          })),
  ONE_STOPPED(
      "one of three processes is stopped in order and started again every few seconds",
      repeated(
          (scene, random) -> {
            int node = scene.nodes.next();
            scene.noteInFlight(1);
            scene.nodes.stop(node);
            scene.nodes.start(node);
          })),
  ONE_FROZEN(
      "a process stands still until others have taken over its work, and goes on",
      (scene, length, random) -> {
        int node = scene.nodes.next();
        scene.nodes.signal(node, "STOP");
        scene.noteInFlight(1);
        pass(length);
        scene.nodes.signal(node, "CONT");
        return 1;
      }),
  DATABASE_KILLED(
      "PostgreSQL is killed and started again",
      repeated(
          (scene, random) -> {
            scene.allowAllThatFits();
            scene.postgres.kill();
            scene.postgres.restart();
          })),
  DATABASE_SILENT(
      "the database cannot be reached: nothing comes back",
      lasting(scene -> scene.wire.silence(), scene -> scene.wire.open())),
  DATABASE_REFUSED(
      "the database cannot be reached: connections are reset and refused",
      lasting(scene -> scene.wire.refuse(), scene -> scene.wire.open())),
  DISK_FULL(
      "the disk of the database is full: nothing can be written",
      lasting(scene -> scene.disk.setFull(true), scene -> scene.disk.setFull(false))),
  RUDE_RECEIVER(
      "the receiver is rude to every fifth request, in ten ways",
      (scene, length, random) -> {
        int before = scene.receiver.done().values().stream().mapToInt(Integer::intValue).sum();
        scene.receiver.beRude(0.2);
        pass(length);
        scene.receiver.beRude(0);
        return scene.receiver.done().values().stream().mapToInt(Integer::intValue).sum() - before;
      }),
  // of Kafka
  BROKER_KILLED(
      "the broker is killed and started again",
      repeated(
          (scene, random) -> {
            scene.allowAllThatFits();
            scene.broker.kill();
            scene.broker.restart();
          })),
  BROKER_AWAY(
      "the broker is killed, and nobody starts it again for long",
      lasting(scene -> scene.broker.kill(), scene -> scene.broker.restart())),
  BROKER_AND_ONE_KILLED(
      "the broker and one of three processes are killed at once",
      repeated(
          (scene, random) -> {
            scene.awaitDeliveries();
            scene.allowAllThatFits();
            int node = scene.nodes.next();
            scene.broker.kill();
            scene.nodes.kill(node);
            scene.broker.restart();
            scene.nodes.start(node);
          })),
  BROKER_FROZEN(
      "the broker stands still",
      lasting(
          scene -> Nodes.signal(scene.broker.pid(), "STOP"),
          scene -> Nodes.signal(scene.broker.pid(), "CONT")));

  /** Those that can happen where the engine is PostgreSQL. */
  static final Set<Fault> ON_POSTGRESQL = EnumSet.range(ONE_KILLED, RUDE_RECEIVER);

  private static final int MEAN_PAUSE_MILLIS = 2500;

  /** Strikes for as long as it is told to, and says how often. */
  private interface Strike {
    int on(Scene scene, Duration length, Random random);
  }

  private final String words;
  private final Strike strike;

  Fault(String words, Strike strike) {
    this.words = words;
    this.strike = strike;
  }

  String words() {
    return words;
  }

  /**
   * Strikes for as long as it is told to, and ends.
   *
   * @return how often
   */
  int strike(Scene scene, Duration length, Random random) {
    return strike.on(scene, length, random);
  }

  /** One that begins once, lasts and ends. */
  private static Strike lasting(Consumer<Scene> begin, Consumer<Scene> end) {
    return (scene, length, random) -> {
      scene.allowAllThatFits();
      begin.accept(scene);
      pass(length);
      end.accept(scene);
      return 1;
    };
  }

  /** At moments that nothing in the program leads to; once at least. */
  private static Strike repeated(BiConsumer<Scene, Random> strike) {
    return (scene, length, random) -> {
      long end = System.nanoTime() + length.toNanos();
      int strikes = 0;
      do {
        pass(Duration.ofMillis(MEAN_PAUSE_MILLIS / 2 + random.nextInt(MEAN_PAUSE_MILLIS)));
        strike.accept(scene, random);
        strikes++;
      } while (System.nanoTime() - end < 0);
      return strikes;
    };
  }

  /** A fault lasts for a time, and this is it. */
  private static void pass(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
