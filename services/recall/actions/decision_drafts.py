"""A decision's file is taken in before its sender is asked to prove who they are, so that nobody
chooses it twice."""

from datetime import datetime

from services.recall import evidence
from services.recall.actions.decisions import must_be_theirs
from services.recall.domain.decision_refusals import DraftGone
from services.recall.evidence import File, Ready
from services.recall.store import decision_drafts as store
from shared.auth import Principal
from shared.ids import new_id
from shared.mongo import Database


async def keep(case_id: str, file: File, *, who: Principal, db: Database, at: datetime) -> str:
    """Its id, after the same checks as of a file that is supplied. Raises what `evidence.ready`
    raises, and what keeps others from supplying it."""
    await must_be_theirs(db, case_id, who)
    paper = (await evidence.ready([file], field="file"))[0]
    draft_id = new_id()
    await store.keep(db, draft_id, case_id, who.account_id, paper, at)
    return draft_id


async def find(
    case_id: str, draft_id: str, *, who: Principal, db: Database, at: datetime
) -> Ready | None:
    """None without an id; raises DraftGone where there is none of that id any more."""
    if not draft_id:
        return None
    found = await store.get(db, draft_id, case_id, who.account_id, at)
    if found is None:
        raise DraftGone("file")
    return found
