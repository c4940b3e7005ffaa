"""Units moved and merged: their accounts follow, what was before stays to be read (R1, R4)."""

from datetime import datetime

from services.identity.actions import clients
from services.identity.actions.units import EDIT, check_reach
from services.identity.domain import reshaping
from services.identity.domain.management import ManagedFromAbove
from services.identity.domain.units import Unit, require_below
from services.identity.store import accounts
from services.identity.store import units as store
from shared import audit
from shared.auth import Principal, require
from shared.errors import EditConflict
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def move_unit(
    unit_id: str,
    parent_id: str,
    version: int,
    reason: str,
    *,
    who: Principal,
    db: Database,
    now: datetime,
) -> Unit:
    """Under another parent; raises NotFound, Forbidden and the refusals of domain.reshaping.

    Both the old and the new place must lie in the asker's own part of the tree.
    """
    async with audit.attempt(db, who, EDIT, unit_id):

        async def work(tx: Tx) -> Unit:
            unit = await _own(tx, unit_id, who)
            _require_version(unit, version)
            parent = await store.get(tx, parent_id)
            require_below(who, parent)
            moved = reshaping.move(unit, parent, now)
            await _put_moved(tx, moved, now)
            facts = {"moved_from": unit.parent_id, "moved_to": parent_id}
            await audit.accepted(tx, who, EDIT, unit_id, reason, **facts)
            return moved.unit

        return await transact(db, work)


async def merge_units(
    target_id: str,
    merged_ids: tuple[str, ...],
    name: str,
    version: int,
    reason: str,
    *,
    who: Principal,
    db: Database,
    now: datetime,
) -> Unit:
    """Others into this one: it answers for all they did, has their accounts and their units.

    Raises NotFound, Forbidden, EditConflict and the refusals of domain.reshaping.
    """
    async with audit.attempt(db, who, EDIT, target_id):

        async def work(tx: Tx) -> Unit:
            target = await _own(tx, target_id, who)
            _require_version(target, version)
            merged = tuple([await _own(tx, one, who) for one in dict.fromkeys(merged_ids)])
            unit = reshaping.absorb(target, merged, name, now)
            await store.put(tx, unit)
            for one in merged:
                await _dissolve(tx, one, unit, now)
            # Only now: what the merged units kept from reaching further is gone.
            await check_reach(tx, unit)
            await outbox.append(tx, unit.published(now))
            await _follow(tx, unit.id, unit, now)
            facts = {"merged": ",".join(one.id for one in merged), "name": unit.name}
            await audit.accepted(tx, who, EDIT, target_id, reason, **facts)
            return unit

        return await transact(db, work)


async def _dissolve(tx: Tx, one: Unit, into: Unit, now: datetime) -> None:
    """Its units move to the successor, its accounts follow, it is closed."""
    for child in await store.children(tx, one):
        if not child.successor_id:
            await _put_moved(tx, reshaping.move(child, into, now), now)
    closed = reshaping.close(one, into, now)
    await store.put(tx, closed)
    await outbox.append(tx, closed.published(now))
    await _follow(tx, one.id, into, now)


async def _put_moved(tx: Tx, moved: reshaping.Moved, now: datetime) -> None:
    below = [one for one in await store.under(tx, moved.unit.id) if one.id != moved.unit.id]
    for unit in (moved.unit, *map(moved.follow, below)):
        await store.put(tx, unit)
        await outbox.append(tx, unit.published(now))
        await _follow(tx, unit.id, unit, now)


async def _follow(tx: Tx, unit_id: str, unit: Unit, now: datetime) -> None:
    """What `unit_id` kept is kept by `unit` from now on: accounts, whose tokens say so, and
    programs."""
    await clients.follow(tx, unit_id, unit, now)
    for account in await accounts.of_unit(tx, unit_id):
        changed, revoked = reshaping.transfer(account, unit).void_tokens("unit_changed", now)
        await accounts.put(tx, changed)
        await outbox.append(tx, changed.published(now), revoked)


async def _own(tx: Tx, unit_id: str, who: Principal) -> Unit:
    unit = await store.get(tx, unit_id)
    require_below(who, unit)
    require(who, EDIT)
    if unit.id == who.unit_id:
        raise ManagedFromAbove()
    return unit


def _require_version(unit: Unit, version: int) -> None:
    if unit.version != version:
        raise EditConflict()
