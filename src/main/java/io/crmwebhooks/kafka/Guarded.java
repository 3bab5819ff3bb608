package io.crmwebhooks.kafka;

import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.camel.Message;

/**
 * Messages that are to be sent one after the other, for as long as they may be. A producer that
 * knows no broker waits for one with each message anew, and Camel goes on to the next one.
 *
 * @param mayGoOn asked before each; false ends the sending with an exception
 */
record Guarded(List<Message> messages, BooleanSupplier mayGoOn) implements Iterable<Message> {
  @Override
  public Iterator<Message> iterator() {
    Iterator<Message> each = messages.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return each.hasNext();
      }

      @Override
      public Message next() {
        if (!mayGoOn.getAsBoolean()) {
          throw new IllegalStateException("Kafka has not taken the messages in time");
        }
        return each.next();
      }
    };
  }
}
