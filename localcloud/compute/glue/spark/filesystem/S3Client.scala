// The operations of S3 that a file system needs.
package crucible.s3

import java.io.{ByteArrayInputStream, File, FileNotFoundException, IOException, InputStream}
import java.net.{HttpURLConnection, URI}
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{AccessDeniedException, Files}
import java.security.MessageDigest
import java.time.{Instant, ZonedDateTime}
import java.time.format.DateTimeFormatter
import java.util.Base64
import javax.xml.parsers.DocumentBuilderFactory
import org.w3c.dom.{Document, Element}

/** An object as a listing or a HEAD shows it. */
final case class S3Object(key: String, bytes: Long, modified: Instant)

/** One page of ListObjectsV2. */
final case class S3Page(objects: Seq[S3Object], prefixes: Seq[String], next: Option[String])

/** One bucket of S3. Refused requests are IOExceptions in S3's words; server errors are tried again. */
final class S3Client(endpoint: URI, region: String, bucket: String) {
  private val attempts = 4

  /** The object, or None where there is none. */
  def head(key: String): Option[S3Object] =
    send(S3Request("HEAD", s"/$bucket/$key")) { connection =>
      val modified = ZonedDateTime.parse(connection.getHeaderField("Last-Modified"), DateTimeFormatter.RFC_1123_DATE_TIME)
      S3Object(key, connection.getContentLengthLong, modified.toInstant)
    }

  /** Bytes `from` until `until` of an object. */
  def read(key: String, from: Long, until: Long): Array[Byte] =
    send(S3Request("GET", s"/$bucket/$key", headers = Map("range" -> s"bytes=$from-${until - 1}")))(
      connection => readAll(connection.getInputStream)).getOrElse(throw new FileNotFoundException(s"s3://$bucket/$key"))

  /** Writes a whole object; it is there at once or not at all. */
  def put(key: String, file: File): Unit =
    send(S3Request("PUT", s"/$bucket/$key"), Some(() => Files.newInputStream(file.toPath) -> file.length))(_ => ())
      .getOrElse(throw new FileNotFoundException(s"The specified bucket does not exist: $bucket"))

  def copy(from: String, to: String): Unit = {
    val source = s"$bucket/$from".split("/", -1).map(S3Signer.encode).mkString("/")
    send(S3Request("PUT", s"/$bucket/$to", headers = Map("x-amz-copy-source" -> s"/$source")),
      Some(() => new ByteArrayInputStream(Array.emptyByteArray) -> 0L))(connection => readAll(connection.getInputStream))
      .getOrElse(throw new FileNotFoundException(s"s3://$bucket/$from"))
  }

  /** Objects below a prefix; with a delimiter, what is deeper is in `prefixes`. */
  def page(prefix: String, delimiter: Option[String], after: Option[String], most: Int = 1000): S3Page = {
    val query = Seq("list-type" -> "2", "prefix" -> prefix, "max-keys" -> most.toString) ++
      delimiter.map("delimiter" -> _) ++ after.map("continuation-token" -> _)
    val document = send(S3Request("GET", s"/$bucket", query))(connection => parse(connection.getInputStream))
      .getOrElse(throw new IOException(
        s"The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; Bucket: $bucket)"))
    val objects = elements(document, "Contents").map(each =>
      S3Object(text(each, "Key"), text(each, "Size").toLong, Instant.parse(text(each, "LastModified"))))
    val prefixes = elements(document, "CommonPrefixes").map(text(_, "Prefix"))
    S3Page(objects, prefixes, elements(document, "NextContinuationToken").headOption.map(_.getTextContent))
  }

  /** All pages of a listing. */
  def list(prefix: String, delimiter: Option[String]): S3Page = {
    val pages = Iterator.iterate(Option(page(prefix, delimiter, None)))(
      _.flatMap(_.next).map(token => page(prefix, delimiter, Some(token)))).takeWhile(_.isDefined).flatten.toSeq
    S3Page(pages.flatMap(_.objects), pages.flatMap(_.prefixes), None)
  }

  def delete(keys: Seq[String]): Unit = keys.grouped(1000).foreach { some =>
    val entries = some.map(key => s"<Object><Key>${escape(key)}</Key></Object>").mkString
    val body = s"<Delete><Quiet>true</Quiet>$entries</Delete>".getBytes(UTF_8)
    val digest = Base64.getEncoder.encodeToString(MessageDigest.getInstance("MD5").digest(body))
    val request = S3Request("POST", s"/$bucket", Seq("delete" -> ""), Map("content-md5" -> digest))
    send(request, Some(() => new ByteArrayInputStream(body) -> body.length.toLong))(
      connection => parse(connection.getInputStream)).foreach { document =>
      elements(document, "Error").headOption.foreach(error =>
        throw refusal(403, text(error, "Code"), text(error, "Message"), s"s3://$bucket/${text(error, "Key")}"))
    }
  }

  /** The answer read by `read`; None for what is not there. */
  private def send[T](request: S3Request, body: Option[() => (InputStream, Long)] = None, attempt: Int = 1)(
      read: HttpURLConnection => T): Option[T] = {
    val connection = S3Signer.open(endpoint, region, S3Credentials.keys(), request)
    val outcome: Either[IOException, Option[T]] =
      try {
        body.foreach { open =>
          val (content, length) = open()
          try {
            connection.setDoOutput(true)
            connection.setFixedLengthStreamingMode(length)
            val to = connection.getOutputStream
            transfer(content, to)
            to.close()
          } finally content.close()
        }
        connection.getResponseCode match {
          case status if status < 300 => Right(Some(read(connection)))
          case 404                    => Option(connection.getErrorStream).foreach(readAll); Right(None)
          case status if status >= 500 => Left(failure(connection, status, request.path))
          case status                  => throw failure(connection, status, request.path)
        }
      } catch {
        case error @ (_: java.net.SocketException | _: java.net.SocketTimeoutException) => Left(error.asInstanceOf[IOException])
      }
    outcome match {
      case Right(answer)                    => answer
      case Left(error) if attempt >= attempts => throw error
      case Left(_) =>
        Thread.sleep(100L << attempt)
        send(request, body, attempt + 1)(read)
    }
  }

  private def failure(connection: HttpURLConnection, status: Int, path: String): IOException = {
    val body = Option(connection.getErrorStream).map(readAll).getOrElse(Array.emptyByteArray)
    val document = if (body.isEmpty) None else scala.util.Try(parse(new ByteArrayInputStream(body))).toOption
    def said(name: String) = document.flatMap(elements(_, name).headOption).map(_.getTextContent)
    val code = said("Code").getOrElse(if (status == 403) "AccessDenied" else s"$status")
    refusal(status, code, said("Message").getOrElse(if (status == 403) "Access Denied" else connection.getResponseMessage), s"s3:/$path")
  }

  private def refusal(status: Int, code: String, message: String, what: String): IOException = {
    val text = s"$message (Service: Amazon S3; Status Code: $status; Error Code: $code)"
    if (status == 403) new AccessDeniedException(what, null, text) else new IOException(s"$what: $text")
  }

  private def transfer(from: InputStream, to: java.io.OutputStream): Unit = {
    val buffer = new Array[Byte](1 << 16)
    Iterator.continually(from.read(buffer)).takeWhile(_ >= 0).foreach(to.write(buffer, 0, _))
  }

  private def readAll(from: InputStream): Array[Byte] = try from.readAllBytes() finally from.close()

  private def parse(from: InputStream): Document = {
    val bytes = readAll(from)
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(bytes))
  }

  private def elements(document: Document, name: String): Seq[Element] = {
    val found = document.getElementsByTagName(name)
    (0 until found.getLength).map(found.item(_).asInstanceOf[Element])
  }

  private def text(element: Element, name: String): String = element.getElementsByTagName(name).item(0).getTextContent

  private def escape(text: String): String =
    text.flatMap {
      case '&' => "&amp;"
      case '<' => "&lt;"
      case '>' => "&gt;"
      case character if character < ' ' => s"&#${character.toInt};"
      case character => character.toString
    }
}
