package io.crmwebhooks.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The numbers of a process, from Linux. */
final class ProcFs {
  private static final double TICKS_A_SECOND = 100; // USER_HZ, the same on all Linux of today

  private ProcFs() {}

  /** CPU seconds, user and system, of all threads of a process. */
  static double cpuSeconds(long pid) {
    String[] stat = stat(pid);
    return (Long.parseLong(stat[11]) + Long.parseLong(stat[12])) / TICKS_A_SECOND;
  }

  /** The same with the children of a process, those that have ended included. */
  static double cpuSecondsOfFamily(long pid) {
    String[] stat = stat(pid);
    double ended = (Long.parseLong(stat[13]) + Long.parseLong(stat[14])) / TICKS_A_SECOND;
    return cpuSeconds(pid)
        + ended
        + ProcessHandle.of(pid).stream()
            .flatMap(ProcessHandle::children)
            .mapToDouble(child -> cpuSecondsOrNone(child.pid()))
            .sum();
  }

  private static double cpuSecondsOrNone(long pid) {
    try {
      return cpuSeconds(pid);
    } catch (UncheckedIOException e) { // it has just ended
      return 0;
    }
  }

  /** The most memory that a process has held, in MiB. */
  static long peakMemory(long pid) {
    String peak =
        read(Path.of("/proc", Long.toString(pid), "status"))
            .lines()
            .filter(line -> line.startsWith("VmHWM:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(peak.replaceAll("\\D", "")) / 1024;
  }

  /** The fields of stat after the command's name, which may hold blanks; field 3 is at 0. */
  private static String[] stat(long pid) {
    String line = read(Path.of("/proc", Long.toString(pid), "stat"));
    return line.substring(line.lastIndexOf(')') + 2).split(" ");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
