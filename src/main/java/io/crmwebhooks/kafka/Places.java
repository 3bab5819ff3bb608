package io.crmwebhooks.kafka;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.stream.LongStream;

/**
 * Offsets in all partitions of a topic, as a text that can stand in a URL: some 6 characters each.
 */
final class Places {
  private static final int SEVEN_BITS = 0x7f;
  private static final int LONGEST = 100_000;

  private Places() {}

  static String text(long... offsets) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (long offset : offsets) {
      long left = offset;
      while (left > SEVEN_BITS) {
        bytes.write((int) (left & SEVEN_BITS) | SEVEN_BITS + 1);
        left >>>= 7;
      }
      bytes.write((int) left);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /**
   * @throws IllegalArgumentException when it is no such text
   */
  static long[] of(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException("too long");
    }
    LongStream.Builder offsets = LongStream.builder();
    long offset = 0;
    int shift = 0;
    for (byte each : Base64.getUrlDecoder().decode(text)) {
      if (shift > 56) {
        throw new IllegalArgumentException("too large an offset");
      }
      offset |= (long) (each & SEVEN_BITS) << shift;
      shift += 7;
      if (each >= 0) {
        offsets.add(offset);
        offset = 0;
        shift = 0;
      }
    }
    if (shift != 0) {
      throw new IllegalArgumentException("it is cut");
    }
    return offsets.build().toArray();
  }
}
