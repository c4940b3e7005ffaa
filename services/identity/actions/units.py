"""Units founded and edited by system accounts in their own part of the tree (R1, R4)."""

from dataclasses import dataclass
from datetime import datetime

from services.identity.actions import clients
from services.identity.domain.management import ManagedFromAbove
from services.identity.domain.reshaping import require_standing
from services.identity.domain.units import (
    WHOLE,
    Reach,
    Unit,
    UnitReachTakenOver,
    UnitReachTooNarrow,
    UnitReachTooWide,
    found,
    require_below,
)
from services.identity.store import accounts
from services.identity.store import units as store
from shared import audit, once
from shared.auth import Principal, require
from shared.errors import EditConflict
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

EDIT = "unit.edit"


@dataclass(frozen=True, slots=True)
class UnitEdit:
    """A unit as somebody wants it, made from `version`."""

    version: int
    name: str
    reach: Reach
    active: bool


async def found_unit(
    name: str,
    tier: str,
    parent_id: str,
    reach: Reach,
    *,
    who: Principal,
    db: Database,
    now: datetime,
    repeat_key: str | None = None,
) -> Unit:
    """A new unit below one's own; raises NotFound, Forbidden and the refusals of domain.units."""
    unit_id = new_id()
    asked = once.once(who, repeat_key, "unit", name, tier, parent_id, reach)
    async with audit.attempt(db, who, EDIT, unit_id):

        async def work(tx: Tx) -> Unit:
            require(who, EDIT)
            if before := await once.answered(tx, asked):
                return await store.get(tx, before["id"])
            parent = await store.get(tx, parent_id)
            require_below(who, parent)
            unit = found(unit_id, name=name, tier=tier, parent=parent, reach=reach, now=now)
            await store.insert(tx, unit)
            await once.keep(tx, asked, {"id": unit.id}, now)
            await outbox.append(tx, unit.published(now))
            await audit.accepted(tx, who, EDIT, unit.id, name=name, tier=tier, parent=parent_id)
            return unit

        return await transact(db, work)


async def edit_unit(
    unit_id: str, edit: UnitEdit, *, who: Principal, db: Database, now: datetime
) -> Unit:
    """Rename, change the reach, close or reopen. Its accounts' tokens say so at their next step."""
    async with audit.attempt(db, who, EDIT, unit_id):

        async def work(tx: Tx) -> Unit:
            before = await store.get(tx, unit_id)
            require_below(who, before)
            require(who, EDIT)
            if before.id == who.unit_id and before.parent_id is not None:
                raise ManagedFromAbove()
            if before.version != edit.version:
                raise EditConflict()
            require_standing(before)
            unit = before.edit(name=edit.name, reach=edit.reach, active=edit.active, now=now)
            await check_reach(tx, unit)
            await _check_taken_over(tx, unit)
            await store.put(tx, unit)
            await outbox.append(tx, unit.published(now))
            if (unit.reach, unit.active) != (before.reach, before.active):
                await _renew_tokens(tx, unit, now)
            await audit.accepted(tx, who, EDIT, unit.id, name=unit.name, active=unit.active)
            return unit

        return await transact(db, work)


async def check_reach(tx: Tx, unit: Unit) -> None:
    """Raise UnitReachTooWide or UnitReachTooNarrow against the units above and below."""
    if unit.parent_id is not None:
        parent = await store.get(tx, unit.parent_id)
        if not parent.reach.covers(unit.reach):
            raise UnitReachTooWide("communes")
    for child in await store.children(tx, unit):
        if not child.successor_id and not unit.reach.covers(child.reach):
            raise UnitReachTooNarrow("communes", unit=child.name)


async def _check_taken_over(tx: Tx, unit: Unit) -> None:
    """Raise UnitReachTakenOver where nobody would answer for a merged unit's communes any more:
    whatever keeps the place it had (shipments, cases, applications) is found by them alone."""
    left = (await store.merged_communes(tx)).get(unit.id, set()) - {WHOLE}
    others = [one for one in await store.of_tier(tx, unit.tier) if one.id != unit.id]
    answered = {code for one in (unit, *others) for code in one.reach.communes}
    left -= left if WHOLE in answered else answered
    if left:
        raise UnitReachTakenOver("communes", communes=", ".join(sorted(left)))


async def _renew_tokens(tx: Tx, unit: Unit, now: datetime) -> None:
    await clients.follow(tx, unit.id, unit, now)
    for account in await accounts.of_unit(tx, unit.id):
        changed, revoked = account.void_tokens("unit_changed", now)
        await accounts.put(tx, changed)
        await outbox.append(tx, revoked)
