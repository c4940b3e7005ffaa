"""What was told to whom and what waits, for who may see it; of a case, in short."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.recall.domain.case import Case
from services.recall.domain.contact import Contact
from services.recall.domain.contact import State as ContactState
from services.recall.domain.delivery import DRILLS, OPEN, OUR_OWN, Delivery, State
from services.recall.store import (
    contacts,
    deliveries,
    drills,
    facts,
    held,
    parked,
    tellings,
    told_cases,
)
from services.recall.store.newest import by_id
from services.recall.store.parked import Parked
from shared.auth import Principal, Scope, area_filter, require
from shared.errors import OutOfReach
from shared.mongo import Database, Document
from shared.web.i18n import worded

READ: Final = "recall_message.read"
RETELL: Final = "recall_message.retry"
# A courier says every few seconds that it runs.
SILENT: Final = timedelta(seconds=60)
# Longer than the messages of the widest recall take to be written.
STUCK: Final = timedelta(minutes=5)
COUNTED: Final = 10_000
# Failures named on a case's page.
NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery with the names of what it is about; `contact` is None once it was removed."""

    delivery: Delivery
    contact: Contact | None
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class CourierState:
    """Whether one runs, and whether it can send mail. `parked` are messages that cannot be written,
    and hold up no others. `tellings`: events whose messages are not all
    written yet, the oldest heard at `telling_since`; `is_stuck` where that is too long ago."""

    runs: bool
    mail: bool
    tellings: int = 0
    telling_since: datetime | None = None
    is_stuck: bool = False
    parked: Parked = Parked(0, 0)  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Told:
    """Of a case: how many messages are told, wait, are held for a contact that rests, and were
    given up, without those that were `not_needed` any more when they were to go; how many
    facilities have no contact, or none that does not rest. While `is_being_told` there are messages
    that are not written yet."""

    total: int
    sent: int
    waiting: int
    held: int
    given_up: int
    not_needed: int
    late: Sequence[Row]
    facilities: int
    unreachable: int
    resting: int
    is_being_told: bool


async def listed(
    who: Principal, *, db: Database, state: str, case_id: str, page: int
) -> tuple[list[Row], dict[str, int], int]:
    """A page of those in a state ("" = all), newest first; how many in each; how many in this. No
    more than COUNTED are counted: there are some of two years."""
    require(who, READ)
    own: Document = {**visible_to(who), **({"case_id": case_id} if case_id else {})}
    numbers = await deliveries.numbers(db, own, most=COUNTED + 1)
    wanted = {**own, "state": state} if state else own
    size = deliveries.PAGE_SIZE
    found = await deliveries.listed(db, wanted, skip=(page - 1) * size, size=size)
    return await _named(found, db), numbers, numbers[state] if state else sum(numbers.values())


def visible_to(who: Principal) -> Document:
    """A facility's own; an official's those of facilities in the area, and of the own unit."""
    if who.facility_id is not None:
        return {"owner_kind": "facility", "owner_id": who.facility_id}
    area = area_filter(who)
    if not area:
        return {}
    own = {"owner_kind": "unit", "owner_id": who.unit_id}
    return {"$or": [{"owner_kind": "facility", **area}, own]}


def scope_of(delivery: Delivery, who: Principal) -> Scope:
    """Where what is told lies; a unit's own messages lie in its area."""
    if delivery.owner_kind == "facility":
        return Scope(delivery.owner_id, delivery.commune, delivery.sector)
    if delivery.owner_id == who.unit_id and who.facility_id is None:
        return Scope(None, who.communes[0] if who.communes else None, who.sector)
    return Scope()


async def one(who: Principal, delivery_id: str, *, db: Database) -> Delivery:
    """Raises NotFound, also for what the asker may not see."""
    require(who, READ)
    found = await deliveries.get(db, delivery_id)
    if not who.covers(READ, scope_of(found, who)):
        raise OutOfReach()
    return found


async def courier(db: Database, at: datetime) -> CourierState:
    known = await deliveries.courier(db)
    if known is None:
        return CourierState(runs=False, mail=False)
    since = await tellings.oldest(db)
    return CourierState(
        runs=at - known["at"] < SILENT,
        mail=known["mail"],
        tellings=await tellings.number(db),
        telling_since=since,
        is_stuck=since is not None and at - since > STUCK,
        parked=await parked.number(db),
    )


async def of_case(who: Principal, case: Case, *, db: Database) -> Told | None:
    """None for who may not see it."""
    if not who.may(READ):
        return None
    wanted: Document = {**visible_to(who), "case_id": case.id}
    numbers = await deliveries.numbers(db, wanted)
    over = {"error": {"$in": sorted(OUR_OWN)}, "state": str(State.GIVEN_UP)}
    not_needed = await deliveries.number(db, {**wanted, **over})
    late = {"state": {"$in": [str(State.FAILED), str(State.GIVEN_UP)]}, "$nor": [over]}
    rows = await deliveries.listed(db, {**wanted, **late}, skip=0, size=NAMED)
    theirs = [
        place.facility_id
        for place in dict.fromkeys((case.owner, *case.places))
        if place.facility_id
        and who.covers(READ, Scope(place.facility_id, place.commune, place.sector))
    ]
    reached = await contacts.reachable(db, theirs, ContactState.ACTIVE)
    resting = await contacts.reachable(db, theirs, ContactState.PAUSED) - reached
    kept = await held.number(db, wanted)
    return Told(
        total=sum(numbers.values()) - not_needed,
        sent=numbers[State.SENT],
        waiting=sum(numbers[state] for state in OPEN) - kept,
        held=kept,
        given_up=numbers[State.GIVEN_UP] - not_needed,
        not_needed=not_needed,
        late=await _named(rows, db),
        facilities=len(theirs),
        unreachable=len(set(theirs) - reached - resting),
        resting=len(resting),
        is_being_told=await tellings.of_case(db, case.id) > 0,
    )


async def _named(found: Sequence[Delivery], db: Database) -> list[Row]:
    owners = {one.owner_id for one in found}
    facilities = await facts.facilities(db, owners)
    units = await by_id(db, facts.UNITS, owners)
    names = {id_: one.name for id_, one in facilities.items()}
    names |= {id_: row["name"] for id_, row in units.items()}
    known = {id_: await contacts.find(db, id_) for id_ in {one.contact_id for one in found}}
    about = {(one.case_id, one.message in DRILLS) for one in found if one.case_id}
    titles = {id_: await _title(db, id_, drill) for id_, drill in about}
    return [
        Row(
            one,
            known[one.contact_id],
            names.get(one.owner_id, one.owner_id),
            titles.get(one.case_id, ""),
        )
        for one in found
    ]


async def about(case_id: str, *, db: Database) -> str:
    """Below which address that is whose messages are asked for: a case, or a drill."""
    is_drill = bool(case_id) and await drills.find(db, case_id) is not None
    return "/console/recall/drills/" if is_drill else "/console/recall/"


async def _title(db: Database, case_id: str, of_drill: bool) -> str:
    if of_drill:
        drill = await drills.find(db, case_id)
        plan = drill.plan if drill is not None else None
        return worded(plan.label, plan.label_en, plan.label_zh) if plan else ""
    case = await told_cases.words(db, case_id)
    if case is None:
        return ""
    return worded(case.wording.title, case.wording.title_en, case.wording.title_zh)
