"""Arguments of a job: "Accessing parameters using getResolvedOptions", AWS Glue Developer Guide."""

# Parameters that the service passes and that a script need not name.
_RESERVED = {
    "job_bookmark_option": "job-bookmark-disable",
    "job_bookmark_from": None,
    "job_bookmark_to": None,
    "JOB_ID": None,
    "JOB_RUN_ID": None,
    "SECURITY_CONFIGURATION": None,
    "encryption_type": None,
    "enable_data_lineage": None,
    "RedshiftTempDir": None,
    "TempDir": None,
}


class GlueArgumentError(Exception):
    """An argument that the script asks for is not there."""


def _parse(args):
    """`--name value`, `--name=value` and `--name` alone, as a dict; the last of a name counts."""
    found, index = {}, 0
    while index < len(args):
        text = args[index]
        index += 1
        if not text.startswith("--") or text == "--":
            continue
        name, equals, value = text[2:].partition("=")
        if not equals and index < len(args) and not args[index].startswith("--"):
            value = args[index]
            index += 1
        found[name] = value
    return found


def getResolvedOptions(args, options):
    """The values of `options` (names without dashes) among `args` (sys.argv), and those that the service passes.

    Raises GlueArgumentError for one that is missing, RuntimeError for a reserved name.
    """
    reserved = [name for name in options if name in _RESERVED and name != "TempDir"]
    if reserved:
        raise RuntimeError(f"Using reserved arguments {reserved}")
    given = _parse(args)
    # The service spells its own parameters with hyphens.
    passed = {name: given.get(name.replace("_", "-"), given.get(name, default)) for name, default in _RESERVED.items()}
    missing = [f"--{name}" for name in options if name not in given]
    if missing:
        raise GlueArgumentError(f"the following arguments are required: {', '.join(missing)}")
    return {**passed, **{name: given[name] for name in options}}
