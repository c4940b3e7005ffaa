"""What a Digital Link names: product, lot, stamp or facility, found by the keys on a label."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from services.scan.domain.aggregates import LOTS, PRODUCTS, withdrawal
from services.scan.domain.verdict import Case, Link, disagrees
from services.scan.knowing.cache import Bounded
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.lookup import READ_SECONDS, Found, Lookup
from services.scan.knowing.memory import Memory
from services.scan.knowing.scanner import Known, Scanner
from services.scan.store import keys, models
from shared.contracts.registry import LotPublished, ProductPublished
from shared.gs1_link import Uri
from shared.mongo import Database, is_outage
from shared.stampcode import decode, normalise
from shared.stampkeys import StampKeys

log = structlog.get_logger()
T = TypeVar("T")

# Ids found by a key are kept for a while: another record may get the key, though seldom.
MOST_KEPT = 20_000
KEPT_SECONDS = 30.0


class Unreachable(Exception):
    """What is asked for cannot be looked up now."""


@dataclass(frozen=True, slots=True)
class Things:
    """What an address names, from the whole to the part; None for each level that is not known.

    `products` are all that the GTIN names: more than one is ambiguous. `stamp` is the code.
    `packed` are the lots of the logistic unit that the address names, and `beside` the others of
    its shipment, where `is_said` what is in the unit; else `packed` are all of the shipment.
    `up_to_date`: whether they are read from all that registry had told when it was last asked.
    """

    products: tuple[Known, ...] = ()
    lot: Known | None = None
    stamp: str = ""
    facility: Known | None = None
    packed: tuple[Known, ...] = ()
    beside: tuple[Known, ...] = ()
    is_said: bool = False
    up_to_date: bool = True

    @property
    def product(self) -> Known | None:
        return self.products[0] if len(self.products) == 1 else None

    def __bool__(self) -> bool:
        return bool(self.products or self.facility or self.packed)


class Finder:
    """Finds by key in scan's own database; what stands against it is judged from memory."""

    def __init__(
        self,
        memory: Memory,
        confirmer: Confirmer,
        lookup: Lookup,
        scanner: Scanner,
        db: Database,
        keys: StampKeys,
        clock: Clock,
    ) -> None:
        self._memory = memory
        self._confirmer = confirmer
        self._lookup = lookup
        self._scanner = scanner
        self._db = db
        self._keys = keys
        self._clock = clock
        self._kept: Bounded[tuple[float, tuple[str, ...]]] = Bounded(MOST_KEPT)

    def is_kept(self, uri: Uri) -> bool:
        """Whether all that this names was found before, so that it is no guess."""
        kept = self._kept.get(f"{uri.key} {uri.value}")
        if kept is None:
            return False
        lot = uri.get("10")
        return not lot or any(f"10 {product} {lot}" in self._kept for product in kept[1])

    async def find(self, uri: Uri) -> Things:
        """All levels that are known. Raises Unreachable."""
        match uri.key:
            case "01":
                return await self._of_product(uri)
            case "414" | "417":
                ids = await self._ids(f"{uri.key} {uri.value}", keys.facilities, uri.value)
                known = await self._scanner.find_whole(ids[0]) if ids else None
                return Things(facility=known if known and _has_gln(known, uri.value) else None)
            case "00":
                return await self._of_unit(uri)
        return Things()

    async def _of_product(self, uri: Uri) -> Things:
        products = await self._products(uri)
        if len(products) != 1:
            return Things(products=products)
        case = products[0].case
        assert case is not None
        lot = await self._lot(case, uri.get("10")) if uri.get("10") else None
        stamp = await self._stamp(uri)
        return Things(products, lot, stamp)

    async def _of_unit(self, uri: Uri) -> Things:
        """Looked up anew each time, for what lies under an SSCC may change."""
        head = self._confirmer.heads["registry"]
        reached = (await self._ask(models.projected(self._db))).get("registry", 0)
        ids, inside = await self._ask(keys.packed_under(self._db, uri.value))
        if not ids and reached < head:
            raise Unreachable
        if ids:
            self._kept.put(f"00 {uri.value}", (self._clock(), tuple(ids)))
        lots = {one: await self._whole_lot(one) for one in (*inside, *ids)}
        return Things(
            packed=tuple(lots[one] for one in inside or ids),
            beside=tuple(lots[one] for one in ids if inside and one not in inside),
            is_said=bool(inside),
            up_to_date=reached >= self._confirmer.heads["registry"],
        )

    async def _products(self, uri: Uri) -> tuple[Known, ...]:
        """Those on offer; if none of several is, all that ever had the key."""
        ids = await self._ids(f"01 {uri.value}", keys.products, uri.value)
        found = []
        for one in ids:
            product = await self._published(PRODUCTS, one)
            if isinstance(product, ProductPublished) and product.gtin.zfill(14) == uri.value:
                found.append(await self._scanner.find_whole(product.facility_id, one))
        offered = [one for one in found if one.case and withdrawal(one.case.product) is None]
        return tuple(offered or found)

    async def _lot(self, product: Case, code: str) -> Known | None:
        assert product.published_product is not None
        product_id = product.published_product.subject
        for one in await self._ids(f"10 {product_id} {code}", keys.lots, product_id, code):
            lot = await self._published(LOTS, one)
            if isinstance(lot, LotPublished) and lot.code == code:
                return await self._scanner.find_whole(lot.facility_id, product_id, one)
        return None

    async def _whole_lot(self, lot_id: str) -> Known:
        """A lot by its id, with its product and facility as far as they are here."""
        lot = await self._published(LOTS, lot_id)
        if isinstance(lot, LotPublished):
            return await self._scanner.find_whole(lot.facility_id, lot.product_id, lot_id)
        return await self._scanner.find_whole("", "", lot_id)

    async def _stamp(self, uri: Uri) -> str:
        """The code, if it was issued for just what the address says."""
        text = uri.get("21")
        identity = decode(self._keys.ring, text) if text else None
        if identity is None:
            return ""
        link = Link(uri.value, uri.get("10"))
        known = await self._scanner.find(identity.batch, identity.serial, link)
        if known.case is None or not known.case.state or disagrees(known.case):
            return ""
        return normalise(text) or ""

    async def _published(self, collection: str, key: str) -> object:
        passport = self._memory.passports[collection].get(key)
        if passport is None:
            found = await self._lookup.load((collection, key))
            if found is Found.AWAY:
                raise Unreachable
            passport = self._memory.passports[collection].get(key)
        return (passport or {}).get("published")

    async def _ids(self, kept_as: str, look: keys.Look, *wanted: str) -> tuple[str, ...]:
        kept = self._kept.get(kept_as)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        ids = await self._ask(look(self._db, *wanted))
        if not ids and await self._may_come():
            ids = await self._ask(look(self._db, *wanted))
        if ids:
            self._kept.put(kept_as, (self._clock() + KEPT_SECONDS, tuple(ids)))
        return tuple(ids)

    async def _may_come(self) -> bool:
        """Whether it is worth looking again; raises Unreachable while registry told of something,
        as last asked, that the database does not hold."""
        head = self._confirmer.heads["registry"]
        if self._memory.projected["registry"] >= head:
            return False
        reached = await self._ask(models.projected(self._db))
        if reached.get("registry", 0) < head:
            raise Unreachable
        return True

    async def _ask(self, question: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(question, READ_SECONDS)
        except Exception as error:
            if isinstance(error, TimeoutError) or is_outage(error):
                log.warning("a key cannot be looked up", error=type(error).__name__)
            else:
                log.exception("looking up a key failed")
            raise Unreachable from error


def _has_gln(known: Known, gln: str) -> bool:
    facility = known.case.published_facility if known.case else None
    return facility is not None and facility.gln == gln
