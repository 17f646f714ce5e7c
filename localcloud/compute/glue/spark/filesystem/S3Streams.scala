// Reading an object in pieces, and writing one as a whole.
package crucible.s3

import java.io.{EOFException, File, FileOutputStream, OutputStream}
import org.apache.hadoop.fs.FSInputStream

/** Reads by ranges: a piece is kept, since readers of columns come back to the same place. */
final class S3InputStream(client: S3Client, entry: S3Object) extends FSInputStream {
  private val pieceBytes = 4L << 20
  private var position = 0L
  private var pieceStart = 0L
  private var piece = Array.emptyByteArray

  override def getPos: Long = position

  override def seek(to: Long): Unit = {
    if (to < 0 || to > entry.bytes) throw new EOFException(s"no byte $to in ${entry.bytes} bytes of ${entry.key}")
    position = to
  }

  override def seekToNewSource(to: Long): Boolean = false

  override def available(): Int = math.min(entry.bytes - position, Int.MaxValue).toInt

  override def read(): Int = {
    val one = new Array[Byte](1)
    if (read(one, 0, 1) < 0) -1 else one(0) & 0xff
  }

  override def read(into: Array[Byte], offset: Int, length: Int): Int =
    if (length == 0) 0
    else if (position >= entry.bytes) -1
    else {
      if (position < pieceStart || position >= pieceStart + piece.length) {
        piece = client.read(entry.key, position, math.min(entry.bytes, position + pieceBytes))
        pieceStart = position
      }
      val from = (position - pieceStart).toInt
      val count = math.min(length, piece.length - from)
      System.arraycopy(piece, from, into, offset, count)
      position += count
      count
    }
}

/** Collects in a file; the object is there when the stream has been closed. */
final class S3OutputStream(client: S3Client, key: String, file: File) extends OutputStream {
  private val collected = new FileOutputStream(file)
  private var closed = false

  override def write(byte: Int): Unit = collected.write(byte)

  override def write(bytes: Array[Byte], offset: Int, length: Int): Unit = collected.write(bytes, offset, length)

  override def close(): Unit = if (!closed) {
    closed = true
    collected.close()
    try client.put(key, file)
    finally file.delete()
  }
}

/** A file that is not committed yet. */
final class LocalInput(file: File) extends FSInputStream {
  private val content = new java.io.RandomAccessFile(file, "r")
  override def getPos: Long = content.getFilePointer
  override def seek(to: Long): Unit = content.seek(to)
  override def seekToNewSource(to: Long): Boolean = false
  override def read(): Int = content.read()
  override def read(into: Array[Byte], offset: Int, length: Int): Int = content.read(into, offset, length)
  override def close(): Unit = content.close()
}
