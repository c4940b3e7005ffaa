"""The dry run of a list of facilities that do not take part (yet): what each row would do (R58).

A row is about an entry of the list, by its code there, its tax number, or its name and address; or
about a facility that takes part already, and then there is nothing to write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from services.registry.actions.imports.finding import SIMILAR, Neighbours, bare
from services.registry.actions.imports.judging import marked, plain_remark
from services.registry.domain.imports import Import, Verdict
from services.registry.domain.known import Known, KnownStatus, Particulars
from services.registry.domain.likeness import Known as Named
from services.registry.domain.likeness import alike, exact_key, known
from services.registry.domain.records import Aggregate
from services.registry.sheets.column import Column
from services.registry.sheets.columns import column_of
from services.registry.sheets.contents import Values, content_of, remark, values_of
from services.registry.store import imports, matching
from services.registry.store import known as store
from services.registry.store.codec import plain
from services.registry.store.imports import Row
from shared.auth import Scope
from shared.mongo import Database, Document
from shared.web.i18n import N_

ENTER: Final = "known_facility.enter"
MAX_SOURCE: Final = 200
SAME_NUMBER: Final = N_("Trùng mã số thuế")
TAKES_PART: Final = N_("Cơ sở này đã có hồ sơ {code} trên hệ thống, nên không ghi vào danh sách.")
REGISTERING: Final = N_("Cơ sở này đã lập hồ sơ tham gia, nên danh sách giữ nguyên.")
CLOSED: Final = N_(
    "Cơ sở này đã được đóng trong danh sách. Nếu cơ sở hoạt động lại, hãy mở lại trên trang của nó."
)


@dataclass
class Match:
    """What a row is about: an entry, the code of a facility that takes part, or who it may be."""

    entry: Known | None = None
    code: str = ""
    candidates: list[Document] = field(default_factory=list)
    twin: int = 0


class KnownJudge:
    """Judges the rows of one import, chunk by chunk; it only reads."""

    def __init__(self, db: Database, one: Import, today: date) -> None:
        self._db, self._one, self._who, self._today = db, one, one.uploader, today
        headers = one.about.get("headers", ())
        self._columns: list[Column | None] = [column_of(one.kind, str(h or "")) for h in headers]
        self._near = Neighbours()
        self._by_number: dict[str, Known] = {}
        self._by_id: dict[str, Known] = {}
        self._taking_part: dict[str, str] = {}

    async def chunk(self, rows: Sequence[Row]) -> list[tuple[int, Document]]:
        """The fields to set of each row, by number."""
        told = {row.number: self._values(row) for row in rows}
        await self._prepare(list(told.values()))
        keys = {row.number: _keys(told[row.number].given) for row in rows}
        wanted = {key for found in keys.values() for key in found}
        seen = await imports.keys_before(self._db, self._one.id, wanted, rows[0].number - 1)
        judged = []
        for row in rows:
            values = told[row.number]
            _check_twice(row, values, keys[row.number], seen)
            fields = self._judged(values, await self._match(values), row)
            if fields["verdict"] == Verdict.NEW:
                self._remember(fields["content"], row.line)
            judged.append((row.number, {**fields, "key": keys[row.number]}))
        return judged

    async def resume(self) -> None:
        """Remember the new rows of chunks that another worker judged before it died."""
        wanted: Document = {"verdict": Verdict.NEW.value, "number": {"$lte": self._one.done}}
        async for row in imports.every_row(self._db, self._one.id, wanted):
            self._remember(row.content or {}, row.line)

    async def again(self, row: Row, record_id: str) -> Document:
        """The row judged anew, as being about this entry or facility; "" as being about none."""
        match = Match()
        if record_id:
            match.entry = (await store.by_id(self._db, self._who, [record_id])).get(record_id)
            facilities = await matching.by_id(self._db, Aggregate.FACILITY, self._who, [record_id])
            match.code = facilities[record_id].code if record_id in facilities else ""
        return self._judged(self._values(row), match, row)

    def _remember(self, content: Mapping[str, Any], line: int) -> None:
        self._near.remember(content["commune"], content["name"], content["address"], line)

    def _values(self, row: Row) -> Values:
        date1904 = bool(self._one.about.get("date1904"))
        values = values_of(self._columns, row.cells, date1904=date1904)
        if values.given.get("tax_number"):
            values.given["tax_number"] = bare(values.given["tax_number"])
        source = values.given.get("source")
        if source and len(source) > MAX_SOURCE:
            text = N_("Hãy rút ngắn còn tối đa {max_length} ký tự.")
            values.errors.append(remark("Biết từ đâu", "too_long", text, max_length=MAX_SOURCE))
        return values

    async def _prepare(self, told: Sequence[Values]) -> None:
        """Read at once what the rows of a chunk may be about."""
        given = [values.given for values in told]
        numbers = {str(one["tax_number"]) for one in given if one.get("tax_number")}
        self._by_number = await store.by_tax_number(self._db, self._who, numbers)
        taking_part = await matching.by_number(
            self._db, Aggregate.FACILITY, self._who, "tax_number", numbers
        )
        self._taking_part = {number: one.code for number, one in taking_part.items()}
        for commune in {str(one["commune"]) for one in given if one.get("commune")}:
            if commune not in self._near.lists:
                entries = await store.names_in(self._db, self._who, commune)
                # Facilities come last: what is spelt like both takes part already.
                facilities = await matching.facilities_in(self._db, self._who, commune)
                self._near.keep(commune, [*entries, *facilities])
        wanted = {str(one["code"]) for one in given if one.get("code")}
        wanted |= {same.id for one in given if (same := self._exact(one)) and not same.code}
        self._by_id = await store.by_id(self._db, self._who, wanted)

    def _exact(self, given: Mapping[str, Any]) -> Named | None:
        if not given.get("name"):
            return None
        key = exact_key(given["name"], given.get("address") or "")
        return self._near.exact.get((str(given.get("commune") or ""), key))

    async def _match(self, values: Values) -> Match:
        given = values.given
        if given.get("code"):
            entry = self._by_id.get(str(given["code"]))
            if entry is None:
                text = N_("Không có cơ sở nào trong danh sách của địa bàn bạn mang mã “{code}”.")
                values.errors.append(remark("", "code_unknown", text, code=str(given["code"])[:40]))
            return Match(entry=entry)
        number = str(given.get("tax_number") or "")
        if number in self._taking_part:
            return Match(code=self._taking_part[number])
        same = self._exact(given)
        if same is not None and same.code:
            return Match(code=same.code)
        if same is not None and same.id in self._by_id:
            return Match(entry=self._by_id[same.id])
        holder = self._by_number.get(number) if number else None
        if holder is not None and _alike(given, holder):
            return Match(entry=holder)
        return self._perhaps(given, holder)

    def _perhaps(self, given: Mapping[str, Any], twin: Known | None) -> Match:
        """Whom a row may be about, for a person to say."""
        found: dict[str, Document] = {}
        if twin is not None:
            found[twin.id] = _candidate(twin.id, "", twin.it, 100, SAME_NUMBER)
        commune = str(given.get("commune") or "")
        wanted = known("", "", str(given.get("name") or ""), given.get("address") or "")
        if wanted.name_key:
            for other, score in alike(wanted, self._near.lists.get(commune, ())):
                found.setdefault(other.id, _candidate(other.id, other.code, other, score, SIMILAR))
        return Match(candidates=list(found.values()), twin=self._near.twin(commune, wanted))

    def _judged(self, values: Values, match: Match, row: Row) -> Document:
        entry, content = match.entry, None
        if not values.errors:
            before = entry.it.as_facility() if entry is not None else None
            made = content_of(Aggregate.FACILITY, values, before, facility_id="", today=self._today)
            if made is not None:
                content = Particulars.of(made, self._source(values, entry))
                self._check_scope(values, content, entry)
        verdict = _verdict(values, match, content)
        fields: Document = {
            "verdict": verdict.value,
            "label": str(values.given.get("name") or (entry.it.name if entry else ""))[:200],
            "errors": [plain_remark(one) for one in values.errors],
            "notes": [plain_remark(one) for one in [*map(marked, row.marks), *values.notes]],
            "candidates": match.candidates,
            "twin": match.twin,
            "record_id": entry.id if entry is not None else "",
            "record_version": entry.version if entry is not None else 0,
            "content": plain(content) if content is not None else None,
            "before": plain(entry.it) if entry is not None else None,
        }
        if content is not None:
            fields["scope"] = [content.commune, content.sector]
        return fields

    @staticmethod
    def _source(values: Values, entry: Known | None) -> str:
        if "source" in values.given:
            return str(values.given["source"] or "")
        return entry.it.source if entry is not None else ""

    def _check_scope(self, values: Values, content: Particulars, entry: Known | None) -> None:
        scopes = [Scope(None, content.commune, content.sector)]
        scopes += [entry.scope()] if entry is not None else []
        if all(self._who.covers(ENTER, one) for one in scopes):
            return
        text = N_("Địa bàn hoặc ngành của dòng này không thuộc tài khoản của bạn.")
        values.errors.append(remark("", "out_of_scope", text))


def _verdict(values: Values, match: Match, content: Particulars | None) -> Verdict:
    """What applying would do; says in a note why nothing is to be done."""
    if values.errors or content is None:
        return Verdict.ERROR
    if match.code:
        values.notes.append(remark("", "takes_part", TAKES_PART, code=match.code))
        return Verdict.SAME
    entry = match.entry
    if entry is None:
        return Verdict.DUPLICATE if match.candidates or match.twin else Verdict.NEW
    if entry.status in (KnownStatus.REGISTERING, KnownStatus.PARTICIPATING):
        values.notes.append(remark("", "registering", REGISTERING))
        return Verdict.SAME
    if entry.closed:
        values.notes.append(remark("", "closed", CLOSED))
        return Verdict.SAME
    return Verdict.SAME if content == entry.it else Verdict.CHANGED


def _alike(given: Mapping[str, Any], entry: Known) -> bool:
    """Whether a row with the entry's tax number is named like it too: else a person is asked."""
    wanted = known("", "", str(given.get("name") or ""), given.get("address") or "")
    return bool(alike(wanted, [known(entry.id, "", entry.it.name, entry.it.address)]))


def _keys(given: Mapping[str, Any]) -> list[str]:
    """What no two rows of a file may share."""
    keys = [f"code:{given['code']}"] if given.get("code") else []
    if not given.get("code") and given.get("name"):
        place = exact_key(given["name"], given.get("address") or "")
        keys.append(f"name:{place}\n{given.get('commune') or ''}")
    return [*keys, f"number:{given['tax_number']}"] if given.get("tax_number") else keys


def _check_twice(row: Row, values: Values, keys: Sequence[str], seen: dict[str, int]) -> None:
    """Here a tax number belongs to one entry, so that a row with the same number is wrong."""
    for key in keys:
        if key in seen:
            text = N_("Dòng này trùng với dòng {line} của tệp. Hãy chỉ giữ một dòng.")
            values.errors.append(remark("", "twice_in_file", text, line=seen[key]))
            return
    for key in keys:
        seen.setdefault(key, row.line)


def _candidate(record_id: str, code: str, it: Any, score: int, why: str) -> Document:
    return {
        "id": record_id,
        "code": code,
        "name": it.name,
        "address": it.address,
        "score": score,
        "why": why,
        "listed": not code,
    }
