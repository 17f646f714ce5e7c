"""What an account holds in all of the cloud, over every region and service: read from the state itself, whatever service it is of.

ministack's services keep everything in containers that are scoped to an account, or to an account and a region. What such a
container has under a key is a thing that somebody made when it is a record; lists and plain values are what a service notes
beside its things. The compute plane keeps its own: of that, the regions are told in which it was asked to change anything.
"""

import re
import sys

from ministack import app
from ministack.core.arn import Arn, ArnParseError, parse_arn
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

_PACKAGE = "ministack.services."

# Containers that hold no things: records of what was done, parts that go with what they are of, settings of the account.
_TRACES = re.compile(
    r"_(tags|history|events|changes|operations|jobs|builds|executions|invocations|invokes|tokens|sessions)$"
    r"|_(attrs|attributes|listeners|rules)$"
    r"|^_account_|_(settings|config|details|USE_CASE)$"
)

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

    def note(self, account: str, region: str, operation: str) -> None:
        """An operation went to the compute plane."""
        if not _READING.match(operation):
            self._changed.setdefault(account, set()).add(region)

    def of(self, account: str, known: frozenset[str]) -> dict:
        """`regions` in which the account has anything, and `things` of all services but the `known`: each with its `service`, its
        `region` (None for a global one), its `id` as kind/identifier, and its `name` where it has one besides."""
        regions = set(self._changed.get(account, ()))
        things = []
        named: set[tuple] = set()
        for module, names, container, region, key, fields in _records(account):
            if not known.isdisjoint(names):
                if region:
                    regions.add(region)
                continue
            if (module, container) in _INHERENT or _is_inherent(account, key, fields):
                continue
            parts = tuple(key.split("\0")) if isinstance(key, str) else tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)
            arn = _own_arn(parts[-1], fields)
            region = region or (arn.region if arn else "") or None
            if region:
                regions.add(region)
            # What belongs to a thing is kept under the thing's key, often with one more, or under its ARN.
            identifiers = {(module, region, each) for each in (key, parts[0], arn) if each is not None}
            if not identifiers.isdisjoint(named):
                continue
            named |= identifiers
            kind = _kind(container)
            identifier, name = _identifier(kind, parts, arn), _name(kind, fields)
            things.append(
                {
                    "service": arn.service if arn else names[0],
                    "region": region,
                    "id": identifier,
                    "name": None if name == identifier.rpartition("/")[2] else name,
                }
            )
        return {"regions": sorted(regions), "things": things}


def _records(account: str):
    """The account's records as module, names of its services, container, region or None, key and fields; without what is gone."""
    seen = set()
    for path, loaded in list(sys.modules.items()):
        if not path.startswith(_PACKAGE):
            continue
        module = path.removeprefix(_PACKAGE).partition(".")[0]
        names = _service_names(module)
        for container, store in list(vars(loaded).items()):
            if not isinstance(store, (AccountScopedDict, AccountRegionScopedDict)) or id(store) in seen:
                continue
            seen.add(id(store))
            if _TRACES.search(container):
                continue
            for scoped, value in store.to_dict().items():
                if scoped[0] != account:
                    continue
                fields = value if isinstance(value, dict) else getattr(value, "__dict__", None)
                if fields and not _is_gone(fields):
                    yield module, names, container, (scoped[1] if len(scoped) == 3 else None), scoped[-1], fields


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


def _service_names(module: str) -> list[str]:
    """The names by which clients know what a module of ministack serves; the module's own where they know it by none."""
    names: list[str] = []
    for name, registered in app.SERVICE_REGISTRY.items():
        if module in (registered["module"], *registered.get("sub_modules", ())):
            names += [name, *registered.get("aliases", ())]
    return names or [module]
