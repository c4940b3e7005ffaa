"""The verdict on one stamp: what is known of it, and the worst that follows from it."""

from dataclasses import dataclass
from datetime import date
from operator import is_
from typing import NamedTuple

from services.scan.domain.aggregates import Aggregate, stop_reason, withdrawal
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import (
    FacilityPublished,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.contracts.stamps import HoldPublished

UNKNOWN, UNCONFIRMED = "unknown", "unconfirmed"

# Life-cycle states of a stamp that is out of use for good.
ENDED = frozenset({"revoked", "returned", "damaged", "lost", "destroyed"})


class Link(NamedTuple):
    """What a GS1 Digital Link says beside the code: "" where it says nothing."""

    gtin: str = ""
    lot: str = ""


NO_LINK = Link()


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a stamp. `complete`: nothing of it is missing or known to be older.

    `today` is the day in Vietnam on which it is looked at; `said` why the stamp itself is suspended
    or revoked, where the authority tells it; `suspected`: its scans cannot be those of one item;
    `spoken` names the files in which product, lot and notices were spoken.
    """

    state: str
    facility: Aggregate
    product: Aggregate
    lot: Aggregate
    area: Aggregate
    notices: tuple[NoticePublished, ...]
    holds: tuple[HoldPublished, ...]
    link: Link
    complete: bool
    today: date = date.min
    said: tuple[str, ...] = ()
    suspected: bool = False
    spoken: tuple[str, ...] = ()

    @property
    def published_facility(self) -> FacilityPublished | None:
        event = self.facility.get("published")
        return event if isinstance(event, FacilityPublished) else None

    @property
    def published_product(self) -> ProductPublished | None:
        event = self.product.get("published")
        return event if isinstance(event, ProductPublished) else None

    @property
    def published_lot(self) -> LotPublished | None:
        event = self.lot.get("published")
        return event if isinstance(event, LotPublished) else None

    @property
    def published_area(self) -> GrowingAreaPublished | None:
        event = self.area.get("published")
        return event if isinstance(event, GrowingAreaPublished) else None

    @property
    def ended_certificates(self) -> frozenset[int]:
        """The places, in the facility's passport, of certificates that hold no longer."""
        facility = self.published_facility
        return frozenset(
            place
            for place, one in enumerate(facility.certificates if facility else ())
            if (one.holds_until or one.expires_on or date.max) < self.today
        )

    @property
    def withdrawn_product(self) -> ProductWithdrawn | None:
        return withdrawal(self.product)

    @property
    def stop_reason(self) -> str | None:
        return stop_reason(self.facility)


def same_case(one: Case, other: Case | None) -> bool:
    """Whether both were made from the very same passports and events: identity, for it is cheap."""
    return (
        other is not None
        and one.facility is other.facility
        and one.product is other.product
        and one.lot is other.lot
        and one.area is other.area
        and one.state == other.state
        and one.said == other.said
        and one.suspected == other.suspected
        and one.spoken == other.spoken
        and one.complete == other.complete
        and (one.today == other.today or one.ended_certificates == other.ended_certificates)
        and _same(one.notices, other.notices)
        and _same(one.holds, other.holds)
        and one.link == other.link
    )


def _same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict; of two of them also why. `unconfirmed`: not_confirmed, incomplete or genealogy;
    `suspect_copy`: address (it names other goods) or scans (they cannot be of one item)."""

    verdict: str
    because: str = ""


def judge(case: Case, *, confirmed: bool, today: date, genealogy_to: int) -> Judgement:
    """The worst verdict that applies.

    What is bad stays bad unconfirmed, for it only could have become better. What is mild or good
    is said only while recall, stamps and registry confirm that nothing newer stands.
    `today` is the day in Vietnam; `genealogy_to` the registry number recall has taken in.
    """
    kinds = {notice.kind for notice in case.notices}
    bad = (
        ("recalled", "recall" in kinds),
        ("withdrawn", "withdrawal" in kinds or _is_withdrawn(case)),
        ("revoked", case.state in ENDED),
        ("suspect_copy", case.suspected or disagrees(case)),
        ("suspended", _is_suspended(case)),
    )
    for verdict, applies in bad:
        if applies:
            return Judgement(verdict, _grounds(case) if verdict == "suspect_copy" else "")
    doubt = _doubt(case, confirmed, genealogy_to)
    if doubt:
        return Judgement(UNCONFIRMED, doubt)
    if case.state == "issued":
        return Judgement("not_activated")
    expires = case.published_lot.expires_on if case.published_lot else None
    if expires is not None and expires < today:
        return Judgement("expired")
    return Judgement("warning" if kinds else "genuine")


def _grounds(case: Case) -> str:
    return "address" if disagrees(case) else "scans"


def _is_withdrawn(case: Case) -> bool:
    lot = case.published_lot
    return case.withdrawn_product is not None or (lot is not None and lot.status == "withdrawn")


def _is_suspended(case: Case) -> bool:
    lot = case.published_lot
    return (
        case.state == "suspended"
        or bool(case.holds)
        or case.stop_reason is not None
        or (lot is not None and lot.status != "active")
    )


def _doubt(case: Case, confirmed: bool, genealogy_to: int) -> str:
    """Why nothing mild or good may be said now; "" if it may."""
    if not confirmed:
        return "not_confirmed"
    lot = case.published_lot
    if not case.complete or case.state not in ("issued", "active"):
        return "incomplete"
    if lot is None:
        return "incomplete" if case.state == "active" else ""
    if lot.number is None or lot.number > genealogy_to:
        # Recall may not know the lot yet: it may be made from a recalled one, or fall into the
        # period for which a product or a facility is recalled.
        return "genealogy"
    return ""


def disagrees(case: Case) -> bool:
    """Whether the printed address names another product or lot than the code stands for."""
    product, lot = case.published_product, case.published_lot
    if case.link.gtin and product is not None and product.gtin.zfill(14) != case.link.gtin:
        return True
    return bool(case.link.lot and lot is not None and lot.code != case.link.lot)
