"""Frozen dataclasses as documents and back; one field is the document's `_id`."""

from dataclasses import asdict, fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def to_document(thing: "DataclassInstance", key: str = "id") -> dict[str, Any]:
    document = asdict(thing)
    return {"_id": document.pop(key), **document}


def from_document(kind: type[T], document: dict[str, Any], key: str = "id") -> T:
    """What else the document holds (a lease, a field of a newer release) is left out."""
    names = _names(kind)
    known = {name: document[name] for name in names if name in document}
    return kind(**known, **({key: document["_id"]} if key in names else {}))


@cache
def _names(kind: type["DataclassInstance"]) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind))
