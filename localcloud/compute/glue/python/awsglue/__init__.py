"""The library that AWS Glue's job scripts import, on plain Spark: the interface of "AWS Glue PySpark extensions reference"."""
