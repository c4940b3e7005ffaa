"""Reports on recalls that owners sent before the authority could answer them are asked anew."""

from datetime import datetime
from typing import Final

from services.recall.actions import clocks
from services.recall.actions.owner_requests import ANSWERS, COMPLETION
from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.domain.owner_request import About, OwnerRequest
from services.recall.domain.terms import Kind, Official, State
from services.recall.store import cases, owner_requests
from services.recall.store.owner_requests import ReportOfBefore
from services.recall.store.recoveries import look
from shared.errors import NotFound
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

AT_ONCE: Final = 50


async def sweep(db: Database, at: datetime, turn: Turn | None = None) -> int:
    """Take some over, by turns; how many there were. The time to answer runs from now on."""
    turn = turn or Turn()
    found = await owner_requests.of_before(db, AT_ONCE, after=turn.after)
    turn.took([one.case_id for one in found], AT_ONCE)
    await each_by_itself([_take_over(db, one, at) for one in found])
    return len(found)


async def _take_over(db: Database, before: ReportOfBefore, at: datetime) -> None:
    id_ = new_id()

    async def work(tx: Tx) -> None:
        await look(tx, before.case_id)
        await owner_requests.drop_of_before(tx, before.case_id)
        try:
            case = await cases.get(tx, before.case_id)
        except NotFound:
            return  # Nobody is asked about it any more.
        is_running = case.state is State.ORDERED and case.kind is not Kind.WARNING
        if not is_running or await owner_requests.of_case(tx, case.id, About.CLOSING):
            return  # Its end was the answer, or the owner has asked again since.
        owner = case.owner.facility_id
        by = Official(before.account_id, before.name, owner)
        one = OwnerRequest(id_, case.id, About.CLOSING, 1, before.words, by, before.at)
        await owner_requests.add(tx, one)
        await clocks.stop(tx, COMPLETION, case.id, before.at)
        await clocks.start(tx, ANSWERS[About.CLOSING], case.id, case.owner, at, of=id_)

    await transact(db, work)
