"""What an account holds in all of the cloud, over every region and service: read from the state itself, whatever service it is of.

ministack's services keep everything in containers that are scoped to an account, or to an account and a region. What such a
container has under a key is a thing that somebody made when it is a record; lists and plain values are what a service notes
beside its things. The compute plane keeps its own: of that, the regions are told in which it was asked to change anything.
"""

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass

from ministack import app
from ministack.core.arn import Arn, ArnParseError, parse_arn
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

_PACKAGE = "ministack.services."

# Containers that hold no things: records of what was done, parts that go with what they are of, settings of the account.
_TRACES = re.compile(r"_(tags|history|events|changes|operations|jobs|builds|executions|invocations|invokes|tokens|sessions)$")
_PARTS = re.compile(r"_(attrs|attributes|listeners|rules)$")
_SETTINGS = re.compile(r"^_account_|_(settings|config|details|USE_CASE)$")

# States that a service shows for a while after a thing is gone, as AWS does.
_GONE = frozenset(("DELETED", "DELETE_COMPLETE", "TERMINATED"))
_STATE = re.compile(r"(status|state)$", re.IGNORECASE)

# What every account has without anybody's doing: settings, of which there is one; what AWS names in its own name; defaults.
_SINGLE = frozenset(("self", "settings", "configuration", "default"))
_PROVIDED = re.compile(r"^(default[.:]|aws[/:-]|AWS|iot:)")
_INHERENT = frozenset((("organizations", "_roots"),))

# Operations that change nothing.
_READING = re.compile(r"^(Describe|List|Get|BatchGet|Search|Validate|Test|Query|Discover)")


class Holdings:
    """Tells what accounts hold."""

    def __init__(self):
        self._changed: dict[str, set[str]] = {}
        self._containers: dict[str, list[_Container]] = {}

    def note(self, account: str, region: str, operation: str) -> None:
        """An operation went to the compute plane."""
        if not _READING.match(operation):
            self._changed.setdefault(account, set()).add(region)

    def of(self, account: str, known: dict[str, list[str]]) -> dict:
        """`regions` in which the account has anything, and `things`: each with its `service`, its `region` (None for a global one),
        its `id` as kind/identifier, and its `name` where it has one besides. Of services that are `known`, only the kinds given."""
        regions = set(self._changed.get(account, ()))
        things = []
        named: set[tuple] = set()
        for container in self._found():
            kinds = [known[name] for name in container.names if name in known]
            if kinds and not any(_kind(container.name) in each for each in kinds):
                # Whoever knows the service asks it: where is all that matters.
                regions.update(region for region, _, _ in container.records(account, regions) if region)
                continue
            for region, key, fields in container.records(account):
                thing = _thing(account, container, region, key, fields, named)
                if thing:
                    things.append(thing)
        regions.update(thing["region"] for thing in things if thing["region"])
        return {"regions": sorted(regions), "things": things}

    def _found(self):
        """Every container of every service that was ever used: ministack loads a service with its first request."""
        seen: set[int] = set()
        for path, loaded in list(sys.modules.items()):
            if not path.startswith(_PACKAGE):
                continue
            found = self._containers.get(path)
            if found is None:
                found = _containers_of(path.removeprefix(_PACKAGE).partition(".")[0], loaded)
                if not getattr(loaded.__spec__, "_initializing", False):
                    self._containers[path] = found
            for container in found:
                # One module may have taken over another's.
                if id(container.store) not in seen:
                    seen.add(id(container.store))
                    yield container


@dataclass(frozen=True)
class _Container:
    """Where a service keeps things of one kind."""

    module: str
    names: tuple[str, ...]
    name: str
    store: AccountScopedDict | AccountRegionScopedDict

    def records(self, account: str, but: Collection[str] = ()):
        """The account's records as region or None, key and fields, without what is gone and what is in the regions `but`."""
        for scoped, value in self.store.to_dict().items():
            region = scoped[1] if len(scoped) == 3 else None
            if scoped[0] != account or region in but:
                continue
            fields = value if isinstance(value, dict) else getattr(value, "__dict__", None)
            if fields and not _is_gone(fields):
                yield region, scoped[-1], fields


def _containers_of(module: str, loaded) -> list[_Container]:
    names = _service_names(module)
    return [
        _Container(module, names, name, value)
        for name, value in list(vars(loaded).items())
        if isinstance(value, (AccountScopedDict, AccountRegionScopedDict)) and not _TRACES.search(name)
    ]


def _thing(account: str, container: _Container, region: str | None, key, fields: dict, named: set[tuple]) -> dict | None:
    """What is told of a record; None for what every account has, and for a part of what is in `named` already."""
    if _PARTS.search(container.name) or _SETTINGS.search(container.name) or (container.module, container.name) in _INHERENT:
        return None
    if _is_inherent(account, key, fields):
        return None
    parts = tuple(key.split("\0")) if isinstance(key, str) else tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
    arn = _own_arn(parts[-1], fields)
    region = region or (arn.region if arn else "") or None
    # What belongs to a thing is kept under the thing's key, often with one more, or under its ARN.
    identifiers = {(container.module, region, each) for each in (key, parts[0], arn) if each is not None}
    if not identifiers.isdisjoint(named):
        return None
    named |= identifiers
    kind = _kind(container.name)
    identifier, name = _identifier(kind, parts, arn), _name(kind, fields)
    return {
        "service": arn.service if arn else container.names[0],
        "region": region,
        "id": identifier,
        "name": None if name == identifier.rpartition("/")[2] else name,
    }


def _is_gone(fields: dict) -> bool:
    for name, value in fields.items():
        if isinstance(name, str) and _STATE.search(name):
            state = value.get("Name") or value.get("State") if isinstance(value, dict) else value
            if isinstance(state, str) and state.upper() in _GONE:
                return True
    return False


def _is_inherent(account: str, key, fields: dict) -> bool:
    if fields.get("AwsManaged"):
        return True
    return isinstance(key, str) and (key == account or key in _SINGLE or bool(_PROVIDED.match(key)))


def _own_arn(key: str, fields: dict) -> Arn | None:
    """The ARN of a record itself: what it is kept under, or that of its members which ends with it."""
    for value in (key, *fields.values()):
        if isinstance(value, str) and value.startswith("arn:") and value.endswith(key):
            try:
                return parse_arn(value)
            except ArnParseError:
                continue
    return None


def _kind(container: str) -> str:
    """`rest_api` of `_rest_apis`."""
    name = re.sub(r"_v\d$", "", container).strip("_")
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _identifier(kind: str, parts: tuple[str, ...], arn: Arn | None) -> str:
    """kind/identifier, as the ARN has it or else by the container's name: `cluster/orders`, `rest_api/b8eee85f`."""
    if arn and re.search("[:/]", arn.resource):
        return re.sub("[:/]", "/", arn.resource.removeprefix("/"), count=1)
    return "/".join((kind, *parts))


def _name(kind: str, fields: dict) -> str | None:
    """A record's name by the member of that name: `Name`, or `IdentityPoolName` of an identity pool."""
    wanted = ("name", f"{kind.replace('_', '')}name")
    return next((v for k, v in fields.items() if isinstance(k, str) and k.lower() in wanted and isinstance(v, str)), None)


def _service_names(module: str) -> tuple[str, ...]:
    """The names by which clients know what a module of ministack serves; the module's own where they know it by none."""
    names: list[str] = []
    for name, registered in app.SERVICE_REGISTRY.items():
        if module in (registered["module"], *registered.get("sub_modules", ())):
            names += [name, *registered.get("aliases", ())]
    return tuple(names) or (module,)
