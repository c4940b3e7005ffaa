"""What the rows of an import are about: records found by code, number, name and place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.registry.domain.imports import Import
from services.registry.domain.likeness import Known, alike, exact_key, known
from services.registry.domain.records import Aggregate, Record
from services.registry.sheets.contents import Values, remark
from services.registry.store import matching
from shared.mongo import Database, Document
from shared.web.i18n import N_

SAME_TAX_NUMBER = N_("Trùng mã số thuế")
SIMILAR = N_("Tên và địa chỉ gần giống")
# Neighbours are remembered by commune; that many names at most are kept in memory.
REMEMBERED = 60_000


@dataclass
class Found:
    """What is known about a row: its record, if it names or equals one, or those it may equal."""

    record: Record[Any] | None = None
    facility: Record[Any] | None = None
    candidates: list[Document] = field(default_factory=list)


class Finder:
    """Finds what the rows of a chunk are about with few queries."""

    def __init__(self, db: Database, one: Import, near: "Neighbours") -> None:
        self._db, self._aggregate, self._who, self._near = db, one.kind, one.uploader, near
        self._coded: dict[str, Record[Any]] = {}
        self._numbered: dict[str, Record[Any]] = {}
        self._facilities: dict[str, Record[Any]] = {}
        self._read: dict[str, Record[Any]] = {}

    async def prepare(self, told: Sequence[Values]) -> None:
        db, who, aggregate = self._db, self._who, self._aggregate
        given = [values.given for values in told]
        codes = {str(one["code"]).upper() for one in given if one.get("code")}
        self._coded = await matching.by_code(db, aggregate, who, codes)
        name = "tax_number" if aggregate is Aggregate.FACILITY else "gtin"
        numbers = {_number(name, one[name]) for one in given if one.get(name)}
        self._numbered = await matching.by_number(db, aggregate, who, name, numbers)
        if aggregate is Aggregate.PRODUCT:
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
        return self._settled(values, found)

    def _facility(self, given: Mapping[str, Any]) -> Record[Any] | None:
        named = str(given.get("facility") or "").upper()
        return self._facilities.get(named) or self._facilities.get(bare(named))

    def _settled(self, values: Values, found: Found) -> Found:
        """A product never changes hands, whatever facility its row names."""
        if found.record is None or found.facility is None or self._aggregate is Aggregate.FACILITY:
            return found
        if found.record.owner.facility_id != found.facility.id:
            text = N_("Sản phẩm này thuộc cơ sở khác. Hãy xem lại mã cơ sở.")
            values.errors.append(remark("Mã cơ sở", "facility_other", text))
        return found

    async def _exact(self, given: Mapping[str, Any]) -> Known | None:
        if not given.get("name"):
            return None
        wanted = exact_key(given["name"], given.get("address") or "")
        await self._neighbours(given)
        return self._near.exact.get((self._block(given), wanted))

    async def _candidates(self, given: Mapping[str, Any]) -> list[Document]:
        found: dict[str, Document] = {}
        name = "tax_number" if self._aggregate is Aggregate.FACILITY else "gtin"
        if given.get(name):
            twin = self._numbered.get(_number(name, given[name]))
            if twin is not None:
                why = SAME_TAX_NUMBER if name == "tax_number" else N_("Trùng mã GTIN")
                found[twin.id] = _candidate(twin.id, twin.code, twin.content, 100, why)
        if given.get("name"):
            wanted = known("", "", given["name"], given.get("address") or "")
            for other, score in alike(wanted, await self._neighbours(given)):
                found.setdefault(other.id, _candidate(other.id, other.code, other, score, SIMILAR))
        return list(found.values())

    def _block(self, given: Mapping[str, Any]) -> str:
        """Only within a commune, or a facility's products, are names compared: it stays fast."""
        if self._aggregate is Aggregate.FACILITY:
            return str(given.get("commune") or "")
        facility = self._facility(given)
        return facility.id if facility is not None else ""

    async def _neighbours(self, given: Mapping[str, Any]) -> list[Known]:
        block = self._block(given)
        if not block:
            return []
        if block not in self._near.lists:
            of_product = self._aggregate is Aggregate.PRODUCT
            read = matching.products_of if of_product else matching.facilities_in
            self._near.keep(block, await read(self._db, self._who, block))
        return self._near.lists[block]


class Neighbours:
    """The names of a block of records, and which of them is spelt so exactly."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Known]] = {}
        self.exact: dict[tuple[str, str], Known] = {}

    def keep(self, block: str, names: list[Known]) -> None:
        if sum(map(len, self.lists.values())) > REMEMBERED:
            self.lists.clear()
            self.exact.clear()
        self.lists[block] = names
        self.exact.update({(block, one.exact): one for one in names})


def _number(name: str, text: str) -> str:
    digits = bare(str(text))
    return digits.zfill(14) if name == "gtin" else digits


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
