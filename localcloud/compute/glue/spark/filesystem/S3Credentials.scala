// Whoever the job runs as: static keys of the environment, or the role's session by URL, asked for again before it ends.
package crucible.s3

import com.fasterxml.jackson.databind.ObjectMapper
import java.io.IOException
import java.net.{HttpURLConnection, URI}
import java.time.Instant

/** Keys that sign a request. */
final case class S3Keys(accessKeyId: String, secretAccessKey: String, sessionToken: Option[String], expiration: Instant)

/** The keys of this process; one for all file systems of it. */
object S3Credentials {
  private val renewBeforeSeconds = 300L
  private var current: Option[S3Keys] = None

  /** Keys that are good for some minutes at least. */
  def keys(): S3Keys = synchronized {
    current.filter(_.expiration.isAfter(Instant.now().plusSeconds(renewBeforeSeconds))).getOrElse {
      val read = fromUri().orElse(fromEnvironment()).getOrElse(
        throw new IOException("no credentials: neither AWS_CONTAINER_CREDENTIALS_FULL_URI nor AWS_ACCESS_KEY_ID is set"))
      current = Some(read)
      read
    }
  }

  private def fromEnvironment(): Option[S3Keys] =
    for (id <- sys.env.get("AWS_ACCESS_KEY_ID"); secret <- sys.env.get("AWS_SECRET_ACCESS_KEY"))
      yield S3Keys(id, secret, sys.env.get("AWS_SESSION_TOKEN"), Instant.MAX)

  private def fromUri(): Option[S3Keys] = sys.env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI").map { uri =>
    val connection = URI.create(uri).toURL.openConnection().asInstanceOf[HttpURLConnection]
    sys.env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").foreach(connection.setRequestProperty("Authorization", _))
    if (connection.getResponseCode != 200)
      throw new IOException(s"no session of the job's role: status ${connection.getResponseCode} of its credentials")
    val answer = new ObjectMapper().readTree(connection.getInputStream)
    S3Keys(
      answer.path("AccessKeyId").asText,
      answer.path("SecretAccessKey").asText,
      Some(answer.path("Token").asText),
      Instant.parse(answer.path("Expiration").asText)
    )
  }
}
