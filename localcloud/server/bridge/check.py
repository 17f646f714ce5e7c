"""One permission that a request needs, and where in a request its resources are named."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Check:
    """An action on a resource, with the request's own condition keys (in lower case)."""

    action: str
    resource: str
    context: dict = field(default_factory=dict)


def members(value, path: str) -> list[str]:
    """The non-empty texts at `path` below `value`."""
    found = [value]
    for step in path.split("."):
        name, many = step.removesuffix("[]"), step.endswith("[]")
        found = [item[name] for item in found if isinstance(item, dict) and item.get(name)]
        if many:
            found = [entry for item in found if isinstance(item, list) for entry in item]
    return [item for item in found if isinstance(item, str)]
