package io.crmwebhooks.domain;

import java.time.Instant;

/**
 * One POST and how it ended.
 *
 * @param number from 1
 * @param durationMillis from connect to the last byte of the response
 * @param status null when no response came
 * @param error in words; null when the receiver accepted
 * @param response the beginning of the receiver's answer, at most 2 KiB; null when there is none
 */
public record Attempt(
    int number,
    Instant startedAt,
    long durationMillis,
    Integer status,
    String error,
    String response) {
  /** The same attempt as another delivery counts it. */
  Attempt numbered(int own) {
    return own == number
        ? this
        : new Attempt(own, startedAt, durationMillis, status, error, response);
  }
}
