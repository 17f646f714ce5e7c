"""Which ARNs a request of AWS Glue touches: "Actions, resources, and condition keys for AWS Glue" in the Service Authorization
Reference, and "Specifying AWS Glue resource ARNs": what is done to a table needs the permission on its database and catalog too.
"""

import re

from .check import Check, members

# What the compute plane answers; the Data Catalog stays with ministack.
_COMPUTE = re.compile(r"Job|Crawl|Trigger|Workflow|NotifyEvent")

# Kind of resource → members of requests that name one, in the order in which they count.
_NAMED = [
    ("job", re.compile(r"Job"), ("JobName", "Name", "JobNames[]")),
    ("crawler", re.compile(r"Crawl"), ("CrawlerName", "Name", "CrawlerNames[]")),
    ("trigger", re.compile(r"Trigger"), ("Name", "TriggerNames[]")),
    ("workflow", re.compile(r"Workflow|NotifyEvent"), ("Name", "Names[]")),
]

_CATALOG = re.compile(r"Database|Table|Partition|ColumnStatistics|UserDefinedFunction")
_PASS_ROLE = ("CreateJob", "UpdateJob", "CreateCrawler", "UpdateCrawler")


def is_compute(operation: str) -> bool:
    """Whether the compute plane answers an operation."""
    return bool(_COMPUTE.search(operation))


def _catalog_resources(operation: str, request: dict) -> list[str]:
    databases = members(request, "DatabaseName") or members(request, "DatabaseInput.Name")
    tables = members(request, "TableName") or members(request, "TableInput.Name") or members(request, "TablesToDelete[]")
    if "Database" in operation:
        databases = databases or members(request, "Name")
    elif not tables and "Table" in operation:
        tables = members(request, "Name")
    if not databases:
        return ["catalog"]
    if not tables and "Tables" in operation:
        tables = ["*"]
    return ["catalog", f"database/{databases[0]}", *(f"table/{databases[0]}/{table}" for table in tables)]


def glue_checks(action: str, _path: str, request: dict, region: str, account: str) -> list[Check]:
    """The permissions that a request of Glue needs; never empty."""
    operation = action.partition(":")[2]
    prefix = f"arn:aws:glue:{region}:{account}:"
    if operation in ("TagResource", "UntagResource", "GetTags"):
        return [Check(action, next(iter(members(request, "ResourceArn")), "*"))]
    if _CATALOG.search(operation):
        return [Check(action, prefix + resource) for resource in _catalog_resources(operation, request)]
    if not is_compute(operation):
        return [Check(action, f"{prefix}catalog")]
    kind, _, paths = next(each for each in _NAMED if each[1].search(operation))
    # Of those that list, only tags could tell which they are about.
    is_list = operation.startswith("List") and operation != "ListCrawls" or operation in ("GetJobs", "GetCrawlers", "GetTriggers")
    names = [] if is_list else next((found for found in (members(request, path) for path in paths) if found), [])
    checks = [Check(action, f"{prefix}{kind}/{name}") for name in names] or [Check(action, "*")]
    if operation in _PASS_ROLE:
        for role in [*members(request, "Role"), *members(request, "JobUpdate.Role")]:
            arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
            checks.append(Check("iam:PassRole", arn, {"iam:passedtoservice": "glue.amazonaws.com"}))
    return checks
