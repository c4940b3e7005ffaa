"""How far a recall is carried out: who was told, what came of each lot, and the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.recall.domain.case import Case
from services.recall.domain.reconciling import Sums, summed
from services.recall.domain.recovery import Row
from services.recall.domain.target import Lot
from services.recall.domain.terms import Kind, State
from services.recall.queries.balances import balances_of, stated_by_closing
from services.recall.store import (
    cases,
    evidence,
    facts,
    genealogy,
    goods,
    recoveries,
    shipments,
)
from services.recall.store.evidence import Kept
from services.recall.store.facts import Facility
from services.recall.store.newest import Reader
from services.recall.store.recoveries import Acknowledged
from services.recall.store.shipments import Move
from shared.auth import Principal
from shared.errors import NotFound, OutOfReach
from shared.mongo import Database, Document

REPORT: Final = "recall.report_recovery"
ROWS_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Told:
    """A facility that must know of the case, and whether it said that it does."""

    facility_id: str
    name: str
    commune_name: str
    acknowledged: Acknowledged | None


@dataclass(frozen=True, slots=True)
class Hints:
    """What recall knows of a lot by itself, beside what was reported: goods on their way or sent
    on, sold to consumers and exported as the shipments say, in the unit that they were told in."""

    moves: tuple[Move, ...] = ()

    def of(self, kind: str) -> Decimal:
        sent = (m.quantity if m.received is None else m.received for m in self.moves
                if m.kind == kind)  # fmt: skip
        return sum(sent, Decimal(0))


async def told(reader: Reader, case: Case) -> list[Told]:
    """Every facility of the case, those that have not acknowledged first."""
    ids = dict.fromkeys(
        place.facility_id for place in (case.owner, *case.places) if place.facility_id
    )
    names = await facts.facilities(reader, ids)
    known = await recoveries.acknowledged(reader, case.id)
    found = [
        Told(
            id_,
            names[id_].name if id_ in names else id_,
            names[id_].commune_name if id_ in names else "",
            known.get(id_),
        )
        for id_ in ids
    ]
    return sorted(found, key=lambda one: (one.acknowledged is not None, one.name))


async def unacknowledged(db: Database, who: Principal) -> list[Case]:
    """Running cases that wait for this facility's word that it was told, oldest first."""
    if who.facility_id is None or not who.may("recall.acknowledge"):
        return []
    running = await cases.running_at(db, who.facility_id)
    said = await recoveries.acknowledged_by(db, who.facility_id, [case.id for case in running])
    return [case for case in running if case.id not in said]


async def named(reader: Reader, case: Case) -> tuple[str, ...]:
    """The lots whose goods the case asks back."""
    return await goods.named(reader, case)


async def open_lots(reader: Reader, case: Case) -> tuple[str, ...]:
    """Those that are still accounted for: all while the case runs; of a closed one those that
    joined it since, which its closing says nothing of."""
    if case.kind is Kind.WARNING or case.state not in (State.ORDERED, State.CLOSED):
        return ()
    lots = await goods.named(reader, case)
    if case.state is State.ORDERED:
        return lots
    stated = await stated_by_closing(reader, case)
    return tuple(id_ for id_ in lots if stated and id_ not in stated)


async def loose(reader: Reader, case: Case) -> int:
    """How many stamps of the case stand on no lot, so that no row can be of them."""
    return await goods.loose(reader, case)


async def sums(reader: Reader, case: Case, lots: Sequence[str] = ()) -> tuple[Sums, ...]:
    """Of these lots, or of all; of a closed case those that its closing states."""
    stated = await stated_by_closing(reader, case)
    asked = lots or await goods.named(reader, case)
    wanted = [id_ for id_ in asked if not stated or id_ in stated]
    return summed(await balances_of(reader, case, wanted)) if wanted else ()


async def sums_for(reader: Reader, case: Case, who: Principal) -> tuple[Sums, ...]:
    """What this person sees: officials of all lots, a facility of those that it made."""
    if who.facility_id is None:
        return await sums(reader, case)
    asked = await goods.named(reader, case)
    own = await genealogy.own_of(reader, asked, who.facility_id)
    made = [id_ for id_ in asked if id_ in own]
    return await sums(reader, case, made) if made else ()


async def hints(reader: Reader, lot: Lot, who: Principal) -> Hints:
    """Whoever was only sent some of the lot sees what came to it and what it sent on."""
    moves = await shipments.of_lots(reader, [lot.id])
    if who.facility_id not in (None, lot.facility_id):
        ends = ((move, {move.from_facility_id, move.to_facility_id}) for move in moves)
        moves = [move for move, of in ends if who.facility_id in of]
    return Hints(tuple(moves))


async def lots_of(
    reader: Reader,
    case: Case,
    who: Principal,
    only: Sequence[str] = (),
    *,
    most: int | None = None,
) -> list[Lot]:
    """The lots of the case that this person may report of, or, of these only, those; the first
    `most` of them."""
    asked = (await ids_of(reader, case, who, only))[:most]
    known = await genealogy.lots(reader, asked)
    return [known[id_] for id_ in asked if id_ in known]


async def ids_of(
    reader: Reader, case: Case, who: Principal, only: Sequence[str] = ()
) -> tuple[str, ...]:
    """Their ids: a facility's own and those it was sent, in the order of the case."""
    asked = await goods.named(reader, case)
    if only:
        these = set(only)
        asked = tuple(id_ for id_ in asked if id_ in these)
    if who.facility_id is not None:
        mine = await genealogy.own_of(reader, asked, who.facility_id)
        mine |= await shipments.sent_to(reader, asked, who.facility_id)
        asked = tuple(id_ for id_ in asked if id_ in mine)
    return asked


async def rows(
    db: Database, case: Case, who: Principal, *, lot_id: str = "", skip: int = 0, size: int
) -> tuple[list[Row], int]:
    """What was reported, newest first; a facility sees what is about its own lots, lies with it or
    was told by it."""
    wanted: Document = {"lot_id": lot_id} if lot_id else {}
    if who.facility_id is not None:
        wanted["$or"] = await _own(db, case, who.facility_id)
    return await recoveries.page(db, case.id, wanted, skip=skip, size=size)


async def file_seen_by(
    db: Database, case: Case, who: Principal, file_id: str
) -> tuple[Kept, bytes]:
    """A file of a case that this person sees; raises NotFound, also for what is not theirs."""
    kept, data = await evidence.read(db, case.id, file_id)
    await may_read(db, case, who, file_id)
    return kept, data


async def may_read(reader: Reader, case: Case, who: Principal, file_id: str) -> None:
    """A facility reads files of the rows that it sees; raises OutOfReach for others."""
    if who.facility_id is not None:
        mine: Document = {"evidence": file_id, "$or": await _own(reader, case, who.facility_id)}
        if not await recoveries.is_any(reader, case.id, mine):
            raise OutOfReach("evidence")


async def facilities_of(reader: Reader, case: Case) -> dict[str, Facility]:
    ids = {place.facility_id for place in (case.owner, *case.places)}
    return await facts.facilities(reader, ids)


def lot_in(lots: Sequence[Lot], lot_id: str) -> Lot:
    """One of these lots; raises NotFound."""
    for lot in lots:
        if lot.id == lot_id:
            return lot
    raise NotFound()


async def _own(reader: Reader, case: Case, facility_id: str) -> list[Document]:
    made = await genealogy.own_of(reader, await goods.named(reader, case), facility_id)
    return [
        {"by_facility": facility_id},
        {"facility_id": facility_id},
        {"lot_id": {"$in": sorted(made)}},
    ]
