// One signed request to S3: "Signature Version 4 signing process", AWS General Reference.
package crucible.s3

import java.net.{HttpURLConnection, URI, URLEncoder}
import java.nio.charset.StandardCharsets.UTF_8
import java.security.MessageDigest
import java.time.{Instant, ZoneOffset}
import java.time.format.DateTimeFormatter
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

/** @param path from the root, not encoded: `/bucket/key` */
final case class S3Request(
    method: String,
    path: String,
    query: Seq[(String, String)] = Nil,
    headers: Map[String, String] = Map.empty)

object S3Signer {
  private val timeFormat = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC)
  private val payload = "UNSIGNED-PAYLOAD"

  /** A connection that is signed and not yet sent. */
  def open(endpoint: URI, region: String, keys: S3Keys, request: S3Request): HttpURLConnection = {
    val path = request.path.split("/", -1).map(encode).mkString("/")
    val query = request.query.sorted.map { case (name, value) => s"${encode(name)}=${encode(value)}" }.mkString("&")
    val time = timeFormat.format(Instant.now())
    val host = if (endpoint.getPort < 0) endpoint.getHost else s"${endpoint.getHost}:${endpoint.getPort}"
    val signed = (request.headers ++ Map("host" -> host, "x-amz-content-sha256" -> payload, "x-amz-date" -> time)
      ++ keys.sessionToken.map("x-amz-security-token" -> _)).toSeq.sortBy(_._1)
    val names = signed.map(_._1).mkString(";")
    val canonical = (Seq(request.method, path, query)
      ++ signed.map { case (name, value) => s"$name:${value.trim}" } ++ Seq("", names, payload)).mkString("\n")
    val day = time.take(8)
    val scope = s"$day/$region/s3/aws4_request"
    val text = Seq("AWS4-HMAC-SHA256", time, scope, hex(sha256(canonical))).mkString("\n")
    val key = Seq(day, region, "s3", "aws4_request")
      .foldLeft(s"AWS4${keys.secretAccessKey}".getBytes(UTF_8))((secret, part) => hmac(secret, part))
    val uri = s"${endpoint.getScheme}://$host$path${if (query.isEmpty) "" else s"?$query"}"
    val connection = URI.create(uri).toURL.openConnection().asInstanceOf[HttpURLConnection]
    connection.setRequestMethod(request.method)
    connection.setConnectTimeout(10000)
    connection.setReadTimeout(300000)
    for ((name, value) <- signed if name != "host") connection.setRequestProperty(name, value)
    connection.setRequestProperty(
      "Authorization",
      s"AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/$scope, SignedHeaders=$names, Signature=${hex(hmac(key, text))}")
    connection
  }

  /** Percent-encodes everything but the unreserved characters. */
  def encode(text: String): String =
    URLEncoder.encode(text, "UTF-8").replace("+", "%20").replace("*", "%2A").replace("%7E", "~")

  private def sha256(text: String): Array[Byte] = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8))

  private def hmac(key: Array[Byte], text: String): Array[Byte] = {
    val mac = Mac.getInstance("HmacSHA256")
    mac.init(new SecretKeySpec(key, "HmacSHA256"))
    mac.doFinal(text.getBytes(UTF_8))
  }

  private def hex(bytes: Array[Byte]): String = bytes.map(byte => f"$byte%02x").mkString
}
