"""Whether scripts keep to what AWS Glue 4.0 has: Python 3.10 and Spark 3.3. Prints JSON: what each script uses beyond it, a line each.

    compatibility.py SCRIPT...

Two things are looked at, neither of which needs the old versions. The syntax is parsed as Python 3.10's. Names are compared with lists of
what the scripts use and 3.3 has: names that are imported, members of modules, SQL functions in texts for `expr`, and names of methods.
Methods have no types here: one counts as Spark's when any of Spark's classes has a method of the name, so that what is new in Spark is
noticed whatever it is called on, and never the same name of something else overlooked. What lists cannot see are new parameters of old
functions, and settings of Spark.
"""

import ast
import importlib
import json
import re
import sys
from pathlib import Path

PYTHON = (3, 10)
SPARK = (3, 3)

# Module → what scripts may take from it, imported or as its member.
MEMBERS = {
    "awsglue.context": {"GlueContext"},
    "awsglue.job": {"Job"},
    "awsglue.utils": {"getResolvedOptions"},
    "boto3": {"client"},
    "csv": {"reader"},
    "dataclasses": {"asdict", "dataclass", "field"},
    "datetime": {"date"},
    "io": {"StringIO"},
    "json": {"dumps", "loads"},
    "pyspark.context": {"SparkContext"},
    "pyspark.sql": {"Column", "DataFrame", "SparkSession", "Window", "functions"},
    "pyspark.sql.functions": {
        *("coalesce", "col", "concat", "concat_ws", "expr", "from_json", "get_json_object", "input_file_name", "length", "lit"),
        *("ltrim", "monotonically_increasing_id", "regexp_replace", "row_number", "struct", "substring", "to_json", "when"),
    },
    "pyspark.sql.types": {"StringType", "StructField", "StructType"},
    "re": {"ASCII", "compile", "escape", "fullmatch", "sub"},
    "sys": {"argv"},
    "time": {"monotonic"},
}

# Methods and attributes of Spark's classes.
METHODS = {
    *("alias", "cast", "isNotNull", "isNull", "otherwise", "over", "rlike", "startswith"),
    *("collect", "count", "groupBy", "repartition", "select", "unionByName", "where", "withColumn"),
    *("csv", "mode", "option", "parquet", "read", "schema", "write"),
    *("orderBy", "partitionBy"),
    *("conf", "getOrCreate", "set"),
    # Here of lists, dictionaries and texts, or the script's own; Spark 3.3 has them, too.
    *("append", "endswith", "get", "join", "load"),
}

# Functions of Spark's SQL, which had some of them long before Python's functions.
SQL = {"input_file_name", "reflect", "replace"}

# Classes whose methods scripts call: module → names.
CLASSES = {
    "pyspark": ("SparkContext",),
    "pyspark.sql": ("Column", "DataFrame", "DataFrameReader", "DataFrameWriter", "GroupedData", "Row", "SparkSession", "Window", "WindowSpec"),
    "pyspark.sql.conf": ("RuntimeConfig",),
    "pyspark.sql.readwriter": ("DataFrameWriterV2",),
}


def spark_classes() -> list:
    return [getattr(importlib.import_module(module), name) for module, names in CLASSES.items() for name in names]


def spark_methods() -> dict:
    """Every public name of Spark's classes, as the Spark that is installed has them → its members of that name."""
    found = {}
    for kind in spark_classes():
        for name in dir(kind):
            if not name.startswith("_"):
                found.setdefault(name, []).append(getattr(kind, name))
    return found


def since(member) -> tuple:
    """The version of Spark that brought a member, by its own documentation; (0, 0) where that does not say."""
    said = re.search(r"versionadded:: (\d+)\.(\d+)", getattr(member, "__doc__", None) or "")
    return (int(said[1]), int(said[2])) if said else (0, 0)


def wrong_lists() -> list:
    """What the lists above allow although the installed Spark's documentation says that it is newer."""
    functions = importlib.import_module("pyspark.sql.functions")
    methods = spark_methods()
    names = [(f"functions.{name}", [getattr(functions, name)]) for name in MEMBERS["pyspark.sql.functions"]]
    names += [(name, methods.get(name, [])) for name in METHODS]
    return sorted(name for name, members in names if members and min(map(since, members)) > SPARK)


class Script(ast.NodeVisitor):
    """One script: what it uses that is on no list."""

    def __init__(self, path: Path, own: set, methods: set):
        self._path, self._own, self._methods = path, own, methods
        # Name in the script → module.
        self._modules = {}
        self.problems = []

    def check(self) -> list:
        try:
            tree = ast.parse(self._path.read_text(), str(self._path), feature_version=PYTHON)
        except SyntaxError as error:
            return [f"{self._path.name}:{error.lineno}: not Python 3.10: {error.msg}"]
        # Imports may stand behind what uses them.
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._take(node)
        self.visit(tree)
        return self.problems

    def _say(self, node, text: str) -> None:
        self.problems.append(f"{self._path.name}:{node.lineno}: {text}")

    def _take(self, node) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                module, member = alias.name, None
                self._modules[alias.asname or alias.name.split(".")[0]] = module
            else:
                module, member = node.module or "", alias.name
                if f"{module}.{member}" in MEMBERS:
                    self._modules[alias.asname or member] = f"{module}.{member}"
            if module.split(".")[0] in self._own:
                continue
            if module not in MEMBERS:
                self._say(node, f"the module {module} is on no list")
            elif member is not None and member not in MEMBERS[module]:
                self._say(node, f"{module}.{member} is on no list")

    def visit_Attribute(self, node):
        module = self._modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if module in MEMBERS:
            if node.attr not in MEMBERS[module]:
                self._say(node, f"{module}.{node.attr} is on no list")
        elif module is None and node.attr in self._methods and node.attr not in METHODS:
            self._say(node, f".{node.attr} is Spark's and on no list")
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("expr", "selectExpr", "sql"):
            for argument in node.args:
                if not isinstance(argument, ast.Constant):
                    self._say(node, f"a text for {node.func.attr} that cannot be read here")
                    continue
                for name in re.findall(r"(\w+)\s*\(", re.sub(r"'[^']*'", "''", str(argument.value))):
                    if name.lower() not in SQL:
                        self._say(node, f"the SQL function {name} is on no list")
        self.generic_visit(node)


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]]
    own, methods = {path.stem for path in paths}, set(spark_methods())
    problems = [f"the list allows {name}, which is newer than Spark 3.3" for name in wrong_lists()]
    for path in paths:
        problems += Script(path, own, methods).check()
    print(json.dumps(problems))


if __name__ == "__main__":
    main()
