package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.CustomHeaders;
import io.crmwebhooks.http.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The message of a delivery as steps have left it: the body, its type, the target and the headers
 * to send. Immutable.
 *
 * @param body null: the delivery is left out
 * @param url null: that of the webhook
 * @param contentType null: that of the webhook's format
 */
record SteppedMessage(String body, String url, String contentType, Map<String, String> headers) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_URL = 2000;

  /**
   * Reads a message.
   *
   * @param mostBytes of the body
   * @throws IllegalArgumentException when it cannot be sent, with the header or what the body is
   */
  static SteppedMessage of(Message message, int mostBytes) {
    String body = read(message.getBody(), mostBytes);
    if (body == null) {
      return new SteppedMessage(null, null, null, Map.of());
    }
    Map<String, String> headers = new LinkedHashMap<>();
    message.getHeaders().forEach((name, value) -> put(headers, name, value));
    String type = header(Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE));
    return new SteppedMessage(
        body,
        header(Exchange.HTTP_URI, message.getHeader(Exchange.HTTP_URI)),
        type == null ? null : CustomHeaders.checkedContentType(type),
        CustomHeaders.of(headers).asMap());
  }

  /** Camel's own headers steer routes, and those of traces are of the step that was taken last. */
  private static void put(Map<String, String> headers, String name, Object value) {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean ours = lower.startsWith("camel") || lower.startsWith("org.apache.camel.");
    if (!ours
        && value != null
        && !lower.equals("content-type")
        && !SignWebhook.TRACE_HEADERS.contains(lower)) {
      headers.put(name, header(name, value));
    }
  }

  private static String header(String name, Object value) {
    if (value == null
        || value instanceof CharSequence
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof UUID) {
      return value == null ? null : value.toString();
    }
    throw new IllegalArgumentException(
        "header '%s' is a %s, but must be a text".formatted(name, value.getClass().getName()));
  }

  private static IllegalArgumentException tooLong(int mostBytes) {
    return new IllegalArgumentException(
        "the body is larger than webhooks.poll.record-bytes, %d bytes".formatted(mostBytes));
  }

  private static String read(Object body, int mostBytes) {
    try {
      if (body == null || body instanceof String) {
        return (String) body;
      }
      if (body instanceof Map || body instanceof Collection || body instanceof JsonNode) {
        return JSON.writeValueAsString(body);
      }
      if (body instanceof byte[] bytes) {
        return utf8(bytes);
      }
      if (body instanceof InputStream stream) {
        byte[] bytes = stream.readNBytes(mostBytes + 1);
        if (bytes.length > mostBytes) {
          throw tooLong(mostBytes);
        }
        return utf8(bytes);
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the body is no text in UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the body cannot be written as JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("the body cannot be read: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "the body is a %s, but must be a text, bytes of one, a map or a list"
            .formatted(body.getClass().getName()));
  }

  private static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * The delivery as it is sent now; the same one where nothing differs.
   *
   * @param offered the body that the steps were given
   * @param mostBytes of another body
   * @throws IllegalArgumentException when the body is too large or cannot be kept, or the target is
   *     no URL to send to
   */
  Delivery made(Delivery delivery, String offered, int mostBytes) {
    if (body == null) {
      return delivery.as(new Delivery.Content(null, Request.SAME));
    }
    boolean same = body.equals(offered);
    Request request = request(delivery.webhook());
    return same && request.equals(Request.SAME)
        ? delivery
        : delivery.as(
            new Delivery.Content(
                same ? delivery.body() : checkedBody(delivery, mostBytes), request));
  }

  private byte[] checkedBody(Delivery delivery, int mostBytes) {
    if (!StorableText.isOne(body)) {
      throw new IllegalArgumentException(
          "the body holds a NUL, half of a character, or one that the database cannot keep");
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > mostBytes) {
      throw tooLong(mostBytes);
    }
    return delivery.webhook().limits().batching().isArray()
        ? asElement(delivery).getBytes(StandardCharsets.UTF_8)
        : bytes;
  }

  /**
   * In an array the id of an element is its delivery's, in place of one that the steps give. A body
   * that is no JSON goes by itself, as it is.
   */
  private String asElement(Delivery delivery) {
    JsonNode made = Facts.read(body);
    return made.has("id") ? Facts.text(CustomBody.withId(made, delivery.id())) : body;
  }

  private Request request(Webhook webhook) {
    String own = webhook.destination().url();
    boolean same = url == null || url.equals(own);
    return new Request(
        same ? null : url,
        same ? null : elsewhere(own),
        webhook.form().contentType().equals(contentType) ? null : contentType,
        headers);
  }

  /** The endpoint of the URL; null where it is that of the webhook. */
  private String elsewhere(String own) {
    if (url.length() > LONGEST_URL) {
      throw new IllegalArgumentException(
          "header 'CamelHttpUri' is longer than " + LONGEST_URL + " characters");
    }
    String named;
    try {
      Target target = Target.parse(url);
      if (target.isRoute()) { // by a label, say, whose owner may not name one
        throw new IllegalArgumentException("only a webhook itself may lead to a route");
      }
      named = target.endpoint();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("header 'CamelHttpUri': " + e.getMessage(), e);
    }
    try {
      return Target.parse(own).endpoint().equals(named) ? null : named;
    } catch (IllegalArgumentException e) { // stored past the check of saving
      return named;
    }
  }
}
