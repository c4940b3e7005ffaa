"""What officials decide about a suspicion."""

from datetime import datetime

from services.scan.domain.suspicion import Judgement, Suspicion
from services.scan.domain.tally import day_of
from services.scan.store import facilities, suspicions
from services.scan.store.gate import pass_gate
from shared import audit
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def judge(
    batch: int,
    serial: int,
    *,
    judgement: Judgement,
    reason: str,
    who: Principal,
    db: Database,
    now: datetime,
) -> Suspicion:
    """Confirm or clear; the replicas follow within a second. Raises ReasonNeeded, AlreadyJudged.

    It passes the recorder's gate, for replicas ask for what came after the last turn they saw.
    """
    stamp = batch, serial

    async def work(tx: Tx) -> Suspicion:
        passed = await pass_gate(tx)
        before = (await suspicions.of(tx, [stamp])).get(stamp)
        if before is None:
            raise NotFound()
        scope = await facilities.scope_of(tx, before.facility_id)
        require(who, "suspicion.judge", scope)
        after = before.judged(
            judgement,
            reason=reason,
            by=who.account_id,
            by_name=who.name,
            today=day_of(now),
            now=now,
        )
        await suspicions.put(tx, [after], passed)
        await outbox.append(tx, after.told())
        await audit.accepted(tx, who, "suspicion.judge", after.id, reason, decision=after.state)
        return after

    async with audit.attempt(db, who, "suspicion.judge", f"{batch}/{serial}"):
        return await transact(db, work)
