"""What a message is in the table: its columns, their types, and what makes a row one that cannot be taken.

Spark's API is that of 3.3 here and in the other modules: the job runs on AWS Glue 4.0.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

TIMESTAMP = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$"
NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d{1,19}(\.0+)?$"
# Digits that decimal(38,18) keeps, all of them.
DECIMAL = r"^[+-]?\d{1,20}(\.\d{1,18}0*)?$"

# How much of a wrong value its reason shows, characters.
SHOWN = 60


@dataclass(frozen=True)
class Kind:
    """How a column's text becomes its value."""

    type: str
    # For people, after "is not".
    said: str
    # What the text has to look like.
    pattern: str = r"(?s).*"

    def value(self, text: Column) -> Column:
        if self.type == "array<string>":
            return F.from_json(text, self.type)
        return text.cast(self.type)

    def is_valid(self, text: Column) -> Column:
        """Of a text that is there."""
        return text.rlike(self.pattern) & self.value(text).isNotNull()


class JsonText(Kind):
    """JSON whose shape is not known: it stays text, for `json_extract` and its like."""

    def is_valid(self, text: Column) -> Column:
        return F.get_json_object(text, "$").isNotNull()


TEXT = Kind("string", "a text")
INSTANT = Kind("timestamp", "a timestamp in ISO 8601", TIMESTAMP)
DOUBLE = Kind("double", "a number", NUMBER)
EXACT = Kind("decimal(38,18)", "a number of at most 20 digits before and 18 after the point", DECIMAL)
BIGINT = Kind("bigint", "a whole number", WHOLE)
INT = Kind("int", "a whole number", WHOLE)
TAGS = Kind("array<string>", "a JSON list", r"(?s)^\s*\[.*\]\s*$")
JSON = JsonText("string", "JSON")

# Column -> kind, in the order of the table.
KINDS = {
    "project_id": TEXT,
    "client": TEXT,
    "environment": TEXT,
    "conversation_id": TEXT,
    "channel": TEXT,
    "status": TEXT,
    "started_at": INSTANT,
    "ended_at": INSTANT,
    "user_id": TEXT,
    "user_name": TEXT,
    "rating": DOUBLE,
    "tags": TAGS,
    "message_index": INT,
    "message_id": TEXT,
    "role": TEXT,
    "sent_at": INSTANT,
    "text": TEXT,
    "tokens": BIGINT,
    "latency_ms": DOUBLE,
    "confidence": EXACT,
    "attachment_count": INT,
    "attachments": JSON,
    "metadata": JSON,
}
# Without these a message is none.
REQUIRED = ("conversation_id", "message_id", "role", "sent_at")
# Where a row came from, and the text of one that is not made of fields as its header says. No column of a file has these names.
SOURCE, BROKEN = "source_file", "_broken"
# What the table adds to the columns of files.
OWN_NAMES = (SOURCE, "report_date")


def _problem(name: str, kind: Kind) -> Column:
    """What is wrong with a column's text; null when nothing is."""
    text = F.col(name)
    wrong = F.when(
        text.isNotNull() & ~kind.is_valid(text),
        F.concat(F.lit(f"{name} is not {kind.said}: "), F.substring(text, 1, SHOWN)),
    )
    return F.when(text.isNull() | (text == ""), F.lit(f"{name} is missing")).otherwise(wrong) if name in REQUIRED else wrong


def judged(rows: DataFrame) -> DataFrame:
    """Rows of text with a column `reason` more: why a row cannot be taken, empty for one that can.

    A message that is there more than once is taken once. Rows of a conversation come to lie next to each other.
    """
    problems = F.concat_ws("; ", *[_problem(name, kind) for name, kind in KINDS.items() if kind is not TEXT or name in REQUIRED])
    whole = rows.withColumn(
        "reason",
        F.when(F.col(BROKEN).isNotNull(), F.lit("the row has more or fewer fields than the header")).otherwise(problems),
    )
    # Rows that are wrong anyway are nobody's doubles.
    apart = F.when(F.col("reason") != "", F.monotonically_increasing_id())
    same = Window.partitionBy("conversation_id", "message_id", "_apart").orderBy(SOURCE, F.col("message_index").cast("int"))
    return (
        whole.withColumn("_apart", apart)
        .repartition("conversation_id")
        .withColumn("_copy", F.row_number().over(same))
        .withColumn(
            "reason",
            F.when((F.col("reason") == "") & (F.col("_copy") > 1), F.lit("the message is there more than once")).otherwise(
                F.col("reason")
            ),
        )
        .drop("_apart", "_copy")
    )


def messages(rows: DataFrame, extras: list) -> DataFrame:
    """The rows that can be taken, typed. Columns that nobody knows here stay text: their values may change from day to day."""
    typed = [kind.value(F.col(name)).alias(name) for name, kind in KINDS.items()]
    return rows.where("reason = ''").select(*typed, *extras, SOURCE)


def quarantined(rows: DataFrame, extras: list) -> DataFrame:
    """The others: why, whose they are as far as they say, and all of their fields as JSON, or their text."""
    fields = F.to_json(F.struct(*KINDS, *extras))
    record = F.coalesce(F.col(BROKEN), fields).alias("record")
    return rows.where("reason != ''").select("reason", "conversation_id", "message_id", record, SOURCE)
