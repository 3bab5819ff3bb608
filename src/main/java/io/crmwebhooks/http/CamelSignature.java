package io.crmwebhooks.http;

import java.io.ByteArrayInputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.crypto.DigitalSignatureConfiguration;
import org.apache.camel.component.crypto.DigitalSignatureConstants;
import org.apache.camel.component.crypto.processor.SigningProcessor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/**
 * Signs with a private key by camel-crypto, whose processor signs the body of an exchange. It is
 * given an exchange of its own: in a route, as {@code crypto:sign}, it would want id, time and body
 * in the place of the body that is to be sent, and the key of each webhook in a header, where
 * routes log, trace and send what they find. Thread-safe.
 */
final class CamelSignature {
  /** Made when something is signed: commands only check keys, and need none. */
  private static final class Unstarted {
    static final CamelContext CONTEXT = new DefaultCamelContext();
  }

  private final SigningProcessor processor;

  CamelSignature(String algorithm, PrivateKey key) {
    DigitalSignatureConfiguration configuration = new DigitalSignatureConfiguration();
    configuration.setAlgorithm(algorithm);
    configuration.setPrivateKey(key);
    processor = new SigningProcessor(configuration);
  }

  /** The signature of the one followed by the other, in base64. */
  String of(byte[] head, byte[] body) {
    Exchange exchange = new DefaultExchange(Unstarted.CONTEXT);
    exchange
        .getIn()
        .setBody(
            new SequenceInputStream(
                new ByteArrayInputStream(head), new ByteArrayInputStream(body)));
    try {
      processor.process(exchange);
    } catch (Exception e) { // of the JDK's own provider, which has the algorithm
      throw new IllegalStateException("the signature cannot be made", e);
    }
    byte[] base64 = (byte[]) exchange.getMessage().getHeader(DigitalSignatureConstants.SIGNATURE);
    return new String(base64, StandardCharsets.US_ASCII);
  }
}
