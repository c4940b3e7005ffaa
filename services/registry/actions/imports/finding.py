"""What the rows of an import are about: records found by code, number, name and place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services.registry.domain.codes import compact
from services.registry.domain.communes import commune_name
from services.registry.domain.imports import Import
from services.registry.domain.likeness import Known, alike, exact_key, known
from services.registry.domain.records import Aggregate, Record
from services.registry.sheets.contents import Values, header_of, remark
from services.registry.store import matching
from shared.mongo import Database, Document
from shared.web.i18n import N_

NUMBERS: Final = {
    Aggregate.FACILITY: ("tax_number", N_("Trùng mã số thuế")),
    Aggregate.PRODUCT: ("gtin", N_("Trùng mã GTIN")),
    Aggregate.GROWING_AREA: ("official_code", N_("Trùng mã số vùng")),
}
ELSEWHERE = N_(
    "Mã số thuế này đã có ở cơ sở {code} ({name}, {commune}), ngoài địa bàn hoặc ngành của bạn. "
    "Hãy kiểm tra trước khi ghi thêm."
)
SIMILAR = N_("Tên và địa chỉ gần giống")
# Neighbours are remembered by commune; that many names at most are kept in memory.
REMEMBERED = 60_000


@dataclass
class Found:
    """What is known about a row: its record, if it names or equals one, or those it may equal."""

    record: Record[Any] | None = None
    facility: Record[Any] | None = None
    candidates: list[Document] = field(default_factory=list)
    # The line of an earlier row of the file that is named alike; 0 without one.
    twin: int = 0


class Finder:
    """Finds what the rows of a chunk are about with few queries."""

    def __init__(self, db: Database, one: Import, near: "Neighbours") -> None:
        self._db, self._aggregate, self._who, self._near = db, one.aggregate, one.uploader, near
        self._coded: dict[str, Record[Any]] = {}
        self._numbered: dict[str, Record[Any]] = {}
        self._facilities: dict[str, Record[Any]] = {}
        self._read: dict[str, Record[Any]] = {}
        self._elsewhere: dict[str, Record[Any]] = {}

    async def prepare(self, told: Sequence[Values]) -> None:
        db, who, aggregate = self._db, self._who, self._aggregate
        given = [values.given for values in told]
        codes = {str(one["code"]).upper() for one in given if one.get("code")}
        self._coded = await matching.by_code(db, aggregate, who, codes)
        numbers = {number for one in given if (number := number_of(aggregate, one))}
        if aggregate is Aggregate.GROWING_AREA:
            self._numbered = await matching.by_area_code(db, who, numbers)
        else:
            name = NUMBERS[aggregate][0]
            self._numbered = await matching.by_number(db, aggregate, who, name, numbers)
        if aggregate is Aggregate.FACILITY:
            self._elsewhere = await matching.public_elsewhere(db, who, numbers)
        else:
            named = {str(one["facility"]).upper() for one in given if one.get("facility")}
            self._facilities = await matching.by_code(db, Aggregate.FACILITY, who, named)
            others = {bare(one) for one in named - set(self._facilities)}
            self._facilities |= await matching.by_number(
                db, Aggregate.FACILITY, who, "tax_number", others
            )
        exact = []
        for one in given:
            same = await self._exact(one)
            exact += [same.id] if same is not None and not one.get("code") else []
        self._read = await matching.by_id(db, aggregate, who, exact)

    async def find(self, values: Values) -> Found:
        given, found = values.given, Found()
        found.facility = self._facility(given)
        if given.get("code"):
            found.record = self._coded.get(str(given["code"]).upper())
            if found.record is None:
                text = N_("Không có bản ghi nào trong địa bàn của bạn mang mã “{code}”.")
                values.errors.append(remark("", "code_unknown", text, code=given["code"]))
            return self._settled(values, found)
        same = await self._exact(given)
        if same is not None:
            found.record = self._read.get(same.id)
        if found.record is None:
            found.candidates = await self._candidates(given)
            found.twin = self._near.twin(self.block(given), _named(given))
            self._note_elsewhere(values)
        return self._settled(values, found)

    def _note_elsewhere(self, values: Values) -> None:
        """Whoever lies beyond the uploader's scope is nothing to choose, but worth knowing."""
        far = self._elsewhere.get(number_of(self._aggregate, values.given))
        if far is not None:
            told = {"name": far.shown.name, "commune": commune_name(far.shown.commune)}
            column = header_of(self._aggregate, "tax_number")
            values.notes.append(
                remark(column, "number_elsewhere", ELSEWHERE, code=far.code, **told)
            )

    def _facility(self, given: Mapping[str, Any]) -> Record[Any] | None:
        named = str(given.get("facility") or "").upper()
        return self._facilities.get(named) or self._facilities.get(bare(named))

    def _settled(self, values: Values, found: Found) -> Found:
        """A record never changes hands, whatever facility its row names."""
        if found.record is None or found.facility is None or self._aggregate is Aggregate.FACILITY:
            return found
        if found.record.owner.facility_id != found.facility.id:
            text = N_("Bản ghi này thuộc cơ sở khác. Hãy xem lại mã cơ sở.")
            values.errors.append(remark("Mã cơ sở", "facility_other", text))
        return found

    async def _exact(self, given: Mapping[str, Any]) -> Known | None:
        if not given.get("name"):
            return None
        wanted = exact_key(given["name"], given.get("address") or "")
        await self._neighbours(given)
        return self._near.exact.get((self.block(given), wanted))

    async def _candidates(self, given: Mapping[str, Any]) -> list[Document]:
        found: dict[str, Document] = {}
        twin = self._numbered.get(number_of(self._aggregate, given))
        if twin is not None:
            why = NUMBERS[self._aggregate][1]
            found[twin.id] = _candidate(twin.id, twin.code, twin.content, 100, why)
        if given.get("name"):
            for other, score in alike(_named(given), await self._neighbours(given)):
                found.setdefault(other.id, _candidate(other.id, other.code, other, score, SIMILAR))
        return list(found.values())

    def block(self, given: Mapping[str, Any]) -> str:
        """Only within a commune, or what a facility has, are names compared: it stays fast."""
        if self._aggregate is Aggregate.FACILITY:
            return str(given.get("commune") or "")
        facility = self._facility(given)
        return facility.id if facility is not None else ""

    async def _neighbours(self, given: Mapping[str, Any]) -> list[Known]:
        block = self.block(given)
        if not block:
            return []
        if block not in self._near.lists:
            self._near.keep(block, await self._names_in(block))
        return self._near.lists[block]

    async def _names_in(self, block: str) -> list[Known]:
        if self._aggregate is Aggregate.FACILITY:
            return await matching.facilities_in(self._db, self._who, block)
        return await matching.records_of(self._db, self._aggregate, self._who, block)


def _named(given: Mapping[str, Any]) -> Known:
    return known("", "", str(given.get("name") or ""), given.get("address") or "")


class Neighbours:
    """The names of a block of records, which of them is spelt so exactly, and the file's own."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Known]] = {}
        self.lists: dict[str, list[Known]] = {}
        self.exact: dict[tuple[str, str], Known] = {}

    def keep(self, block: str, names: list[Known]) -> None:
        if sum(map(len, self.lists.values())) > REMEMBERED:
            self.lists.clear()
            self.exact.clear()
        self.lists[block] = names
        self.exact.update({(block, one.exact): one for one in names})

    def remember(self, block: str, name: str, address: str, line: int) -> None:
        """A row that will be a record of its own, for the rows after it."""
        self._rows.setdefault(block, []).append(replace(known("", "", name, address), line=line))

    def twin(self, block: str, wanted: Known) -> int:
        """The line of an earlier row that may be the same; 0 without one."""
        rows = self._rows.get(block)
        near = alike(wanted, rows) if rows and wanted.name_key else []
        return near[0][0].line if near else 0


def number_of(aggregate: Aggregate, given: Mapping[str, Any]) -> str:
    """The number of a row that belongs to one facility, product or area alone; "" without."""
    text = str(given.get(NUMBERS[aggregate][0]) or "")
    match aggregate:
        case Aggregate.GROWING_AREA:
            return compact(text)
        case Aggregate.PRODUCT:
            return bare(text).zfill(14) if text else ""
        case _:
            return bare(text)


def _candidate(record_id: str, code: str, it: Any, score: int, why: str) -> Document:
    return {
        "id": record_id,
        "code": code,
        "name": it.name,
        "address": getattr(it, "address", ""),
        "score": score,
        "why": why,
    }


def bare(number: str) -> str:
    return "".join(sign for sign in number if sign not in " .-")
