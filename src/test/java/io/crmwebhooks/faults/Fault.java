package io.crmwebhooks.faults;

import java.time.Duration;
import java.util.Random;

/** Something that happens to the program, its database or its receivers. */
enum Fault {
  ONE_KILLED("one of three processes is killed every few seconds") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      return repeat(
          length,
          random,
          () -> {
            int node = scene.nodes.next();
            scene.nodes.kill(node);
            scene.noteInFlight();
            scene.nodes.start(node);
          });
    }
  },
  ALL_KILLED("all processes are killed at once") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      return repeat(
          length,
          random,
          () -> {
            scene.awaitDeliveries();
            pass(Duration.ofMillis(random.nextInt(1000)));
            scene.nodes.killAll();
            scene.noteInFlight();
            scene.nodes.startAll();
          });
    }
  },
  ONE_FROZEN("a process stands still until others have taken over its work, and goes on") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      int node = scene.nodes.next();
      scene.nodes.signal(node, "STOP");
      scene.noteInFlight();
      pass(length);
      scene.nodes.signal(node, "CONT");
      return 1;
    }
  },
  DATABASE_KILLED("PostgreSQL is killed and started again") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      return repeat(
          length,
          random,
          () -> {
            scene.allowAllThatFits();
            scene.postgres.kill();
            scene.postgres.restart();
          });
    }
  },
  DATABASE_SILENT("the database cannot be reached: nothing comes back") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      return last(scene, length, () -> scene.wire.silence(), () -> scene.wire.open());
    }
  },
  DATABASE_REFUSED("the database cannot be reached: connections are reset and refused") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      return last(scene, length, () -> scene.wire.refuse(), () -> scene.wire.open());
    }
  },
  DISK_FULL("the disk of the database is full: nothing can be written") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      return last(scene, length, () -> scene.disk.setFull(true), () -> scene.disk.setFull(false));
    }
  },
  RUDE_RECEIVER("the receiver is rude to every fifth request, in ten ways") {
    @Override
    int strike(Scene scene, Duration length, Random random) {
      int before = scene.receiver.done().values().stream().mapToInt(Integer::intValue).sum();
      scene.receiver.beRude(0.2);
      pass(length);
      scene.receiver.beRude(0);
      return scene.receiver.done().values().stream().mapToInt(Integer::intValue).sum() - before;
    }
  };

  private static final int MEAN_PAUSE_MILLIS = 2500;

  private final String words;

  Fault(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  /**
   * Strikes for as long as it is told to, and ends.
   *
   * @return how often
   */
  abstract int strike(Scene scene, Duration length, Random random);

  /** One that begins, lasts for as long as it is told to, and ends. */
  private static int last(Scene scene, Duration length, Runnable begin, Runnable end) {
    scene.allowAllThatFits();
    begin.run();
    pass(length);
    end.run();
    return 1;
  }

  /** At moments that nothing in the program leads to; once at least. */
  private static int repeat(Duration length, Random random, Runnable strike) {
    long end = System.nanoTime() + length.toNanos();
    int strikes = 0;
    do {
      pass(Duration.ofMillis(MEAN_PAUSE_MILLIS / 2 + random.nextInt(MEAN_PAUSE_MILLIS)));
      strike.run();
      strikes++;
    } while (System.nanoTime() - end < 0);
    return strikes;
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
