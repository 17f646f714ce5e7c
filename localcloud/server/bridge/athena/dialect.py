"""The SQL that Athena takes: Trino's, with every function kept under the name it was called by."""

from sqlglot.dialects.trino import Trino


class Athena(Trino):
    # A subscript stays the number that was written.
    INDEX_OFFSET = 0

    class Parser(Trino.Parser):
        # A parser that knew them would take functions of other engines too, and forget arguments that those do not have.
        FUNCTIONS = {}
        FUNCTION_PARSERS = {
            name: parser
            for name, parser in Trino.Parser.FUNCTION_PARSERS.items()
            if name in ("CAST", "TRY_CAST", "EXTRACT", "NORMALIZE", "POSITION", "TRIM", "JSON_QUERY", "JSON_VALUE", "LISTAGG", "SUBSTRING")
        }
