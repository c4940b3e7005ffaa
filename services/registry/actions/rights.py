"""Which permission each act on each kind of record needs, and who is asking."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.facility import scopes
from services.registry.domain.imports import Listed, Sort
from services.registry.domain.records import Aggregate, Author, Record
from shared.auth import Principal, Scope, require


@dataclass(frozen=True, slots=True)
class Rights:
    """Names of shared/permissions.toml; "" for an act that there is not.

    A lot has no publication: its check publishes it.
    """

    read: str
    enter: str
    check: str
    publish: str = ""


RIGHTS: Final[Mapping[Sort, Rights]] = {
    Aggregate.FACILITY: Rights(
        "facility.read", "facility.enter", "facility.check", "facility.publish"
    ),
    Aggregate.PRODUCT: Rights("product.read", "product.enter", "product.check", "product.publish"),
    # Two officials who may publish areas are needed: one checks, another publishes.
    Aggregate.GROWING_AREA: Rights(
        "facility.read", "growing_area.enter", "growing_area.publish", "growing_area.publish"
    ),
    Aggregate.LOT: Rights("lot.read", "lot.enter", "lot.check"),
    # A list of the authorities' own: nobody checks or publishes what it holds.
    Listed.KNOWN: Rights("known_facility.read", "known_facility.enter", ""),
}


def scopes_of(record: Record[Any]) -> tuple[Scope, ...]:
    """The places a record belongs to; an act on it must be allowed in all of them."""
    if record.aggregate is Aggregate.FACILITY:
        return scopes(record)
    return (record.owner.scope(),)


def require_for(who: Principal, action: str, record: Record[Any]) -> None:
    """Raise NotFound for a record out of scope, Forbidden for an act this account may not do."""
    for scope in scopes_of(record):
        require(who, action, scope)


def may(who: Principal, action: str, record: Record[Any]) -> bool:
    """Whether a page should offer the act."""
    return who.may(action) and all(who.covers(action, scope) for scope in scopes_of(record))


def author(who: Principal) -> Author:
    """The account as registry's versions name it."""
    return Author(who.account_id, who.name, who.tier, who.unit_id, who.facility_id or "")
