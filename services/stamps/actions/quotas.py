"""Setting and ending quotas of stamps, and what they leave to those who ask and decide."""

from datetime import datetime

from services.stamps.domain import quota_room
from services.stamps.domain.quotas import (
    ALL_PRODUCTS,
    LimitNeeded,
    LimitNotUsed,
    Period,
    ProductOfOthers,
    Quota,
    QuotaChange,
    Quotas,
    Standing,
    span,
    standings,
)
from services.stamps.store import facts, quotas
from shared import audit, once
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.mongo import Database, Tx, transact


async def change(
    *,
    facility_id: str,
    product_id: str = ALL_PRODUCTS,
    period: Period,
    act: str,
    limit: int | None = None,
    reason: str,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> QuotaChange:
    """Set (`act` set) how many stamps may be issued to a facility in each year or month, of one
    product or of all, or end such a quota (`act` end).

    Raises LimitNeeded, LimitNotUsed, ProductOfOthers, NoQuotaToEnd, QuotaDecidedAbove,
    TooManyQuotas, EditConflict, KeyReused.
    """
    asked = once.once(who, key, "quota", facility_id, product_id, period, act, limit, reason)

    async def work(tx: Tx) -> QuotaChange:
        if before := await once.answered(tx, asked):
            return await quotas.change(tx, before["id"])
        await _must_be_theirs(tx, facility_id, product_id, who)
        if act == "set" and limit is None:
            raise LimitNeeded("limit")
        if act == "end" and limit is not None:
            raise LimitNotUsed("limit")
        known = await quotas.of(tx, facility_id)
        made = QuotaChange(
            facility_id=facility_id,
            number=known.next,
            product_id=product_id,
            period=period,
            limit=limit,
            reason=reason,
            by=who.account_id,
            by_name=who.name,
            by_tier=who.tier,
            at=now,
        )
        await quotas.put(tx, known.changed(made), made)
        await once.keep(tx, asked, {"id": made.id}, now)
        told = {"period": period, "limit": "-" if limit is None else limit, "product": product_id}
        await audit.accepted(tx, who, "stamps.quota", facility_id, reason, **told)
        return made

    async with audit.attempt(db, who, "stamps.quota", facility_id):
        return await transact(db, work)


async def _must_be_theirs(tx: Tx, facility_id: str, product_id: str, who: Principal) -> None:
    facility = await facts.facility(tx, facility_id)
    require(who, "stamps.quota", facility.scope)
    if facility.commune is None:
        raise NotFound()
    if product_id:
        product = await facts.product(tx, product_id)
        if product is None or product.facility_id != facility_id:
            raise ProductOfOthers("product_id")


async def standings_of(
    where: Tx | Database, facility_id: str, limits: tuple[Quota, ...], now: datetime
) -> list[Standing]:
    """How far these quotas of a facility are used in the periods that run now, and what waits."""
    if not limits:
        return []
    periods: set[Period] = {one.period for one in limits}
    issued = {
        period: await quotas.issued(where, facility_id, span(period, now)) for period in periods
    }
    return standings(limits, issued, await quotas.waiting(where, facility_id), now)


async def must_be_left(
    where: Tx | Database, known: Quotas, product_id: str, quantity: int, now: datetime
) -> None:
    """Raise QuotaOfNone, QuotaUsedUp, QuotaExceeded where a quota of the facility leaves fewer
    stamps than these."""
    binding = known.binding(product_id)
    quota_room.must_leave(await standings_of(where, known.facility_id, binding, now), quantity)


async def must_be_open(
    tx: Tx, known: Quotas, product_id: str, quantity: int, now: datetime
) -> None:
    """The same of what is asked for, beside what waits: also QuotaAllAwaited, QuotaAwaited."""
    binding = known.binding(product_id)
    quota_room.must_be_open(await standings_of(tx, known.facility_id, binding, now), quantity)
