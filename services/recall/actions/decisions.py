"""Supplying what an order rests on: the decision's number, day, body and file."""

from datetime import datetime
from hashlib import sha256

from services.recall import evidence
from services.recall.actions import clocks
from services.recall.actions.acting import official
from services.recall.domain import decision_refusals as wrong
from services.recall.domain import refusals
from services.recall.domain.case import Case
from services.recall.domain.decision import (
    MOST_VERSIONS,
    Decision,
    Given,
    Paper,
    must_supply,
)
from services.recall.domain.terms import Official, State
from services.recall.evidence import File, Ready
from services.recall.store import cases, decisions, entries
from services.recall.store.entries import Entry
from services.recall.store.newest import Reader
from shared import audit
from shared.auth import Principal, require, require_fresh
from shared.errors import EditConflict
from shared.mongo import Database, Tx, transact

ORDER = "recall.order"
DEADLINE = "decision_document"


async def supply(
    case_id: str,
    given: Given | None,
    file: File | Ready | None,
    *,
    version: int | None,
    who: Principal,
    db: Database,
    at: datetime,
) -> Decision:
    """The next version of the case's decision; what is not given is as it was before. `version` is
    that of the one on the page, 0 for none, None where it does not matter.

    The newest file once more, with nothing else new, is no further version. Raises DecisionUnknown
    for a file without number and day, DecisionInFuture, DecisionTooOld, TooManyVersions,
    EditConflict, and what `evidence.ready` raises of a file that was not looked at yet.
    """

    async def work(tx: Tx) -> Decision:
        case = await _supplied(tx, case_id, who, at)
        former = await decisions.of_case(tx, case_id)
        if version is not None and version != (former.version if former else 0):
            raise EditConflict()
        if former and paper and given in (None, former.given) and _is_kept(paper, former):
            return former  # Sent again, as after an answer that was lost.
        decision = _next(case, former, given, paper, official(who), at)
        await decisions.add(tx, decision, paper.data if paper else None)
        await _note(tx, case, decision, who)
        if paper is not None:
            await clocks.stop(tx, DEADLINE, case_id, at)
        return decision

    async with audit.attempt(db, who, ORDER, case_id):
        # Before anything is decoded: whoever may not supply it has nothing looked at.
        await _supplied(db, case_id, who, at)
        paper = await _looked_at(file)
        return await transact(db, work)


async def _looked_at(file: File | Ready | None) -> Ready | None:
    return (await evidence.ready([file], field="file"))[0] if isinstance(file, File) else file


def _next(
    case: Case,
    former: Decision | None,
    given: Given | None,
    paper: Ready | None,
    who: Official,
    at: datetime,
) -> Decision:
    """Raises DecisionUnknown, TooManyVersions, and what `Given.check` raises."""
    told = given or (former.given if former else None)
    if told is None:
        raise wrong.DecisionUnknown()
    told.check(at, case.asked_at)
    version = former.version + 1 if former else 1
    if version > MOST_VERSIONS:
        raise wrong.TooManyVersions(most=MOST_VERSIONS)
    kept = former.paper if former else None
    if paper is not None:
        size, digest = len(paper.data), _digest(paper)
        kept = Paper(paper.name, paper.media_type, size, version, digest)
    return Decision(case.id, version, told, who, at, kept)


def _is_kept(paper: Ready, former: Decision) -> bool:
    return former.paper is not None and former.paper.digest == _digest(paper)


def _digest(paper: Ready) -> str:
    return sha256(paper.data).hexdigest()


async def give_with(tx: Tx, case: Case, given: Given, who: Principal, at: datetime) -> None:
    """What was typed with the order itself; its file follows. Raises what `Given.check` raises."""
    given.check(at, case.asked_at, "decision_day")
    decision = Decision(case.id, 1, given, official(who), at)
    await decisions.add(tx, decision)
    await _note(tx, case, decision, who)


async def must_be_theirs(reader: Reader, case_id: str, who: Principal) -> Case:
    """A facility supplies what it ordered itself, an official what their unit, or a lower tier,
    ordered in their area."""
    case = await cases.get(reader, case_id)
    require(who, ORDER, cases.scope_of(case.owner))
    if who.facility_id is not None and case.ordered_by.facility_id != who.facility_id:
        raise wrong.DecisionNotYours()
    if who.facility_id is None:
        must_supply(official(who), case.ordering)
    return case


async def _supplied(reader: Reader, case_id: str, who: Principal, at: datetime) -> Case:
    """With a fresh proof, since the public notice names it."""
    case = await must_be_theirs(reader, case_id, who)
    require_fresh(who, ORDER, at)
    if case.state is State.DECLINED:
        raise refusals.RecallNotOrdered()
    return case


async def _note(tx: Tx, case: Case, decision: Decision, who: Principal) -> None:
    given = decision.given
    text = f"{given.number} · {given.day:%d/%m/%Y} · {given.issued_by}"
    await entries.add(
        tx, Entry(case.id, case.version, "decision", decision.at, official(who), text)
    )
    has_file = decision.paper is not None
    await audit.accepted(tx, who, ORDER, case.id, text, act="decision", has_file=has_file)
