"""Finding a target by what is at hand: a code, a lot number, a product's or facility's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.recall.actions.reach import NOBODY
from services.recall.domain.refusals import LotCodeAmbiguous, LotCodeNotFound
from services.recall.domain.target import Lot, TargetKind
from services.recall.queries.radius import PREVIEW
from services.recall.queries.search_sources import Source, facilities_of, sources
from services.recall.store import facts, genealogy, stamps
from services.recall.store.facts import Facility
from shared import stampcode
from shared.auth import Principal, Scope
from shared.mongo import Database, containing
from shared.spelling import fold
from shared.stampcode import Keyring

SHOWN = 10
SHORTEST = 2
# Codes such as 01/2026 are borne by lots of many facilities.
MOST_BEARING = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """A possible target. `id` and, for single stamps, the serial make its address."""

    kind: TargetKind
    id: str
    name: str
    facility: str
    first: int | None = None
    last: int | None = None
    number: str = ""


async def targets(
    text: str, *, who: Principal, keyring: Keyring, db: Database
) -> list[Found | Source]:
    """What the text may mean, within the account's scope; a stamp code means that stamp alone."""
    code = stampcode.decode(keyring, text)
    if code is not None:
        return [*await _by_stamp(code.batch, code.serial, who, db)]
    if len(text) < SHORTEST:
        return []
    found: list[Found | Source] = []
    if text.isascii() and text.isdecimal() and len(text) < 9:
        found += await _by_stamp(int(text), None, who, db)
    within = await facilities_of(who, db)
    pattern = containing(fold(text))
    products = await _products(db, pattern, within)
    found += await _lots(db, pattern, within, [product.id for product in products])
    found += [*products, *await _facilities(db, pattern, within)]
    return found + await sources(text, within, db=db)


async def _by_stamp(number: int, serial: int | None, who: Principal, db: Database) -> list[Found]:
    batch = await stamps.batch(db, number)
    if batch is None:
        return []
    facility = (await facts.facilities(db, [batch.facility_id])).get(batch.facility_id)
    if facility is None or not who.covers(PREVIEW, _scope(facility)):
        return []
    found = [Found(TargetKind.BATCH, str(number), "", facility.name)]
    if serial is None or serial >= batch.quantity:
        return found
    lot_id = await stamps.lot_of_serial(db, number, serial)
    lots = await genealogy.lots(db, [lot_id] if lot_id else [])
    on = [Found(TargetKind.LOT, lot.id, lot.code, facility.name) for lot in lots.values()]
    alone = Found(TargetKind.STAMPS, str(number), "", facility.name, serial, serial)
    return [*on, alone, *found]


async def _lots(
    db: Database, pattern: Any, within: list[str] | None, of_products: list[str]
) -> list[Found]:
    """Lots whose code fits or whose product does, the most recently produced first."""
    fits = [{"search": pattern}, {"product_id": {"$in": of_products}}]
    wanted = {"$or": fits, **_limit("facility_id", within)}
    rows = await genealogy.search(db, wanted, SHOWN)
    products = await facts.products(db, {lot.product_id for lot in rows})
    names = await facts.facilities(db, {lot.facility_id for lot in rows})
    return [
        Found(
            TargetKind.LOT,
            lot.id,
            f"{lot.code} · {products[lot.product_id].name}"
            if lot.product_id in products
            else lot.code,
            names[lot.facility_id].name if lot.facility_id in names else "",
        )
        for lot in rows
    ]


async def _products(db: Database, pattern: Any, within: list[str] | None) -> list[Found]:
    wanted = {"search": pattern, **_limit("facility_id", within)}
    rows = await facts.search_products(db, wanted, SHOWN)
    names = await facts.facilities(db, {product.facility_id for product in rows})
    return [
        Found(
            TargetKind.PRODUCT,
            product.id,
            product.name,
            names[product.facility_id].name if product.facility_id in names else "",
        )
        for product in rows
    ]


async def _facilities(db: Database, pattern: Any, within: list[str] | None) -> list[Found]:
    wanted = {"search": pattern, **_limit("_id", within)}
    rows = await facts.search_facilities(db, wanted, SHOWN)
    return [Found(TargetKind.FACILITY, row.id, row.name, row.commune_name) for row in rows]


def _limit(field: str, within: list[str] | None) -> dict[str, Any]:
    return {} if within is None else {field: {"$in": within}}


def _scope(facility: Facility) -> Scope:
    return Scope(facility.id, facility.commune, facility.sector)


async def lots_by_codes(
    codes: Sequence[str], *, who: Principal, keyring: Keyring, db: Database
) -> list[str]:
    """Ids of the lots that bear these codes, or on which stamps with these codes stand, within the
    account's scope. A code is a lot's within its facility alone: "L1 @ F1" is that of facility F1.

    Raises LotCodeNotFound for a code that is nothing, LotCodeAmbiguous for one of several lots.
    """
    within = await facilities_of(who, db)
    found: list[str] = []
    for code in dict.fromkeys(one.strip()[:100] for one in codes if one.strip()):
        stamp = stampcode.decode(keyring, code)
        if stamp is None:
            found.append(await _bearing(code, within, db))
            continue
        lot_id = await stamps.lot_of_serial(db, stamp.batch, stamp.serial)
        if not lot_id:
            raise LotCodeNotFound("codes", given=code)
        found.append(lot_id)
    return found


async def _bearing(given: str, within: list[str] | None, db: Database) -> str:
    """The one lot with a code, as it is or with its facility's after an @."""
    rows = await _with_code(given, within, db)
    before, at, maker = (part.strip() for part in given.rpartition("@"))
    if not rows and at:
        rows = await _with_code(before, within, db)
        known = await facts.facilities(db, {lot.facility_id for lot in rows})
        rows = [
            lot
            for lot in rows
            if lot.facility_id in known and fold(known[lot.facility_id].code) == fold(maker)
        ]
    if not rows:
        raise LotCodeNotFound("codes", given=given)
    if len(rows) > 1:
        known = await facts.facilities(db, {lot.facility_id for lot in rows})
        makers = [known.get(lot.facility_id, NOBODY) for lot in rows]
        named = [f"{maker.name} ({maker.code})" for maker in makers[:SHOWN]]
        raise LotCodeAmbiguous(
            "codes",
            given=given,
            count=len(rows),
            choices="; ".join(named) + ("; …" if len(rows) > SHOWN else ""),
            example=f"{rows[0].code} @ {makers[0].code}",
        )
    return rows[0].id


async def _with_code(code: str, within: list[str] | None, db: Database) -> list[Lot]:
    wanted = {"search": fold(code), **_limit("facility_id", within)}
    return await genealogy.search(db, wanted, MOST_BEARING)
