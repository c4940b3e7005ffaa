"""What registry's facts about facilities mean for their accounts (R7)."""

from datetime import datetime

from services.identity.actions import history, life
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account, Hold
from services.identity.store import accounts, facilities, made
from shared import audit
from shared.contracts.registry import (
    FacilityEntered,
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
)
from shared.messaging import outbox
from shared.mongo import Tx


async def note_facility(tx: Tx, event: FacilityPublished) -> None:
    """Where a facility lies decides who manages its accounts."""
    newest = await facilities.note(
        tx, event.subject, event.version, event.name, event.commune, event.sector, event.code
    )
    if newest:
        await accounts.note_facility(tx, event.subject, event.commune, event.sector)
    stopped = event.status == "stopped"
    await _note_status(tx, event.subject, event.version, event.time, stopped=stopped)


async def note_entered(tx: Tx, event: FacilityEntered) -> None:
    """Its application can then be accepted for that facility, once it is published."""
    await made.note(tx, event.application_id, made.Made(event.subject, event.code))


async def note_stopped(tx: Tx, event: FacilityStopped) -> None:
    """Its accounts are suspended with it."""
    await _note_status(tx, event.subject, event.version, event.time, stopped=True)


async def note_resumed(tx: Tx, event: FacilityResumed) -> None:
    """Those that were suspended with it are active again; others stay as they are."""
    await _note_status(tx, event.subject, event.version, event.time, stopped=False)


async def _note_status(
    tx: Tx, facility_id: str, version: int, now: datetime, *, stopped: bool
) -> None:
    if not await facilities.note_status(tx, facility_id, version, stopped=stopped):
        return
    for account in await accounts.of_facility(tx, facility_id):
        held = Hold.FACILITY_STOPPED in account.holds
        if account.revoked or held == stopped:
            continue
        if stopped:
            await _suspend(tx, account, now)
        else:
            await _lift(tx, account, now)


async def _suspend(tx: Tx, account: Account, now: datetime) -> None:
    reason = "facility_stopped"
    changed, *events = account.suspend(Hold.FACILITY_STOPPED, reason, now)
    await life.stop(tx, changed, events, now)
    await history.note(tx, account.id, Did.SUSPENDED, Origin(), now)
    await audit.accepted(tx, None, "account.suspend", account.id, reason)


async def _lift(tx: Tx, account: Account, now: datetime) -> None:
    changed, published = account.lift(frozenset({Hold.FACILITY_STOPPED}), now)
    await accounts.put(tx, changed)
    await outbox.append(tx, published)
    await history.note(tx, account.id, Did.ACTIVATED, Origin(), now)
    await audit.accepted(tx, None, "account.activate", account.id, "facility_resumed")
