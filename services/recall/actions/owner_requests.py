"""The owner of recalled goods asks, the authority answers; each starts and stops its deadlines."""

from datetime import datetime
from typing import Final

from services.recall.actions import clocks, recoveries
from services.recall.actions.acting import official
from services.recall.domain import recovery_refusals as refusals
from services.recall.domain.case import Case
from services.recall.domain.owner_request import About, OwnerRequest
from services.recall.domain.terms import Handling, State
from services.recall.store import cases, completions, entries, owner_requests
from services.recall.store.entries import Entry
from services.recall.store.recoveries import look
from shared import audit
from shared.auth import Principal, require
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

CLOSE: Final = "recall.close"
# The deadline of the authority's answer. Only the first is the law's.
ANSWERS: Final = {About.HANDLING: "handling_answer", About.CLOSING: "closing_answer"}
COMPLETION: Final = "completion_report"


async def propose_handling(
    case_id: str, handling: Handling, words: str, *, who: Principal, db: Database, at: datetime
) -> OwnerRequest:
    """The owner proposes how the goods that came back are to be handled.

    Raises RequestWaits while the one before is not answered.
    """
    return await _ask(case_id, About.HANDLING, handling, words, who=who, db=db, at=at)


async def ask_for_closing(
    case_id: str, words: str, *, who: Principal, db: Database, at: datetime
) -> OwnerRequest:
    """The owner of the goods reports that the recall is carried out; the authority closes it, or
    sends the report back."""
    return await _ask(case_id, About.CLOSING, None, words, who=who, db=db, at=at)


async def answer(
    case_id: str,
    id_: str,
    *,
    agreed: bool,
    words: str,
    who: Principal,
    db: Database,
    at: datetime,
) -> OwnerRequest:
    """The authority agrees to a handling, or sends back what was asked, with words."""

    async def work(tx: Tx) -> OwnerRequest:
        await look(tx, case_id)
        case = await cases.get(tx, case_id)
        require(who, CLOSE, cases.scope_of(case.owner))
        if case.state is not State.ORDERED:
            raise refusals.NotBeingCarriedOut()
        before = await owner_requests.get(tx, case_id, id_)
        one = before.answered(agreed=agreed, words=words, by=official(who), now=at)
        await owner_requests.put(tx, one)
        await clocks.stop(tx, ANSWERS[one.about], case_id, at, of=one.id)
        if one.about is About.CLOSING:
            # The report was not enough: another one is owed once all goods are accounted for.
            await completions.ask(tx, case_id, at)
        act = f"{one.about}_{one.state}"
        await _note(tx, case, act, who, at)
        await audit.accepted(tx, who, CLOSE, case_id, words, act=act, request=one.id)
        return one

    async with audit.attempt(db, who, CLOSE, case_id):
        return await transact(db, work)


async def settle(tx: Tx, case_id: str, who: Principal, at: datetime) -> None:
    """The case is closed: what waits is answered by that."""
    for one in await owner_requests.of_case(tx, case_id):
        if one.waits:
            await owner_requests.put(tx, one.closed(by=official(who), now=at))
            await clocks.stop(tx, ANSWERS[one.about], case_id, at, of=one.id)


async def end(tx: Tx, case_id: str, at: datetime) -> None:
    """The case was lifted, or became a warning: nobody answers what waits; its deadlines are ended
    by whoever ends those of the case."""
    await look(tx, case_id)
    for one in await owner_requests.of_case(tx, case_id):
        if one.waits:
            await owner_requests.put(tx, one.ended(now=at))


async def _ask(
    case_id: str,
    about: About,
    handling: Handling | None,
    words: str,
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> OwnerRequest:
    id_ = new_id()

    async def work(tx: Tx) -> OwnerRequest:
        await look(tx, case_id)
        case = await recoveries.carried_out(tx, case_id, who)
        if case.state is not State.ORDERED:
            raise refusals.NotBeingCarriedOut()
        if who.facility_id is None or who.facility_id != case.owner.facility_id:
            raise refusals.OwnerAsks()
        before = await owner_requests.of_case(tx, case_id, about)
        if before and before[-1].waits:
            raise refusals.RequestWaits()
        number = len(before) + 1
        one = OwnerRequest(id_, case_id, about, number, words, official(who), at, handling)
        await owner_requests.add(tx, one)
        await clocks.start(tx, ANSWERS[about], case_id, case.owner, at, of=id_)
        if about is About.CLOSING:
            # This is the report that its deadline waits for.
            await clocks.stop(tx, COMPLETION, case_id, at, of=_next(before[-1]) if before else "")
        await _note(tx, case, f"{about}_asked", who, at)
        await audit.accepted(
            tx, who, recoveries.REPORT, case_id, words, act=f"{about}_asked", request=id_
        )
        return one

    async with audit.attempt(db, who, recoveries.REPORT, case_id):
        return await transact(db, work)


def _next(one: OwnerRequest) -> str:
    """What tells the deadline of the report after this one apart; the first has the bare name."""
    return str(one.number + 1)


async def _note(tx: Tx, case: Case, act: str, who: Principal, at: datetime) -> None:
    """Without the words: they tell of other facilities, and everybody touched reads the history."""
    await entries.add(tx, Entry(case.id, case.version, act, at, official(who)))
