"""Explaining what is missing from a recall's sums."""

from collections.abc import Sequence
from datetime import datetime

from services.recall import evidence
from services.recall.actions import recoveries
from services.recall.actions.acting import official
from services.recall.domain import recovery_refusals as refusals
from services.recall.domain.case import Case
from services.recall.domain.explaining import Differs, Explanation
from services.recall.domain.recovery import Fate
from services.recall.domain.terms import State
from services.recall.evidence import File
from services.recall.queries.balances import balances_of
from services.recall.store import cases, explanations, goods
from services.recall.store import recoveries as stored
from services.recall.store.newest import Reader
from services.recall.store.recoveries import hold
from shared import audit, once
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

CLOSE = "recall.close"


async def explain(
    case_id: str,
    lots: Sequence[str],
    reason: str,
    *,
    who: Principal,
    files: Sequence[File] = (),
    key: str | None = None,
    db: Database,
    at: datetime,
) -> Explanation:
    """Explain the differences of these lots as they are now; without lots, of all that differ.

    Above five per cent of a lot it counts once a second person agrees.
    """
    id_ = new_id()
    sent = once.once(who, key, "explain", case_id, tuple(lots), reason, [f.data for f in files])

    async def work(tx: Tx) -> Explanation:
        if before := await once.answered(tx, sent):
            return await explanations.get(tx, case_id, before["id"])
        case = await _open(tx, case_id, who)
        # Of many lots they were found before; they hold if nobody reported meanwhile.
        same = await hold(tx, case_id) == turns and case.version == found_of
        differing = found if same else await _differing(tx, case, lots)
        kept = await recoveries.keep_files(tx, case_id, ready, who, at)
        one = Explanation.give(
            id_,
            case_id,
            differing,
            reason,
            evidence=tuple(file.id for file in kept),
            by=official(who),
            now=at,
        )
        await explanations.add(tx, one)
        await once.keep(tx, sent, {"id": id_}, at)
        facts = {"lots": len(one.amounts), "waits": one.waits}
        await audit.accepted(tx, who, CLOSE, case_id, reason, act="explained", **facts)
        return one

    async with audit.attempt(db, who, CLOSE, case_id):
        await _open(db, case_id, who)
        ready = await evidence.ready(files)
        turns = await stored.turns(db, case_id)
        case = await _open(db, case_id, who)
        found, found_of = await _differing(db, case, lots), case.version
        return await transact(db, work)


async def decide(
    case_id: str, id_: str, *, agreed: bool, who: Principal, db: Database, at: datetime
) -> Explanation:
    """The second person's word on a large difference."""

    async def work(tx: Tx) -> Explanation:
        await hold(tx, case_id)
        await _open(tx, case_id, who)
        before = await explanations.get(tx, case_id, id_)
        one = before.decide(agreed=agreed, by=official(who), now=at)
        await explanations.put(tx, one)
        act = "explanation_agreed" if agreed else "explanation_declined"
        await audit.accepted(tx, who, CLOSE, case_id, one.reason, act=act)
        return one

    async with audit.attempt(db, who, CLOSE, case_id):
        return await transact(db, work)


async def _open(reader: Database | Tx, case_id: str, who: Principal) -> Case:
    case = await cases.get(reader, case_id)
    require(who, CLOSE, cases.scope_of(case.owner))
    if case.state is not State.ORDERED:
        raise refusals.NotBeingCarriedOut()
    return case


async def _differing(reader: Reader, case: Case, lots: Sequence[str]) -> list[Differs]:
    if not set(lots) <= set(await goods.named(reader, case)):
        raise OutOfReach("lot_id")
    # What was explained before is explained anew, with the whole difference as it is now.
    return [
        Differs(
            one.lot.id,
            one.made.quantity - one.tally.total,
            one.gap_share,
            one.tally.of(Fate.LOST),
            one.tally.of(Fate.REMAINING),
            one.made.unit,
        )
        for one in await balances_of(reader, case, tuple(lots))
        if not one.is_explained
    ]
