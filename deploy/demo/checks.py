"""Rules between the data files: references, order in time, quantities, stamps, maps."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from vietnam_provinces import ProvinceCode, Ward

from deploy.demo.fields import LOCAL
from deploy.demo.lots import TAKING, DiaryEntry, Lot, StampBatch, Step
from deploy.demo.province import DemoProvince
from deploy.demo.records import Commune, GrowingArea

# What each tier's accounts may be (R2; S26 lets communes publish).
KINDS_OF_TIER = {
    "ministry": {"system", "report"},
    "province": {"system", "report"},
    "department": {"system", "approve", "report"},
    "unit": {"system", "check", "operate", "report"},
    "commune": {"system", "approve", "check", "operate", "report"},
    "facility": {"system", "operate", "produce", "report"},
}
# Fishing grounds lie off the coast of the commune that answers for them.
OFFSHORE_DEGREES = 0.1
KM_PER_DEGREE = 111.32


def problems(province: DemoProvince) -> list[str]:
    """One sentence for each thing that does not fit together."""
    return [problem for check in CHECKS for problem in check(province)]


def _unique(province: DemoProvince) -> Iterator[str]:
    keys: dict[str, Iterable[str | None]] = {
        "units": (one.key for one in province.units),
        "communes": (one.code for one in province.communes),
        "usernames": (one.username for one in province.accounts),
        "facilities": (one.key for one in province.facilities),
        "facility names": (one.name for one in province.facilities),
        "tax numbers": (one.tax_number for one in province.facilities),
        "GLNs": (one.gln for one in province.facilities),
        "certificate numbers": (f"{c.facility} {c.kind} {c.number}" for c in province.certificates),
        "products": (one.key for one in province.products),
        "product names": (f"{one.name}, {one.producer}" for one in province.products),
        "GTINs": (one.gtin14 for one in province.products),
        "growing areas": (one.code for one in province.areas),
        "lots": (one.key for one in province.lots),
        "lot codes": (f"{one.code} of {one.facility}" for one in province.lots),
        "stamp batches": (one.key for one in province.batches),
        "known facilities": (one.key for one in province.known),
        "inspections": (one.key for one in province.inspections),
        "revenues": (one.key for one in province.revenues),
    }
    for what, values in keys.items():
        for value, times in Counter(values).items():
            if value is not None and times > 1:
                yield f"{what}: {value} is there {times} times"


def _references(province: DemoProvince) -> Iterator[str]:
    units = {one.key for one in province.units}
    wanted: list[tuple[str, str | None, Iterable[str]]] = []
    wanted += [(f"unit {u.key}: parent", u.parent, units) for u in province.units]
    wanted += [(f"facility {f.key}: commune", f.commune, units) for f in province.facilities]
    for one in province.certificates:
        wanted.append((f"certificate {one.number}: facility", one.facility, province.facility))
        wanted.append((f"certificate {one.number}: product", one.product, province.product))
    for product in province.products:
        for role in ("producer", "processor", "packer", "distributor"):
            key = getattr(product, role)
            wanted.append((f"product {product.key}: {role}", key, province.facility))
    for area in province.areas:
        wanted.append((f"area {area.code}: facility", area.facility, province.facility))
        wanted.append((f"area {area.code}: commune", area.commune, province.commune))
    wanted += [(f"known {k.key}: commune", k.commune, province.commune) for k in province.known]
    wanted += [(f"inspection {i.key}", i.facility, province.facility) for i in province.inspections]
    wanted += [(f"revenue {r.key}", r.facility, province.facility) for r in province.revenues]
    for lot in province.lots:
        wanted += _references_of(lot, province)
    for batch in province.batches:
        wanted.append((f"batch {batch.key}: product", batch.product, province.product))
        wanted += [(f"batch {batch.key}: lot", i.lot, province.lot) for i in batch.intervals]
    for what, key, known in wanted:
        if key is not None and key not in known:
            yield f"{what} {key} does not exist"


def _references_of(
    lot: Lot, province: DemoProvince
) -> Iterator[tuple[str, str | None, Iterable[str]]]:
    yield f"lot {lot.key}: product", lot.product, province.product
    yield f"lot {lot.key}: area", lot.area, province.area
    places = {*province.facility, *province.area}
    for entry in lot.diary:
        yield f"diary of {lot.key}: place", entry.place, places
        yield f"diary of {lot.key}: destination", entry.destination, province.facility
        yield f"diary of {lot.key}: carrier", entry.carrier, province.facility
    for taken in lot.inputs:
        yield f"inputs of {lot.key}: lot", taken.input_lot, province.lot


def _communes(province: DemoProvince) -> Iterator[str]:
    real = {f"{w.code.value:05d}": w.name for w in Ward.iter_by_province(ProvinceCode.P_22)}
    listed = {one.code: one.name for one in province.communes}
    for code in sorted(real.keys() ^ listed.keys()):
        yield f"places.csv: commune {code} is missing or is none of the province"
    for code, name in listed.items():
        if real.get(code, name) != name:
            yield f"places.csv: commune {code} is named {real[code]}, not {name}"


def _accounts(province: DemoProvince) -> Iterator[str]:
    tiers = {one.key: one.tier for one in province.units}
    tiers |= dict.fromkeys(province.facility, "facility")
    for account in province.accounts:
        if tiers.get(account.unit) != account.tier:
            yield f"account {account.username}: {account.unit} is no {account.tier}"
        if not set(account.kinds) <= KINDS_OF_TIER[account.tier]:
            yield f"account {account.username}: its tier has no such kinds {account.kinds}"
        if (account.tier == "facility") != (account.assignment_number is None):
            yield f"account {account.username}: officials, and they alone, have an assignment"


def _lots(province: DemoProvince) -> Iterator[str]:
    for lot in province.lots:
        if _owner(lot, province) != lot.facility:
            yield f"lot {lot.key}: its product is another facility's"
        if not lot.diary:
            yield f"lot {lot.key}: its diary is empty"
        taken = [entry for entry in lot.diary if entry.step in TAKING]
        for entry in lot.diary:
            yield from (f"diary of {lot.key}, {entry.step}: {p}" for p in _entry(entry, taken))
        if taken and lot.produced_at < min(entry.at for entry in taken):
            yield f"lot {lot.key}: made before it was taken"


def _owner(one: Lot | StampBatch, province: DemoProvince) -> str | None:
    product = province.product.get(one.product)
    return product.producer if product else None


def _entry(entry: DiaryEntry, taken: list[DiaryEntry]) -> Iterator[str]:
    if (entry.step is Step.INPUT) != (entry.input_name is not None):
        yield "an input step, and it alone, names what was used"
    if entry.input_name is not None and entry.withdrawal_days is None:
        yield f"{entry.input_name} has no withdrawal interval (0 if there is none)"
    if (entry.step is Step.TRANSPORTING) != (entry.destination is not None):
        yield "a transport, and it alone, has a destination"
    if (entry.quantity is None) != (entry.unit is None):
        yield "quantity and unit go together"
    if entry.withdrawal_days:
        used = entry.at.astimezone(LOCAL).date()
        allowed = used + timedelta(days=entry.withdrawal_days)
        for other in taken:
            day = other.at.astimezone(LOCAL).date()
            if used <= day < allowed:
                yield f"taken on {day}, but after {entry.input_name} not allowed before {allowed}"


def _genealogy(province: DemoProvince) -> Iterator[str]:
    used: dict[str, Decimal] = {}
    for lot in province.lots:
        for taken in lot.inputs:
            source = province.lot.get(taken.input_lot)
            if source is None:
                continue
            used[source.key] = used.get(source.key, Decimal()) + taken.quantity
            yield from (
                f"lot {lot.key} from {source.key}: {p}" for p in _input(lot, source, taken.unit)
            )
    for key, quantity in used.items():
        if quantity > province.lot[key].quantity:
            yield f"lot {key}: more was used of it than there is ({quantity})"


def _input(lot: Lot, source: Lot, unit: str) -> Iterator[str]:
    if unit != source.unit:
        yield f"is counted in {unit}, not in {source.unit}"
    if source.season != lot.season:
        yield "they are of different seasons, so their times cannot be compared"
    received = [entry for entry in lot.diary if entry.step is Step.COLLECTING]
    if not received:
        yield "nobody took it in (a step collecting is missing)"
        return
    if max(entry.at for entry in received) < source.produced_at:
        yield "it was taken in before it was made"
    sent = [e for e in source.diary if e.destination in {entry.place for entry in received}]
    if source.facility not in {entry.place for entry in received} and not sent:
        yield "it never went there (a step transporting is missing)"


def _stamps(province: DemoProvince) -> Iterator[str]:
    activated: Counter[str] = Counter()
    for batch in province.batches:
        if _owner(batch, province) != batch.facility:
            yield f"batch {batch.key}: its product is another facility's"
        yield from (f"batch {batch.key}: {problem}" for problem in _intervals(batch, province))
        for one in batch.intervals:
            if one.lot is not None:
                activated[one.lot] += one.last - one.first + 1
    for key, count in activated.items():
        if key in province.lot and count > province.lot[key].quantity:
            yield f"lot {key}: {count} stamps are more than it has pieces"


def _intervals(batch: StampBatch, province: DemoProvince) -> Iterator[str]:
    after = 0
    for one in batch.intervals:
        if not after <= one.first <= one.last < batch.quantity:
            yield f"serials {one.first}–{one.last} overlap others or lie outside of the batch"
        after = one.last + 1
        if (one.state in ("active", "suspended")) != (one.lot is not None):
            yield f"serials {one.first}–{one.last}: stamps in use, and they alone, have a lot"
        if one.public_reason and one.state != "suspended":
            yield f"serials {one.first}–{one.last}: buyers are told of suspended stamps alone"
        lot = province.lot.get(one.lot or "")
        if lot is not None and lot.product != batch.product:
            yield f"serials {one.first}–{one.last}: lot {one.lot} is of another product"


def _maps(province: DemoProvince) -> Iterator[str]:
    for area in province.areas:
        commune = province.commune.get(area.commune)
        if area.ring[0] != area.ring[-1]:
            yield f"area {area.code}: its ring is not closed"
        if commune is not None and not _inside(area, commune):
            yield f"area {area.code}: lies outside of {commune.name}"
        drawn = hectares(area)
        if abs(drawn - area.area_ha) > max(0.1 * area.area_ha, 0.05):
            yield f"area {area.code}: drawn are {drawn:.1f} ha, written {area.area_ha:.1f}"


def _inside(area: GrowingArea, commune: Commune) -> bool:
    room = OFFSHORE_DEGREES if area.kind == "fishing" else 0.0
    return all(
        commune.west - room <= lon <= commune.east + room
        and commune.south - room <= lat <= commune.north + room
        for lon, lat in area.ring
    )


def hectares(area: GrowingArea) -> float:
    """The area of the ring by the shoelace formula on a plane through its first corner."""
    lon0, lat0 = area.ring[0]
    scale = KM_PER_DEGREE * math.cos(math.radians(lat0))
    flat = [((lon - lon0) * scale, (lat - lat0) * KM_PER_DEGREE) for lon, lat in area.ring]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(flat))) / 2 * 100


CHECKS: tuple[Callable[[DemoProvince], Iterator[str]], ...] = (
    _unique,
    _references,
    _communes,
    _accounts,
    _lots,
    _genealogy,
    _stamps,
    _maps,
)
