"""When all goods of a recall are accounted for and handled, its owner owes the report on it.

Whatever tells of it, the sums as they stand decide, so events may come twice, late, in any order.
What is heard only asks for a look: all sums of a large case take longer than a transaction may.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from services.recall.actions import clocks
from services.recall.actions.owner_requests import COMPLETION
from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.domain.case import Case
from services.recall.domain.deadlines import ENDED
from services.recall.domain.owner_request import About
from services.recall.domain.terms import Kind, State
from services.recall.queries.balances import all_explained
from services.recall.store import cases, completions, owner_requests, recoveries
from services.recall.store import clocks as kept
from services.recall.store.completions import Look
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import GoodsAccounted, RecallCorrected, ScopeChanged
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database, Tx, transact

AT_ONCE: Final = 50
# Words of officials account for goods as well; no event of their own tells of them.
EXPLAINED = frozenset(("explained", "explanation_agreed"))


async def follow_rows(tx: Tx, events: Sequence[GoodsAccounted]) -> None:
    await _ask(tx, ((event.case_id, event.time) for event in events))


async def follow_words(tx: Tx, events: Sequence[RecallActRecorded]) -> None:
    told = (
        (event.subject, event.time)
        for event in events
        if event.outcome == "accepted" and event.facts.get("act") in EXPLAINED
    )
    await _ask(tx, told)


async def follow_scope(tx: Tx, events: Sequence[ScopeChanged | RecallCorrected]) -> None:
    """Goods that join are not accounted for yet; the last that were not may have been taken out."""
    await _ask(tx, ((event.subject, event.time) for event in events))


async def made_anew(tx: Tx, lots: Iterable[str]) -> None:
    """What was made of these lots is told anew: that may account for all goods of a case, or for
    all no longer. Sums of it that are being added up are out of date."""
    at = now()
    for case_id in sorted(await cases.standing_over(tx, lots)):
        await recoveries.hold(tx, case_id)
        await completions.ask(tx, case_id, at)


async def sweep(db: Database, at: datetime, turn: Turn | None = None) -> int:
    """Look at the cases that something was told of, by turns; how many there were."""
    turn = turn or Turn()
    found = await completions.waiting(db, AT_ONCE, after=turn.after)
    turn.took(found, AT_ONCE)
    await each_by_itself([_look(db, case_id, at) for case_id in found])
    return len(found)


async def _look(db: Database, case_id: str, at: datetime) -> None:
    """Add up outside of any transaction; what came of it is kept if nothing moved meanwhile, else
    the case is looked at again."""
    look = await completions.get(db, case_id)
    if look is None:
        return
    turns = await recoveries.turns(db, case_id)
    case = await _known(db, case_id)
    is_complete = case is not None and _is_owed(case) and await all_explained(db, case)

    async def work(tx: Tx) -> None:
        if case is not None:
            # Without a turn of its own: two that look at once would make each other look for ever,
            # and whoever closes the case meanwhile add up all of it within its transaction.
            if await recoveries.look(tx, case_id) != turns:
                return
            row = await tx.collection(cases.CASES).find_one({"_id": case_id}, {"version": 1})
            if row is None or row["version"] != case.version:
                return
            await _keep(tx, case, look, at, is_complete=is_complete)
        await completions.taken(tx, look)

    await transact(db, work)


async def _known(db: Database, case_id: str) -> Case | None:
    try:
        return await cases.get(db, case_id)
    except NotFound:
        return None


def _is_owed(case: Case) -> bool:
    is_owned = case.kind is not Kind.WARNING and bool(case.owner.facility_id)
    return is_owned and case.state is State.ORDERED


async def _keep(tx: Tx, case: Case, look: Look, at: datetime, *, is_complete: bool) -> None:
    since, in_force = await kept.kept_since(tx), await kept.kept_since(tx, kept.LATER)
    if since is not None and look.at < since:
        return
    reports = await owner_requests.of_case(tx, case.id, About.CLOSING)
    if reports and reports[-1].waits:
        return  # It has reported.
    of = str(reports[-1].number + 1) if reports else ""
    known = await kept.get(tx, "/".join(part for part in (case.id, COMPLETION, of) if part))
    if is_complete:
        # What was complete before anybody owed a report is not late on the day of the upgrade.
        begun = max(look.at, in_force) if in_force else look.at
        if known is not None and known.stopped_at is not None:
            # What is told late of an earlier time starts nothing before the last end.
            begun = max(begun, known.stopped_at)
        anew = known is not None and not known.is_running
        await clocks.start(tx, COMPLETION, case.id, case.owner, begun, of=of, anew=anew)
    elif known is not None and known.is_running:
        await clocks.end(tx, known, at, ENDED)


async def _ask(tx: Tx, told: Iterable[tuple[str, datetime]]) -> None:
    found: dict[str, datetime] = {}
    for case_id, at in told:
        found[case_id] = max(at, found.get(case_id, at))
    for case_id, at in found.items():
        await completions.ask(tx, case_id, at)
