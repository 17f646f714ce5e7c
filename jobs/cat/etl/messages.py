"""What a message is in the table: its columns, their types, and what makes a row one that cannot be taken.

Spark's API is that of 3.3 here and in the other modules: the job runs on AWS Glue 4.0.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d{1,19}(\.0+)?$"
# Digits that decimal(38,18) keeps, all of them.
DECIMAL = r"^[+-]?\d{1,20}(\.\d{1,18}0*)?$"
# A date with a time: Spark takes a year alone for a timestamp as well.
SHORTEST_TIMESTAMP = len("2026-02-07T09:00:00")

# How much of a wrong value its reason shows, characters.
SHOWN = 60


@dataclass(frozen=True)
class Kind:
    """How a column's text becomes its value."""

    type: str
    # For people, after "is not".
    said: str
    # What the text has to look like, besides being taken by Spark.
    pattern: str = ""

    def value(self, text: Column) -> Column:
        return text.cast(self.type)

    def is_wrong(self, text: Column, value: Column) -> Column:
        """Of a text that is there."""
        return value.isNull() | ~text.rlike(self.pattern) if self.pattern else value.isNull()


class Instant(Kind):
    """A time with its date; without a zone it is UTC."""

    def is_wrong(self, text: Column, value: Column) -> Column:
        return value.isNull() | (F.length(text) < SHORTEST_TIMESTAMP)


class Json(Kind):
    """JSON whose shape is not known: it stays text, for `json_extract` and its like."""

    def value(self, text: Column) -> Column:
        return F.when(F.get_json_object(text, "$").isNotNull(), text)


class Texts(Kind):
    """A JSON list of texts. Spark makes a list of a lone object, too."""

    def value(self, text: Column) -> Column:
        return F.from_json(text, self.type)

    def is_wrong(self, text: Column, value: Column) -> Column:
        return value.isNull() | ~F.ltrim(text).startswith("[")


TEXT = Kind("string", "a text")
INSTANT = Instant("timestamp", "a timestamp in ISO 8601")
DOUBLE = Kind("double", "a number", NUMBER)
EXACT = Kind("decimal(38,18)", "a number of at most 20 digits before and 18 after the point", DECIMAL)
BIGINT = Kind("bigint", "a whole number", WHOLE)
INT = Kind("int", "a whole number", WHOLE)
TAGS = Texts("array<string>", "a JSON list")
JSON = Json("string", "JSON")

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


def _text(name: str) -> str:
    """The column that has the text of one that is no text."""
    return f"_text_{name}"


# Columns whose text has to become something else.
TYPED = {name: kind for name, kind in KINDS.items() if kind is not TEXT}


def _problem(name: str) -> Column:
    """What is wrong with a column; null when nothing is."""
    kind, text = KINDS[name], F.col(_text(name) if name in TYPED else name)
    if name in TYPED:
        said = F.concat(F.lit(f"{name} is not {kind.said}: "), F.substring(text, 1, SHOWN))
        wrong = F.when(text.isNotNull() & kind.is_wrong(text, F.col(name)), said)
    else:
        wrong = F.lit(None)
    return F.when(text.isNull() | (text == ""), F.lit(f"{name} is missing")).otherwise(wrong) if name in REQUIRED else wrong


def judged(rows: DataFrame, extras: list) -> DataFrame:
    """Rows of text as typed rows, and why one cannot be taken: `reason`, empty for one that can, and `record`, its own text.

    A message that is there more than once is taken once. Rows of a conversation come to lie next to each other.
    """
    texts = [F.col(name).alias(_text(name)) for name in TYPED]
    values = [kind.value(F.col(name)).alias(name) for name, kind in KINDS.items()]
    problems = F.concat_ws("; ", *[_problem(name) for name in KINDS if name in TYPED or name in REQUIRED])
    broken = F.lit("the row has more or fewer fields than the header")
    own = [F.col(_text(name)).alias(name) if name in TYPED else F.col(name) for name in (*KINDS, *extras)]
    is_bad = F.col("reason") != ""
    # Bad rows are nobody's doubles. The other rows' text is needed no more.
    apart = F.when(is_bad, F.monotonically_increasing_id()).alias("_apart")
    record = F.when(is_bad, F.coalesce(F.col(BROKEN), F.to_json(F.struct(*own)))).alias("record")
    same = Window.partitionBy("conversation_id", "message_id", "_apart").orderBy(SOURCE, "message_index")
    copy = F.when((F.col("reason") == "") & (F.col("_copy") > 1), F.lit("the message is there more than once"))
    return (
        rows.select(*values, *extras, *texts, BROKEN, SOURCE)
        .select("*", F.when(F.col(BROKEN).isNotNull(), broken).otherwise(problems).alias("reason"))
        .select(*KINDS, *extras, SOURCE, "reason", record, apart)
        .repartition("conversation_id")
        .select("*", F.row_number().over(same).alias("_copy"))
        .select(*KINDS, *extras, SOURCE, F.coalesce(copy, F.col("reason")).alias("reason"), "record")
    )


def messages(rows: DataFrame, extras: list) -> DataFrame:
    """The rows that can be taken. Columns that nobody knows here are text: their values may change from day to day."""
    return rows.where("reason = ''").select(*KINDS, *extras, SOURCE)


def quarantined(rows: DataFrame, extras: list, date: str) -> DataFrame:
    """The others: of which day, why, whose they are as far as they say, and all of their fields as JSON, or their text."""
    fields = F.to_json(F.struct(*KINDS, *extras))
    columns = [F.lit(date).alias("report_date"), "reason", "conversation_id", "message_id"]
    return rows.where("reason != ''").select(*columns, F.coalesce("record", fields).alias("record"), SOURCE)
