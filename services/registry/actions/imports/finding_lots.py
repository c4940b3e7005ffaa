"""What the rows of an import of lots are about: the lot by its code, its product, area, inputs."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.registry.actions.imports.finding import Found, bare
from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.codes import compact
from services.registry.domain.diary import Entry
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.using import Used
from services.registry.domain.words import fold
from services.registry.sheets import lot_rows
from services.registry.sheets.contents import Values, header_of, remark
from services.registry.sheets.given import lines_of
from services.registry.store import lots, matching
from shared.auth import Principal
from shared.mongo import Database
from shared.web.i18n import N_


def code_of(given: Mapping[str, Any]) -> str:
    return "".join(str(given.get("lot_code") or "").split()).upper()


class LotFinder:
    """Finds with few queries what the rows of a chunk name."""

    def __init__(self, db: Database, who: Principal) -> None:
        self._db, self._who = db, who
        self._facilities: dict[str, Record[Any]] = {}
        self._lots: dict[tuple[str, str], Record[Any]] = {}
        self._products: dict[str, list[Record[Any]]] = {}
        self._areas: dict[str, list[Record[Any]]] = {}

    async def prepare(self, told: Sequence[Values]) -> None:
        db, who = self._db, self._who
        given = [values.given for values in told]
        named = {str(one["facility"]).upper() for one in given if one.get("facility")}
        self._facilities = await matching.by_code(db, Aggregate.FACILITY, who, named)
        others = {bare(one) for one in named - set(self._facilities)}
        self._facilities |= await matching.by_number(
            db, Aggregate.FACILITY, who, "tax_number", others
        )
        ids = {one.id for one in self._facilities.values()}
        self._lots = await matching.lots_of(db, who, ids, {code_of(one) for one in given})
        self._products = await matching.published_of(db, Aggregate.PRODUCT, who, ids)
        self._areas = await matching.published_of(db, Aggregate.GROWING_AREA, who, ids)

    async def find(self, values: Values) -> Found:
        given, found = values.given, Found()
        named = str(given.get("facility") or "").upper()
        found.facility = self._facilities.get(named) or self._facilities.get(bare(named))
        if found.facility is None:
            return found
        found.record = self._lots.get((found.facility.id, code_of(given)))
        self._product(values, found.facility.id)
        self._area(values, found.facility.id)
        self._step(values)
        self._further_steps(values)
        if rows := values.given.get("diary"):
            values.meant["rows"] = tuple(rows)
            values.meant.setdefault("entries", ())
        await self._inputs(values, found.facility)
        return found

    def block(self, given: Mapping[str, Any]) -> str:
        """Lots are never compared by name."""
        return ""

    def _product(self, values: Values, facility_id: str) -> None:
        wanted = str(values.given.get("product") or "").strip()
        if not wanted:
            return
        known = self._products.get(facility_id, [])
        gtin = bare(wanted).zfill(14)
        found = [
            one
            for one in known
            if wanted.upper() == one.code or gtin in (one.shown.gtin, one.content.gtin)
        ] or [one for one in known if fold(one.shown.name) == fold(wanted)]
        if len(found) == 1:
            values.meant["product_id"] = found[0].id
            return
        text = N_("Cơ sở không có đúng một sản phẩm đang đăng là “{product}”. Hãy ghi mã sản phẩm.")
        _amiss(values, "product", "product_unknown", text, product=wanted[:60])

    def _area(self, values: Values, facility_id: str) -> None:
        if "area" not in values.given:
            return
        wanted = str(values.given["area"] or "").strip()
        found = [
            one
            for one in self._areas.get(facility_id, [])
            if wanted and (wanted.upper() == one.code or compact(wanted) == compact(one.shown.code))
        ]
        if wanted and not found:
            text = N_("Cơ sở không có vùng đang đăng nào mang mã “{area}”.")
            _amiss(values, "area", "area_unknown", text, area=wanted[:60])
            return
        values.meant["growing_area_id"] = found[0].id if found else ""

    def _step(self, values: Values) -> None:
        """One entry of the diary: a step needs its day and its place."""
        given = values.given
        step, day, place = given.get("step"), given.get("step_on"), given.get("step_place")
        if not (step or day or place):
            return
        row = all_rows(Catalogue.STEPS).get(str(step or ""))
        if row is None or not day or not place:
            text = N_("Công đoạn cần đủ tên, ngày và nơi. Hãy ghi đủ ba ô, hoặc để trống cả ba.")
            _amiss(values, "step", "step_incomplete", text)
            return
        if row.values.get("like") or row.key == "input":
            text = N_("Công đoạn này cần thêm thông tin. Hãy ghi trên trang của lô.")
            _amiss(values, "step", "step_needs_more", text)
            return
        entry = lot_rows.entry_of(row.key, date.fromisoformat(str(day)), str(place))
        values.meant["entries"] = (entry,)

    def _further_steps(self, values: Values) -> None:
        """The other entries of the diary, a line each."""
        found = lot_rows.further(lines_of(values.given.get("steps") or ""))
        for one in found:
            if isinstance(one, str):
                text = N_(
                    "Không hiểu dòng “{line}”. Hãy ghi Công đoạn | ngày | nơi | ghi chú, hoặc với "
                    "vật tư: Loại vật tư | ngày | nơi | tên | số ngày cách ly | liều lượng."
                )
                _amiss(values, "steps", "step_line", text, line=one[:80])
                return
        entries = tuple(one for one in found if isinstance(one, Entry))
        if entries:
            values.meant["entries"] = (*values.meant.get("entries", ()), *entries)

    async def _inputs(self, values: Values, facility: Record[Any]) -> None:
        if "inputs" not in values.given:
            return
        used = []
        for line in lines_of(values.given["inputs"] or ""):
            one = await self._used(line, facility)
            if one is None:
                text = N_(
                    "Không hiểu dòng “{line}”. Hãy ghi Mã cơ sở/Mã lô | Số lượng | Đơn vị của một "
                    "lô đã đăng."
                )
                _amiss(values, "inputs", "input_lot_unknown", text, line=line[:80])
                return
            used.append(one)
        values.meant["used"] = tuple(used)

    async def _used(self, line: str, facility: Record[Any]) -> Used | None:
        name, _, rest = (part.strip() for part in line.partition("|"))
        quantity, _, unit = (part.strip() for part in rest.partition("|"))
        code, slash, lot_code = name.partition("/")
        wanted = (code.strip().upper(), lot_code) if slash else (facility.code, name)
        lot = await lots.by_code(self._db, wanted[0], wanted[1].strip())
        if lot is None or lot.published is None:
            return None
        units = all_rows(Catalogue.UNITS)
        known = {fold(row.name): key for key, row in units.items()} | {fold(k): k for k in units}
        kind = known.get(fold(unit)) if unit else lot.shown.unit
        try:
            amount = Decimal(quantity.replace(",", "."))
        except InvalidOperation:
            return None
        return Used(lot.id, amount, kind) if kind and amount.is_finite() and amount > 0 else None


def _amiss(values: Values, field: str, code: str, text: str, **params: object) -> None:
    header = header_of(Aggregate.LOT, field)
    values.errors.append(remark(header, code, text, **params))
