// Where the output of tasks stays until the job commits it. On AWS it is parts of uploads that are not completed yet; here, files.
package crucible.s3

import java.io.{File, FileNotFoundException}
import java.nio.file.{Files, StandardCopyOption}
import java.util.Comparator
import org.apache.hadoop.fs.{FileStatus, Path}

/** Files of one bucket that are written but not committed, below `folder`. */
final class Staging(folder: File) {

  /** Whether a path is one of a committer's: those of Hadoop's FileOutputCommitter, and of Spark's dynamic partition overwrite. */
  def holds(path: Path): Boolean =
    path.toUri.getPath.split('/').exists(part => part == "_temporary" || part.startsWith(".spark-staging"))

  def file(path: Path): File = new File(folder, path.toUri.getPath)

  def status(path: Path): FileStatus = {
    val found = file(path)
    if (!found.exists) throw new FileNotFoundException(s"No such file or directory: $path")
    new FileStatus(found.length, found.isDirectory, 1, 64L << 20, found.lastModified, path)
  }

  def list(path: Path): Array[FileStatus] =
    if (file(path).isFile) Array(status(path))
    else Option(file(path).list).getOrElse(throw new FileNotFoundException(s"No such file or directory: $path"))
      .sorted.map(name => status(new Path(path, name)))

  def delete(path: Path): Boolean = {
    val found = file(path)
    found.exists && {
      val all = Files.walk(found.toPath)
      try all.sorted(Comparator.reverseOrder[java.nio.file.Path]()).forEach(each => Files.delete(each))
      finally all.close()
      true
    }
  }

  def rename(from: Path, to: Path): Boolean = {
    file(to).getParentFile.mkdirs()
    Files.move(file(from).toPath, file(to).toPath, StandardCopyOption.REPLACE_EXISTING)
    true
  }

  /** Every file at or below a path, with what follows the path in its name. */
  def files(path: Path): Seq[(File, String)] = {
    val root = file(path)
    if (root.isFile) Seq(root -> "")
    else Option(root.listFiles).toSeq.flatten.sortBy(_.getName).flatMap { child =>
      files(new Path(path, child.getName)).map { case (found, rest) => found -> s"/${child.getName}$rest" }
    }
  }
}
