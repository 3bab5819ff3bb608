package io.crmwebhooks.admin;

/** One operation of the API. Thread-safe. */
@FunctionalInterface
public interface Operation {
  /**
   * @throws Problem when the request is refused
   */
  Answer answer(Call call) throws Exception;
}
