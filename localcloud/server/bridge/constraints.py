"""What AWS's own description of an operation says about a request's members: how long, how great, which values.

ministack reads requests without their models; AWS refuses them before it looks at anything else, and names every violation.
"""

import functools
import re

import botocore.loaders
import botocore.model


@functools.cache
def _model(service: str) -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model(service, "service-2"), service)


def violations(service: str, operation: str, request: dict, ignored: tuple[str, ...] = ()) -> str | None:
    """The message of the ValidationException for a request (by its members' names), or None for one that is well formed.

    `service` is botocore's name; `ignored` names members of the request that a service checks in words of its own.
    """
    found: list[str] = []
    shape = _model(service).operation_model(operation).input_shape
    for name, member in shape.members.items():
        if name not in ignored and request.get(name) is not None:
            _check(member, request[name], _lower(name), found)
    if not found:
        return None
    return f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}"


def values(service: str, shape: str) -> list[str]:
    """The values of an enumeration, in the model's order."""
    return _model(service).shape_for(shape).enum


def too_great(name: str, value: int, greatest: int) -> str:
    """The violation of a bound that a model does not have, as the message of the exception."""
    return f"1 validation error detected: {_violation(value, name, f'have value less than or equal to {greatest}')}"


def _check(shape, value, path: str, found: list[str]) -> None:
    bounds = shape.metadata
    least, most = bounds.get("min"), bounds.get("max")
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _check(member, value[name], f"{path}.{_lower(name)}", found)
    elif shape.type_name == "list" and isinstance(value, list):
        _bounded(value, len(value), "length", least, most, path, found)
        for index, entry in enumerate(value, 1):
            _check(shape.member, entry, f"{path}.{index}.member", found)
    elif shape.type_name in ("integer", "long") and isinstance(value, int):
        _bounded(value, value, "value", least, most, path, found)
    elif shape.type_name == "string" and isinstance(value, str):
        _bounded(value, len(value), "length", least, most, path, found)
        if shape.enum and value not in shape.enum:
            found.append(_violation(value, path, f"satisfy enum value set: [{', '.join(shape.enum)}]"))
        pattern = bounds.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            found.append(_violation(value, path, f"satisfy regular expression pattern: {pattern}"))


def _bounded(value, size: int, what: str, least, most, path: str, found: list[str]) -> None:
    if least is not None and size < least:
        found.append(_violation(value, path, f"have {what} greater than or equal to {least}"))
    if most is not None and size > most:
        found.append(_violation(value, path, f"have {what} less than or equal to {most}"))


def _violation(value, path: str, rule: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {rule}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
