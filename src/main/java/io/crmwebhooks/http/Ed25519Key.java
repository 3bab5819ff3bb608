package io.crmwebhooks.http;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * The private key of an ed25519 pair: {@code whsk_} and base64 of either the 32 bytes that RFC 8032
 * calls the private key, or of these and the 32 of the public key. The receiver needs the public
 * key only, {@code whpk_} and base64.
 */
final class Ed25519Key implements SigningKey {
  static final String PREFIX = "whsk_";
  static final String PUBLIC_PREFIX = "whpk_";
  private static final String ALGORITHM = "Ed25519";
  static final int LENGTH = 32;

  private final byte[] seed;
  private final byte[] givenPublicKey; // empty: not given
  private final CamelSignature signature;

  Ed25519Key(String secret) {
    byte[] bytes = SigningKey.decode(secret, PREFIX);
    if (bytes.length != LENGTH && bytes.length != 2 * LENGTH) {
      throw new IllegalArgumentException(
          "a secret that begins with whsk_ must hold 32 bytes, or 64 with the public key");
    }
    seed = Arrays.copyOf(bytes, LENGTH);
    givenPublicKey = Arrays.copyOfRange(bytes, LENGTH, bytes.length);
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
      signature = new CamelSignature(ALGORITHM, privateKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot sign with " + ALGORITHM, e);
    }
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
   * What the receiver verifies with.
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
    return "v1a," + signature.of(head, body);
  }

  /**
   * The JDK has no call for it, but makes pairs from 32 random bytes: here these are the ones we
   * have.
   */
  private static byte[] publicKeyOf(byte[] seed) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
      generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
      PublicKey publicKey = generator.generateKeyPair().getPublic();
      byte[] encoded = publicKey.getEncoded(); // X.509: a fixed beginning, then the key
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
