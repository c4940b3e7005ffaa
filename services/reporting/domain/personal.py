"""What in an event names a person, taken apart so that it can be erased by itself (ADR 7).

Whom an event names is told by an account's id everywhere else; names are looked up when read.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

ACCOUNT = "identity.account_published.v1"
_ACTOR = ("data", "actor", "name")
_ACCOUNT = (("data", "username"), ("data", "name"))
# The tier of programs: their names are those of systems, not of people.
_PROGRAM = "client"


def parted(envelope: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The envelope with names blanked, and the names by the dotted path where they were."""
    body = deepcopy(dict(envelope))
    names = {}
    for path in _paths(envelope):
        *way, last = path
        inner: Any = body
        for step in way:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get(last), str) and inner[last]:
            names[".".join(path)] = inner[last]
            inner[last] = ""
    return body, names


def joined(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The envelope as it came: `parted` undone."""
    whole = deepcopy(dict(body))
    for path, name in names.items():
        *way, last = path.split(".")
        inner = whole
        for step in way:
            inner = inner[step]
        inner[last] = name
    return whole


def person_of(envelope: Mapping[str, Any]) -> str:
    """The id of the account whose names an event holds; "" if it names nobody."""
    if envelope.get("type") == ACCOUNT:
        return str(envelope.get("subject", ""))
    return str(_actor(envelope).get("account_id", ""))


def tells_erasure(envelope: Mapping[str, Any]) -> bool:
    """Whether it says that an account's person was erased; the account is its subject."""
    data = envelope.get("data")
    erased = isinstance(data, dict) and data.get("erased") is True
    return envelope.get("type") == ACCOUNT and erased


def _paths(envelope: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    if envelope.get("type") == ACCOUNT:
        return _ACCOUNT
    actor = _actor(envelope)
    return (_ACTOR,) if actor and actor.get("tier") != _PROGRAM else ()


def _actor(envelope: Mapping[str, Any]) -> dict[str, Any]:
    if ".act_recorded." not in str(envelope.get("type", "")):
        return {}
    data = envelope.get("data")
    actor = data.get("actor") if isinstance(data, dict) else None
    return actor if isinstance(actor, dict) else {}
