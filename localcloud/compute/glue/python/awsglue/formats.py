"""Formats of data: "Data format options for inputs and outputs in AWS Glue for Spark", as options of Spark's readers and writers."""

_SPARK_FORMAT = {"glueparquet": "parquet"}
_KNOWN = ("avro", "csv", "json", "orc", "parquet", "glueparquet")


def spark_format(name):
    """Spark's name of a format. Raises ValueError for one that is not to be had here."""
    if name not in _KNOWN:
        raise ValueError(f"the format {name!r} is not supported by the local cloud; it has {', '.join(_KNOWN)}")
    return _SPARK_FORMAT.get(name, name)


def _truth(value):
    return value if isinstance(value, bool) else str(value).lower() == "true"


def reader_options(name, options):
    """Spark's reader options for Glue's format options."""
    if name == "csv":
        read = {
            "header": str(_truth(options.get("withHeader", False))).lower(),
            "sep": options.get("separator", ","),
            "multiLine": str(_truth(options.get("multiLine", False) or options.get("multiline", False))).lower(),
            "mode": "PERMISSIVE",
        }
        quote = options.get("quoteChar", '"')
        read["quote"] = "" if quote in (-1, "-1", "disable") else quote
        # A quote within quotes is doubled; Spark would take a backslash.
        read["escape"] = options.get("escaper") or read["quote"] or "\\"
        if "encoding" in options:
            read["encoding"] = options["encoding"]
        return read
    if name == "json":
        return {"multiLine": str(_truth(options.get("multiline", False) or options.get("multiLine", False))).lower()}
    return {}


def writer_options(name, options):
    """Spark's writer options for Glue's format options."""
    written = {}
    if name == "csv":
        written = {"header": str(_truth(options.get("writeHeader", True))).lower(), "sep": options.get("separator", ",")}
        quote = options.get("quoteChar", '"')
        written["quote"] = "\u0000" if quote in (-1, "-1") else quote
        written["escape"] = options.get("escaper") or ('"' if quote in (-1, "-1") else quote)
    if "compression" in options:
        written["compression"] = options["compression"]
    return written
