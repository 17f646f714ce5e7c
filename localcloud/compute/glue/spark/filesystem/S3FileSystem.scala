// S3 as a file system of Hadoop, for s3://, s3a:// and s3n:// paths. Folders are what prefixes make of them: none is stored.
package crucible.s3

import java.io.{File, FileNotFoundException, FileOutputStream, IOException}
import java.net.URI
import java.util.concurrent.{ConcurrentHashMap, Executors, TimeUnit}
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs._
import org.apache.hadoop.fs.permission.FsPermission
import org.apache.hadoop.util.Progressable

/** Output that is not committed is not in S3: a job that fails leaves nothing behind, and each file is sent once. */
final class S3FileSystem extends FileSystem {
  private val blockBytes = 64L << 20
  private val uploadsAtOnce = 8
  private var uri: URI = _
  private var client: S3Client = _
  private var staging: Staging = _
  private var temporary: File = _
  private var workingDirectory: Path = _

  override def initialize(name: URI, conf: Configuration): Unit = {
    super.initialize(name, conf)
    setConf(conf)
    val bucket = name.getAuthority
    uri = URI.create(s"${name.getScheme}://$bucket")
    workingDirectory = new Path(s"$uri/")
    client = new S3Client(URI.create(conf.get("fs.s3.endpoint")), conf.get("fs.s3.region"), bucket)
    temporary = new File(conf.get("fs.s3.buffer.dir"))
    staging = new Staging(new File(temporary, s"staging/$bucket"))
    temporary.mkdirs()
  }

  override def getScheme: String = uri.getScheme
  override def getUri: URI = uri
  override def getWorkingDirectory: Path = workingDirectory
  override def setWorkingDirectory(path: Path): Unit = workingDirectory = makeQualified(path)
  override def getDefaultBlockSize: Long = blockBytes
  override def getDefaultBlockSize(path: Path): Long = blockBytes

  override def open(path: Path, bufferSize: Int): FSDataInputStream =
    if (staging.holds(path)) new FSDataInputStream(new LocalInput(staging.file(path)))
    else {
      val found = client.head(key(path)).getOrElse(throw new FileNotFoundException(s"No such file or directory: $path"))
      new FSDataInputStream(new S3InputStream(client, found))
    }

  override def create(path: Path, permission: FsPermission, overwrite: Boolean, bufferSize: Int, replication: Short,
      blockSize: Long, progress: Progressable): FSDataOutputStream =
    if (staging.holds(path)) {
      staging.file(path).getParentFile.mkdirs()
      new FSDataOutputStream(new FileOutputStream(staging.file(path)), null)
    } else {
      if (!overwrite && client.head(key(path)).isDefined) throw new FileAlreadyExistsException(path.toString)
      new FSDataOutputStream(new S3OutputStream(client, key(path), File.createTempFile("object", null, temporary)), null)
    }

  override def append(path: Path, bufferSize: Int, progress: Progressable): FSDataOutputStream =
    throw new UnsupportedOperationException("objects of S3 cannot be appended to")

  override def rename(from: Path, to: Path): Boolean = {
    if (staging.holds(from) && staging.holds(to)) staging.rename(from, to)
    else if (staging.holds(from)) {
      commit(staging.files(from), to)
      staging.delete(from)
    } else if (staging.holds(to)) throw new IOException(s"$from is committed and cannot become $to")
    else
      client.head(key(from)) match {
        case Some(_) => move(Seq(key(from) -> key(target(from, to)))); true
        case None =>
          val prefix = folder(from)
          val moved = client.list(prefix, None).objects.map(_.key)
          val into = folder(target(from, to))
          move(moved.map(each => each -> (into + each.stripPrefix(prefix))))
          moved.nonEmpty || Folders.remove(from)
      }
  }

  /** A rename onto a folder is one into it. */
  private def target(from: Path, to: Path): Path =
    if (exists(to) && getFileStatus(to).isDirectory) new Path(to, from.getName) else to

  private def move(keys: Seq[(String, String)]): Unit = {
    keys.foreach { case (source, destination) => client.copy(source, destination) }
    client.delete(keys.map(_._1))
  }

  private def commit(files: Seq[(File, String)], to: Path): Unit = {
    val uploads = Executors.newFixedThreadPool(uploadsAtOnce)
    try {
      val sent = files.map { case (file, rest) =>
        val task: Runnable = () => client.put(key(to) + rest, file)
        uploads.submit(task)
      }
      sent.foreach(each =>
        try each.get()
        catch { case error: java.util.concurrent.ExecutionException => throw error.getCause })
    } finally {
      uploads.shutdownNow()
      uploads.awaitTermination(1, TimeUnit.MINUTES)
    }
  }

  override def delete(path: Path, recursive: Boolean): Boolean =
    if (staging.holds(path)) staging.delete(path)
    else {
      val own = client.head(key(path)).toSeq.filter(_ => key(path).nonEmpty).map(_.key)
      val below = if (own.nonEmpty) Nil else client.list(folder(path), None).objects.map(_.key)
      if (below.nonEmpty && !recursive) throw new IOException(s"$path is a folder that is not empty")
      client.delete(own ++ below)
      val known = Folders.remove(path)
      known || own.nonEmpty || below.nonEmpty
    }

  override def listStatus(path: Path): Array[FileStatus] =
    if (staging.holds(path)) staging.list(path)
    else {
      val found = client.list(folder(path), Some("/"))
      val files = found.objects.filter(_.key != folder(path)).map(fileStatus)
      val folders = found.prefixes.map(prefix => folderStatus(new Path(s"$uri/${prefix.stripSuffix("/")}")))
      if (files.isEmpty && folders.isEmpty && found.objects.isEmpty) {
        val status = getFileStatus(path)
        if (status.isFile) Array(status) else Array.empty
      } else (folders ++ files).toArray
    }

  override def getFileStatus(path: Path): FileStatus =
    if (staging.holds(path)) staging.status(path)
    else if (key(path).isEmpty) folderStatus(makeQualified(path))
    else
      client.head(key(path)).map(fileStatus).getOrElse {
        val below = client.page(folder(path), None, None, 1)
        if (below.objects.isEmpty && !Folders.has(makeQualified(path)))
          throw new FileNotFoundException(s"No such file or directory: $path")
        folderStatus(makeQualified(path))
      }

  override def mkdirs(path: Path, permission: FsPermission): Boolean = {
    if (staging.holds(path)) staging.file(path).mkdirs()
    else if (key(path).nonEmpty && client.head(key(path)).isDefined)
      throw new FileAlreadyExistsException(s"$path is a file")
    else Folders.add(makeQualified(path))
    true
  }

  private def key(path: Path): String = makeQualified(path).toUri.getPath.stripPrefix("/")
  private def folder(path: Path): String = if (key(path).isEmpty) "" else s"${key(path)}/"

  private def fileStatus(found: S3Object): FileStatus =
    new FileStatus(found.bytes, false, 1, blockBytes, found.modified.toEpochMilli, new Path(uri.getScheme, uri.getAuthority, s"/${found.key}"))

  private def folderStatus(path: Path): FileStatus = new FileStatus(0, true, 1, blockBytes, 0, path)
}

/** Folders that were made and have nothing in them: this process alone knows of them. */
private object Folders {
  private val made = ConcurrentHashMap.newKeySet[Path]()
  def add(path: Path): Unit = made.add(path)
  def has(path: Path): Boolean = made.contains(path)
  def remove(path: Path): Boolean = made.removeIf(each => each == path || each.toString.startsWith(s"$path/"))
}
