import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
  // region verify
  static final long TOLERANCE_SECONDS = 300;

  /** The body: the bytes as they came, before any parser. The time: seconds since 1970. */
  static boolean verify(String secret, String id, String timestamp, String signatures, byte[] body, long now)
      throws GeneralSecurityException {
    if (!timestamp.matches("\\d{1,18}") || Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) return false;
    byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
    byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
    // two signatures while the secret rotates; of an unknown version, none counts
    for (String signature : signatures.split(" "))
      if (MessageDigest.isEqual(signature.getBytes(StandardCharsets.UTF_8), expected)) return true;
    return false;
  }
  // endregion

  /** Examples to check it with: a line each of the secret, the three headers, the time, and the body in base64. */
  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] field = line.split("\t", -1);
      byte[] body = Base64.getDecoder().decode(field[5]);
      System.out.println(verify(field[0], field[1], field[2], field[3], body, Long.parseLong(field[4])));
    }
  }
}
