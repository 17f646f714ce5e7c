"""CSV of conversations -> Parquet of messages, a day at a time. AWS Glue 4.0: Spark 3.3, Python 3.10.

Parameters: --bucket, --clean_prefix, --curated_prefix; --date YYYY-MM-DD or `all`; --reload true loads what is loaded already.

Every run leaves the days that it looks at as their files are: what is loaded and unchanged is left alone, so that running it twice,
or once for every file of a day, comes to the same. Rows that cannot be taken go to the quarantine with their reason. A day is replaced
by writing its new files, deleting its old ones, and only then saying in its record that it is loaded.
"""

import sys
import time
from dataclasses import asdict

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

import csv_files
import messages
from days import Day, Days, is_day

# A change of the table's columns or rules that is to be seen in days that were loaded before raises it.
VERSION = 1
# Folders of the curated prefix, each a table.
KINDS = ("messages", "quarantine")


class RowsLost(Exception):
    """There are not as many rows as the export says that it wrote."""


class Loader:
    """Loads days."""

    def __init__(self, spark, days: Days, s3, curated_prefix: str):
        self._spark, self._days, self._s3 = spark, days, s3
        self._prefix = curated_prefix

    def load(self, date: str, reload: bool):
        """Brings a day up to date. Returns what was done, or None when there was nothing to do."""
        day = self._days.day(date)
        record = self._days.read(self._days.load_key(date))
        seen = {
            "version": VERSION,
            "sources": [asdict(file) for file in day.sources],
            "setAside": day.set_aside,
            "manifest": asdict(day.manifest) if day.manifest else None,
        }
        if record and not reload and all(record.get(name) == value for name, value in seen.items()):
            return None
        if not day.sources:
            return self._empty(date, seen if day.set_aside else None)
        headers = {file.key: csv_files.header_of(self._s3, self._days.bucket, file.key) for file in day.sources}
        rows = self._replace(day, {key: header for key, header in headers.items() if header})
        done = {
            "date": date,
            "rows": sum(rows["messages"].values()),
            "quarantined": sum(rows["quarantine"].values()),
            "files": len(day.sources),
        }
        self._days.write(self._days.load_key(date), {**done, **seen, "rowsBySource": rows})
        return done

    def _replace(self, day: Day, headers: dict) -> dict:
        """Puts a day's messages and quarantine in place of what is there. Returns the rows of each by source.

        What was there stays until the new files are known to hold every row.
        """
        old = {kind: self._days.list(self._folder(kind, day.date)) for kind in KINDS}
        rows = self._write(day, headers, old) if headers else {kind: {} for kind in KINDS}
        expected = sum(day.rows.values())
        found = sum(rows[kind].get(key, 0) for kind in KINDS for key in day.rows)
        if found != expected:
            for kind in KINDS:
                self._days.delete(self._new(kind, day.date, old))
            raise RowsLost(f"{day.manifest.key} says that {expected} rows were written, but {found} were read")
        for kind in KINDS:
            # A file without rows would make a table of a quarantine that holds nothing.
            self._days.delete(old[kind] if rows[kind] else self._days.list(self._folder(kind, day.date)))
        return rows

    def _write(self, day: Day, headers: dict, old: dict) -> dict:
        """Writes files beside the old ones. Returns their rows by source."""
        extras = csv_files.extra_columns(list(headers.values()))
        rows = messages.judged(csv_files.read_rows(self._spark, self._days.bucket, headers, extras), extras)
        good = self._append(messages.messages(rows, extras), "messages", day.date, old)
        # Where the export says how many rows there are, a day without a bad one is read once only.
        if day.manifest and good == {key: count for key, count in day.rows.items() if count > 0}:
            return {"messages": good, "quarantine": {}}
        bad = messages.quarantined(rows, extras, day.date)
        return {"messages": good, "quarantine": self._append(bad, "quarantine", day.date, old)}

    def _append(self, frame, kind: str, date: str, old: dict) -> dict:
        """Writes a frame. Returns its rows by source, counted in what was written."""
        frame.write.mode("append").option("compression", "snappy").parquet(self._url(self._folder(kind, date)))
        new = [self._url(file.key) for file in self._new(kind, date, old) if file.key.endswith(".parquet")]
        if not new:
            return {}
        counted = self._spark.read.parquet(*new).groupBy(messages.SOURCE).count().collect()
        return {row[messages.SOURCE]: row["count"] for row in counted}

    def _new(self, kind: str, date: str, old: dict) -> list:
        return [file for file in self._days.list(self._folder(kind, date)) if file not in old[kind]]

    def _folder(self, kind: str, date: str) -> str:
        # Days are partitions of the messages; the quarantine is small, and one table without any.
        return f"{self._prefix}messages/report_date={date}/" if kind == "messages" else f"{self._prefix}quarantine/{date}/"

    def _url(self, key: str) -> str:
        return f"s3://{self._days.bucket}/{key}"

    def _empty(self, date: str, seen) -> dict:
        """A day without files has no rows; without any that are set aside, no record either."""
        for kind in KINDS:
            self._days.delete(self._days.list(self._folder(kind, date)))
        key = self._days.load_key(date)
        if seen:
            self._days.write(key, {"date": date, "rows": 0, "quarantined": 0, "files": 0, **seen})
        else:
            self._days.delete([file for file in self._days.list(key) if file.key == key])
        return {"date": date, "rows": 0, "quarantined": 0, "files": 0}


def main() -> None:
    names = ["JOB_NAME", "bucket", "clean_prefix", "curated_prefix", "date", "reload"]
    args = getResolvedOptions(sys.argv, names)
    if args["date"] != "all" and not is_day(args["date"]):
        raise ValueError(f"--date is {args['date']}, which is no day (YYYY-MM-DD)")
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)
    spark = glue.spark_session
    for name, value in {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        # With fewer columns parsed than there are, a row of the wrong length is not noticed.
        "spark.sql.csv.parser.columnPruning.enabled": "false",
        "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    }.items():
        spark.conf.set(name, value)
    s3 = boto3.client("s3")
    days = Days(s3, args["bucket"], args["clean_prefix"], args["curated_prefix"])
    loader = Loader(spark, days, s3, args["curated_prefix"])
    done = []
    for date in days.dates() if args["date"] == "all" else [args["date"]]:
        started = time.monotonic()
        loaded = loader.load(date, args["reload"] == "true")
        if loaded:
            done.append(loaded)
        print(f"{date}: {loaded or 'unchanged'} in {time.monotonic() - started:.1f} s", flush=True)
    days.write(f"{args['curated_prefix']}_runs/{args['JOB_RUN_ID']}.json", {"days": done})
    job.commit()


if __name__ == "__main__":
    main()
