"""What whoever received a lot may read of it: what consumers read, and what it was made from.

One step back is everybody's duty to know (Circular 02/2024/TT-BKHCN), and a buyer answers for the
whole way of what it sells. So a lot's approved content, and the chain before it, are open to whom
it was delivered: to its facility, and to the officials of that facility. Never read are drafts,
how much others made, whom else anybody delivered to, and what others made of it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.registry.actions import open_chain, testing
from services.registry.actions.rights import may
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.shipment import Shipment
from services.registry.store import records, shipments
from shared import opened
from shared.auth import Principal
from shared.contracts.registry import LotPublished
from shared.errors import Forbidden, NotFound, OutOfReach
from shared.mongo import Database

READ = "lot.read"


@dataclass(frozen=True, slots=True)
class Received:
    """A published lot, as it came: by which shipments.

    `told`: whether all who gave it say so too, back to its maker. What a receiver alone has
    recorded opens neither chain nor diary, or anybody could look into anybody's by a receipt.
    """

    lot: Record[Any]
    by: tuple[Shipment, ...]
    told: bool

    @property
    def own_gap(self) -> bool:
        """Whether it is this very delivery that its sender has not confirmed."""
        return not any(one.is_told for one in self.by)

    def passport(self, approved: LotPublished) -> LotPublished:
        """What the receiver may read of it: what lies before a gap stays with its sender."""
        return approved if self.told else closed(approved)


async def get(db: Database, lot_id: str, *, who: Principal) -> Received:
    """Raises NotFound for a lot that was never on its way to this account's facilities."""
    return await of(db, await lot_of(db, lot_id), who=who)


async def lot_of(db: Database, lot_id: str) -> Record[Any]:
    """The lot, before anybody has asked who may read it."""
    return await records.get(db, Aggregate.LOT, lot_id)


async def came_to(db: Database, lot: Record[Any], *, who: Principal) -> list[Shipment]:
    """The shipments by which it came to whoever asks."""
    return await shipments.to_reader(db, lot.id, who) if lot.published is not None else []


async def of(db: Database, lot: Record[Any], *, who: Principal) -> Received:
    """Raises NotFound for a lot that never was on its way to this account's facilities."""
    by = await came_to(db, lot, who=who)
    if not by:
        raise NotFound() if is_own(lot, who) else OutOfReach()
    if not who.may(READ):
        raise Forbidden()
    opened.note(lot.owner.facility_id)
    receivers = frozenset(one.receiver.facility_id for one in by if one.receiver is not None)
    return Received(lot, tuple(by), await open_chain.came_by_word(db, lot, receivers))


def is_own(lot: Record[Any], who: Principal) -> bool:
    """Whether the account reads the lot's own page, drafts included."""
    return may(who, READ, lot)


async def readable(db: Database, lots: Iterable[Record[Any]], *, who: Principal) -> set[str]:
    """Which of these lots have a page that the account may open."""
    if not who.may(READ):
        return set()
    return {lot.id for lot in lots if is_own(lot, who) or await came_to(db, lot, who=who)}


def closed(approved: LotPublished) -> LotPublished:
    """A lot as it is named: without diary and results, and without what it came from."""
    hidden = {"stages": (), "inputs": (), "supplies": (), "growing_area_id": ""}
    return approved.model_copy(update=hidden)


async def passports(
    db: Database, lot_ids: Sequence[str], *, named: Collection[str] = ()
) -> dict[str, LotPublished]:
    """What consumers may read of these lots, as it stands now; unpublished ones are left out. Those
    that are only `named` are closed."""
    found = await records.find_many(db, Aggregate.LOT, tuple(lot_ids))
    return {
        key: closed(it) if key in named else it
        for key, lot in found.items()
        if lot.published is not None and (it := await testing.passport(db, lot))
    }


async def areas(db: Database, told: Iterable[LotPublished]) -> dict[str, str]:
    """Name and code of the published growing areas that these lots are from, by id."""
    ids = tuple({one.growing_area_id for one in told if one.growing_area_id})
    found = await records.find_many(db, Aggregate.GROWING_AREA, ids)
    return {
        key: f"{area.published.name} ({area.published.code or area.code})"
        for key, area in found.items()
        if area.published is not None
    }
