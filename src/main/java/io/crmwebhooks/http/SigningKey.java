package io.crmwebhooks.http;

import java.io.ByteArrayInputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.crypto.DigitalSignatureConfiguration;
import org.apache.camel.component.crypto.DigitalSignatureConstants;
import org.apache.camel.component.crypto.processor.SigningProcessor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/**
 * The key that a secret signs with. The form of the secret says which: {@code whsk_…} is the
 * private key of an ed25519 pair, anything else is shared with the receiver. Immutable,
 * thread-safe, and without a way to get the secret out again. It signs the bytes of {@code head},
 * then the body.
 */
interface SigningKey {
  /**
   * @param secret not empty
   * @throws IllegalArgumentException when it cannot sign; the message does not hold the secret
   */
  static SigningKey of(String secret) {
    if (secret.isEmpty()) {
      throw new IllegalArgumentException("an empty secret cannot sign");
    }
    return secret.startsWith(Pair.PREFIX) ? new Pair(secret) : new Shared(secret);
  }

  /** One entry of {@code webhook-signature}: the identifier of the scheme, a comma, base64. */
  String standard(byte[] head, byte[] body);

  /** The CRM's own signature, in lower-case hex; null from a key that is not shared. */
  default String twenty(byte[] head, byte[] body) {
    return null;
  }

  /** The bytes after the prefix of a secret. */
  private static byte[] decode(String secret, String prefix) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(secret.substring(prefix.length()));
    } catch (IllegalArgumentException e) { // its message holds a character of the secret
      throw new IllegalArgumentException(
          "a secret that begins with " + prefix + " must continue in base64");
    }
    if (key.length == 0) {
      throw new IllegalArgumentException(
          "a secret that begins with " + prefix + " must not end there");
    }
    return key;
  }

  /**
   * A secret that sender and receiver share: HMAC-SHA256 in both schemes. The CRM's scheme takes
   * the secret's UTF-8 bytes as the key, the standard one the base64 after {@code whsec_} where
   * there is one. Each signature uses a {@link Mac} of its own, a copy of one that has taken in the
   * key already.
   */
  final class Shared implements SigningKey {
    static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";

    private final Supplier<Mac> twentyMacs;
    private final Supplier<Mac> standardMacs;

    Shared(String secret) {
      twentyMacs = macs(secret.getBytes(StandardCharsets.UTF_8));
      standardMacs = secret.startsWith(PREFIX) ? macs(decode(secret, PREFIX)) : twentyMacs;
    }

    private static Supplier<Mac> macs(byte[] bytes) {
      SecretKeySpec key = new SecretKeySpec(bytes, ALGORITHM);
      Mac mac = begun(key);
      return () -> {
        try {
          return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) { // by some security providers
          return begun(key);
        }
      };
    }

    private static Mac begun(SecretKeySpec key) {
      try {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(key);
        mac.update(new byte[0]); // else each copy would hash the key anew
        return mac;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this Java cannot compute " + ALGORITHM, e);
      }
    }

    @Override
    public String twenty(byte[] head, byte[] body) {
      return HexFormat.of().formatHex(hmac(twentyMacs.get(), head, body));
    }

    @Override
    public String standard(byte[] head, byte[] body) {
      return "v1," + Base64.getEncoder().encodeToString(hmac(standardMacs.get(), head, body));
    }

    private static byte[] hmac(Mac mac, byte[] head, byte[] body) {
      mac.update(head);
      return mac.doFinal(body);
    }
  }

  /**
   * The private key of an ed25519 pair: {@code whsk_} and the base64 of the 32 bytes that RFC 8032
   * calls the private key, or of these and the 32 of the public key. The receiver needs the public
   * key only, {@code whpk_} and base64.
   *
   * <p>camel-crypto signs the body of an exchange, and gets an exchange of its own. In a route, as
   * {@code crypto:sign}, it would want id, time and body in the place of the body to send. It would
   * also want the key of each webhook in a header, and routes log, trace and send headers.
   */
  final class Pair implements SigningKey {
    static final String PREFIX = "whsk_";
    static final String PUBLIC_PREFIX = "whpk_";
    static final int LENGTH = 32;
    private static final String ALGORITHM = "Ed25519";

    /** Made when something is signed: commands only check keys, and need none. */
    private static final class Unstarted {
      static final CamelContext CONTEXT = new DefaultCamelContext();
    }

    private final byte[] seed;
    private final byte[] givenPublicKey; // empty: not given
    private final SigningProcessor processor;

    Pair(String secret) {
      byte[] bytes = decode(secret, PREFIX);
      if (bytes.length != LENGTH && bytes.length != 2 * LENGTH) {
        throw new IllegalArgumentException(
            "a secret that begins with whsk_ must hold 32 bytes, or 64 with the public key");
      }
      seed = Arrays.copyOf(bytes, LENGTH);
      givenPublicKey = Arrays.copyOfRange(bytes, LENGTH, bytes.length);
      DigitalSignatureConfiguration configuration = new DigitalSignatureConfiguration();
      configuration.setAlgorithm(ALGORITHM);
      try {
        configuration.setPrivateKey(
            KeyFactory.getInstance(ALGORITHM)
                .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this Java cannot sign with " + ALGORITHM, e);
      }
      processor = new SigningProcessor(configuration);
    }

    /** A new pair, both halves in one {@code whsk_} secret. */
    static String generate() {
      byte[] seed = new byte[LENGTH];
      new SecureRandom().nextBytes(seed);
      byte[] both = Arrays.copyOf(seed, 2 * LENGTH);
      System.arraycopy(publicKeyOf(seed), 0, both, LENGTH, LENGTH);
      return PREFIX + Base64.getEncoder().encodeToString(both);
    }

    /**
     * The key that the receiver verifies with.
     *
     * @throws IllegalArgumentException when the secret came with a public key of another pair
     */
    String publicKey() {
      byte[] computed = publicKeyOf(seed);
      if (givenPublicKey.length > 0 && !Arrays.equals(computed, givenPublicKey)) {
        throw new IllegalArgumentException(
            "the two halves of the secret that begins with whsk_ do not belong together");
      }
      return PUBLIC_PREFIX + Base64.getEncoder().encodeToString(computed);
    }

    @Override
    public String standard(byte[] head, byte[] body) {
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
      byte[] made =
          exchange.getMessage().getHeader(DigitalSignatureConstants.SIGNATURE, byte[].class);
      return "v1a," + new String(made, StandardCharsets.US_ASCII);
    }

    /**
     * The JDK has no call for it, but makes pairs from 32 random bytes: here these are the ones we
     * have.
     */
    private static byte[] publicKeyOf(byte[] seed) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
        generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
        byte[] encoded = generator.generateKeyPair().getPublic().getEncoded(); // X.509
        return Arrays.copyOfRange(encoded, encoded.length - LENGTH, encoded.length);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this Java cannot make keys for " + ALGORITHM, e);
      }
    }

    private static final class Given extends SecureRandom {
      private static final long serialVersionUID = 1L;
      private final transient byte[] bytes;

      Given(byte[] bytes) {
        this.bytes = bytes;
      }

      @Override
      public void nextBytes(byte[] into) {
        if (into.length != bytes.length) {
          throw new IllegalStateException("this Java makes ed25519 keys in another way");
        }
        System.arraycopy(bytes, 0, into, 0, into.length);
      }
    }
  }
}
