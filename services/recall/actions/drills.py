"""Beginning a drill, the second person's yes or no to a large one, what facilities say in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.recall.actions import drill_scope
from services.recall.actions.acting import official
from services.recall.actions.drill_scope import Scope
from services.recall.domain.drill import MOST_A_DAY, NAMED, Drill
from services.recall.domain.drill_lots import Statement
from services.recall.domain.drill_refusals import DrillsEnough
from services.recall.domain.target import Target
from services.recall.domain.terms import Cap
from services.recall.queries import drills as seeing
from services.recall.queries.drill_books import books_of
from services.recall.store import drill_places, drills, genealogy
from services.recall.store.newest import chunks
from shared import audit, once
from shared.auth import Principal, require
from shared.errors import NotFound, OutOfReach
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.tiers import must_not_be_below

DRILL: Final = seeing.DRILL
ANSWER: Final = "recall.drill_answer"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A drill as a person asks for it; `hours` is how long it runs at most."""

    target: Target
    scenario: str
    hours: int


async def begin(
    wanted: Wanted,
    *,
    who: Principal,
    cap: Cap,
    key: str | None,
    feeds: Mapping[str, str],
    db: Database,
    at: datetime,
) -> Drill:
    """The same key by the same account gives the first drill again. Raises what an order of the
    target would, DrillRunning, and DrillsEnough to a facility."""
    fresh_id = new_id()
    sent = once.once(who, key, "drill", wanted)

    async def work(tx: Tx) -> Drill:
        if before := await once.answered(tx, sent):
            return await drills.get(tx, before["id"])
        drill = Drill.begin(
            fresh_id,
            found.plan(wanted.scenario, wanted.hours),
            found.reached,
            owner=found.subject.owner,
            who=official(who),
            unit_id=who.unit_id,
            authority=found.subject.authority,
            cap=cap,
            now=at,
            tier=who.tier,
        )
        await _must_not_tire(tx, drill)
        await drills.add(tx, drill)
        await once.keep(tx, sent, {"id": drill.id}, at)
        if drill.is_running:
            await _tell(tx, drill, found)
        await _note(tx, who, drill, "begun")
        return drill

    async with audit.attempt(db, who, DRILL, wanted.target.key):
        if before := await once.answered(db, sent):
            return await drills.get(db, before["id"])
        found = await drill_scope.look(db, wanted.target, who, DRILL, feeds)
        return await transact(db, work)


async def confirm(
    drill_id: str, *, who: Principal, feeds: Mapping[str, str], db: Database, at: datetime
) -> Drill:
    """A second person lets a large drill begin; its reach is found anew."""

    async def work(tx: Tx) -> Drill:
        before = await managed_by(tx, drill_id, who)
        drill = before.confirm(found.reached, who=official(who), now=at)
        await drills.put(tx, drill)
        await _tell(tx, drill, found)
        await _note(tx, who, drill, "confirmed")
        return drill

    async with audit.attempt(db, who, DRILL, drill_id):
        waiting = await managed_by(db, drill_id, who)
        found = await drill_scope.look(db, waiting.plan.target, who, DRILL, feeds)
        return await transact(db, work)


async def decline(
    drill_id: str, reason: str, *, who: Principal, db: Database, at: datetime
) -> Drill:
    async def work(tx: Tx) -> Drill:
        before = await managed_by(tx, drill_id, who)
        drill = before.decline(who=official(who), now=at)
        await drills.put(tx, drill)
        await _note(tx, who, drill, "declined", reason)
        return drill

    async with audit.attempt(db, who, DRILL, drill_id):
        return await transact(db, work)


async def acknowledge(drill_id: str, *, who: Principal, db: Database, at: datetime) -> bool:
    """A facility says that it was told; False if it has said so before. Raises DrillOver."""

    async def work(tx: Tx) -> bool:
        await drills.hold(tx, drill_id)
        asked = await _asked(tx, drill_id, who, at)
        if not await drill_places.acknowledge(tx, drill_id, asked.facility_id, official(who), at):
            return False
        await audit.accepted(tx, who, ANSWER, drill_id, act="acknowledged")
        return True

    async with audit.attempt(db, who, ANSWER, drill_id):
        await _asked(db, drill_id, who, at)
        return await transact(db, work)


async def answer(
    drill_id: str,
    stated: Mapping[str, Statement],
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> None:
    """What a facility says of lots that it is asked about, all of it or nothing; the last word on
    each counts, so the same sent twice is the same. Raises StatedMoreThanHad, DrillOver."""

    async def work(tx: Tx) -> None:
        # First of all: of two that answer at once, the one that came later starts anew before it
        # has done anything.
        await drills.hold(tx, drill_id)
        asked = await _asked(tx, drill_id, who, at)
        own = asked.facility_id
        if not await drill_places.asks_about(tx, drill_id, own, stated):
            raise NotFound()
        await _must_have_had(tx, own, stated)
        await drill_places.state(tx, drill_id, own, stated, official(who), at)
        # Whoever states what it has was told, whether it pressed that button or not.
        await drill_places.acknowledge(tx, drill_id, own, official(who), at)
        await audit.accepted(tx, who, ANSWER, drill_id, act="stated", lots=len(stated))

    async with audit.attempt(db, who, ANSWER, drill_id):
        await _asked(db, drill_id, who, at)
        await transact(db, work)


async def managed_by(reader: Database | Tx, drill_id: str, who: Principal) -> Drill:
    """The drill, for who may decide on it: officials of the area of its target, of no tier below
    that of who began it; a facility on what it began itself. Raises NotFound, Forbidden,
    DecidedAbove."""
    drill = await seeing.seen_by(who, drill_id, db=reader)
    require(who, DRILL)
    if not seeing.is_theirs(who, drill):
        raise OutOfReach()
    must_not_be_below(who.tier, drill.tier)
    return drill


async def _must_have_had(tx: Tx, facility_id: str, stated: Mapping[str, Statement]) -> None:
    """Raises StatedMoreThanHad, and NotFound for a lot that is not known any more."""
    lots = await genealogy.lots(tx, stated)
    books = await books_of(tx, lots)
    for lot_id, said in stated.items():
        if lot_id not in lots:
            raise NotFound()
        lot = lots[lot_id]
        came = books[lot_id].books.had.get(facility_id)
        # Where nobody can say how much came, all of it is as much as can have.
        said.check(came or lot.quantity, lot.unit)


async def _must_not_tire(tx: Tx, drill: Drill) -> None:
    """Raises DrillsEnough where a facility began as many as one may."""
    by = drill.by.facility_id
    day = drill.begun_at - timedelta(days=1)
    if by is not None and await drills.begun_by(tx, by, day) >= MOST_A_DAY:
        raise DrillsEnough(most=MOST_A_DAY)


async def _asked(
    reader: Database | Tx, drill_id: str, who: Principal, at: datetime
) -> drill_places.Asked:
    drill = await seeing.seen_by(who, drill_id, db=reader)
    require(who, ANSWER)
    own = who.facility_id
    asked = await drill_places.asked_of(reader, drill_id, own) if own is not None else None
    if asked is None:
        raise OutOfReach()
    drill.must_take_answers(at)
    return asked


async def _tell(tx: Tx, drill: Drill, found: Scope) -> None:
    """Whoever is asked, and the events that the courier tells them by."""
    await drill_places.ask(tx, drill.id, found.places)
    ids = [one.facility_id for one in found.places]
    parts = chunks(ids, NAMED)
    await outbox.append(tx, *(drill.told(tuple(part), n) for n, part in enumerate(parts, 1)))


async def _note(tx: Tx, who: Principal, drill: Drill, act: str, reason: str = "") -> None:
    await audit.accepted(
        tx,
        who,
        DRILL,
        drill.id,
        reason,
        act=act,
        target=drill.plan.target.key,
        lots=drill.reached.lots,
        facilities=drill.reached.facilities,
        seconds=drill.reached.seconds,
        state=drill.state,
    )
