package io.crmwebhooks.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.Test;

class GuardedTest {
  @Test
  void nothing_is_sent_behind_a_message_that_took_too_long() {
    List<Message> three = List.of(message("1"), message("2"), message("3"));
    List<Object> sent = new ArrayList<>();
    Guarded guarded = new Guarded(three, () -> sent.size() < 2);
    assertThatThrownBy(() -> guarded.forEach(each -> sent.add(each.getBody())))
        .hasMessageContaining("in time");
    assertThat(sent).containsExactly("1", "2");
  }

  private static Message message(String body) {
    Message message = new DefaultMessage(new DefaultCamelContext());
    message.setBody(body);
    return message;
  }
}
