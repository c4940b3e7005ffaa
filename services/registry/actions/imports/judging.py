"""The dry run: what each row of an import would do, and what stands in its way."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.registry.actions import chains
from services.registry.actions.imports.finding import Finder, Found, Neighbours, bare, number_of
from services.registry.actions.imports.finding_lots import LotFinder, code_of
from services.registry.actions.rights import RIGHTS
from services.registry.domain.chain import Party
from services.registry.domain.imports import Import, Verdict
from services.registry.domain.likeness import exact_key
from services.registry.domain.records import Aggregate
from services.registry.sheets import parties
from services.registry.sheets.column import Column
from services.registry.sheets.columns import column_of
from services.registry.sheets.contents import (
    Remark,
    Values,
    content_of,
    header_of,
    remark,
    values_of,
)
from services.registry.store import imports, matching
from services.registry.store.codec import plain
from services.registry.store.imports import Row
from shared.auth import Scope
from shared.errors import Refusal
from shared.mongo import Database, Document
from shared.web.i18n import N_


class Judge:
    """Judges the rows of one import, chunk by chunk; it only reads."""

    def __init__(self, db: Database, one: Import, today: date) -> None:
        self._db, self._one, self._today = db, one, today
        self._who = one.uploader
        self._aggregate = one.aggregate
        headers = one.about.get("headers", ())
        self._columns: list[Column | None] = [column_of(one.kind, str(h or "")) for h in headers]
        self._near = Neighbours()

    async def chunk(self, rows: Sequence[Row]) -> list[tuple[int, Document]]:
        """The fields to set of each row, by number."""
        told = {row.number: self._values(row) for row in rows}
        finder = await self._finder(list(told.values()))
        keys = {row.number: _keys(self._aggregate, told[row.number].given) for row in rows}
        wanted = {key for found in keys.values() for key in found}
        seen = await imports.keys_before(self._db, self._one.id, wanted, rows[0].number - 1)
        judged = []
        for row in rows:
            values = told[row.number]
            self._check_twice(row, values, keys[row.number], seen)
            found = await finder.find(values)
            values.twin = values.twin or found.twin
            await self._look_up_chain(values, found)
            fields = self._judged(row, values, found)
            if fields["verdict"] == Verdict.NEW:
                block = finder.block(values.given)
                self._near.remember(block, fields["label"], _address(fields["content"]), row.line)
            judged.append((row.number, {**fields, "key": keys[row.number]}))
        return judged

    async def resume(self) -> None:
        """Remember the new rows of chunks that another worker judged before it died."""
        wanted: Document = {"verdict": Verdict.NEW.value, "number": {"$lte": self._one.done}}
        async for row in imports.every_row(self._db, self._one.id, wanted):
            it = row.content or {}
            is_facility = self._aggregate is Aggregate.FACILITY
            block = it["commune"] if is_facility else it["facility_id"]
            self._near.remember(block, row.label, _address(it), row.line)

    async def again(self, row: Row, record_id: str) -> Document:
        """The row judged anew, as being about this record; "" as being about none on record."""
        values = self._values(row)
        finder = await self._finder([values])
        facility = (await finder.find(values)).facility
        found = Found(facility=facility)
        if record_id:
            known_ones = await matching.by_id(self._db, self._aggregate, self._who, [record_id])
            found.record = known_ones.get(record_id)
        await self._look_up_chain(values, found)
        return self._judged(row, values, found)

    def _values(self, row: Row) -> Values:
        date1904 = bool(self._one.about.get("date1904"))
        columns = self._columns
        if self._one.about.get("beside") and (
            len(row.cells) < len(columns) or row.cells[-1] is None
        ):
            columns = columns[:-1]  # The second sheet does not name this row, so its rows stay.
        values = values_of(columns, row.cells, date1904=date1904)
        values.errors += [marked(one) for one in row.marks if one.get("error")]
        if self._aggregate is Aggregate.FACILITY and values.given.get("tax_number"):
            values.given["tax_number"] = bare(values.given["tax_number"])
        return values

    def _check_twice(
        self, row: Row, values: Values, keys: Sequence[str], seen: dict[str, int]
    ) -> None:
        """One record told of twice is wrong; one number at two names is for a person to judge."""
        for key in keys:
            if key.startswith("number:"):
                values.twin = seen.get(key, 0)
            elif key in seen:
                text = N_("Dòng này trùng với dòng {line} của tệp. Hãy chỉ giữ một dòng.")
                values.errors.append(remark("", "twice_in_file", text, line=seen[key]))
                return
        for key in keys:
            seen.setdefault(key, row.line)

    async def _look_up_chain(self, values: Values, found: Found) -> None:
        """Facilities that a product's row names by code; one named already keeps its words."""
        before = found.record.content if found.record is not None else None
        known: tuple[Party, ...] = getattr(before, "chain", ())
        told = None
        if self._aggregate is Aggregate.PRODUCT:
            told = parties.parties(values.given, known)
        if told is None:
            return
        same = {(one.role, one.facility_id): one for one in known if one.facility_id}
        chain = []
        for column, party in told:
            try:
                [one] = await chains.resolved(self._db, [party])
            except Refusal as refusal:
                header = header_of(self._aggregate, column)
                values.errors.append(
                    remark(header, refusal.code, refusal.message, **refusal.params)
                )
            else:
                chain.append(same.get((one.role, one.facility_id), one))
        values.chain = tuple(chain)

    async def _finder(self, told: Sequence[Values]) -> Finder | LotFinder:
        finder: Finder | LotFinder = Finder(self._db, self._one, self._near)
        if self._aggregate is Aggregate.LOT:
            finder = LotFinder(self._db, self._who)
        await finder.prepare(told)
        return finder

    def _judged(self, row: Row, values: Values, found: Found) -> Document:
        content = None
        before = found.record.content if found.record is not None else None
        if not values.errors and self._complete(values, found):
            facility_id = found.facility.id if found.facility is not None else ""
            content = content_of(
                self._aggregate, values, before, facility_id=facility_id, today=self._today
            )
        scope = self._scope(found, content)
        if content is not None and scope is not None:
            self._check_scope(values, found, scope)
        verdict = _verdict(values, found, content, before)
        fields: Document = {
            "verdict": verdict.value,
            "label": str(values.given.get("name") or values.given.get("lot_code") or "")[:200],
            "errors": [plain_remark(one) for one in values.errors],
            "notes": [plain_remark(one) for one in [*self._marks(row), *values.notes]],
            "candidates": found.candidates,
            "twin": values.twin if found.record is None else 0,
            "record_id": found.record.id if found.record is not None else "",
            "record_version": found.record.version if found.record is not None else 0,
            "content": plain(content) if content is not None else None,
            "before": plain(before) if before is not None else None,
        }
        if scope is not None:
            fields["scope"] = [scope.commune, scope.sector]
        return fields

    def _complete(self, values: Values, found: Found) -> bool:
        if self._aggregate is Aggregate.FACILITY or found.facility is not None:
            return True
        text = N_(
            "Không có cơ sở nào trong địa bàn của bạn mang mã “{code}”. Hãy nhập cơ sở trước."
        )
        code = str(values.given.get("facility") or "")[:40]
        values.errors.append(remark("Mã cơ sở", "facility_unknown", text, code=code))
        return False

    def _scope(self, found: Found, content: Any) -> Scope | None:
        if self._aggregate is Aggregate.FACILITY:
            if content is None:
                return None
            record_id = found.record.id if found.record is not None else None
            return Scope(record_id, content.commune, content.sector)
        return found.facility.owner.scope() if found.facility is not None else None

    def _check_scope(self, values: Values, found: Found, scope: Scope) -> None:
        action = RIGHTS[self._aggregate].enter
        scopes = [scope] if found.record is None else [scope, found.record.owner.scope()]
        if all(self._who.covers(action, one) for one in scopes):
            return
        text = N_("Địa bàn hoặc ngành của dòng này không thuộc tài khoản của bạn.")
        values.errors.append(remark("", "out_of_scope", text))

    def _marks(self, row: Row) -> list[Remark]:
        """What reading the file already noted of the row."""
        return [marked(one) for one in row.marks if not one.get("error")]


def marked(mark: Document) -> Remark:
    params = {name: mark[name] for name in ("columns", "sheet") if name in mark}
    return remark("", mark["code"], mark["msgid"], **params)


def _address(content: Document) -> str:
    return str(content.get("address", ""))


def plain_remark(one: Remark) -> Document:
    return {"column": one.column, "code": one.code, "text": dict(one.text)}


def _verdict(values: Values, found: Found, content: Any, before: Any) -> Verdict:
    if values.errors or content is None:
        return Verdict.ERROR
    if found.record is not None:
        return Verdict.SAME if content == before else Verdict.CHANGED
    return Verdict.DUPLICATE if found.candidates or values.twin else Verdict.NEW


def _keys(aggregate: Aggregate, given: Mapping[str, Any]) -> list[str]:
    """What no two rows of a file may share."""
    if aggregate is Aggregate.LOT:
        return [f"lot:{str(given.get('facility') or '').upper()}/{code_of(given)}"]
    keys = [f"code:{str(given['code']).upper()}"] if given.get("code") else []
    if aggregate is Aggregate.FACILITY:
        if not given.get("code") and given.get("name"):
            place = str(given.get("commune") or "")
            keys.append(f"name:{exact_key(given['name'], given.get('address') or '')}\n{place}")
    elif given.get("name") and not given.get("code"):
        keys.append(f"name:{given.get('facility')}\n{exact_key(given['name'])}")
    number = number_of(aggregate, given)
    return [*keys, f"number:{number}"] if number else keys
