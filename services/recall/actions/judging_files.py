"""A file of rows of goods as it would be counted now: what is wrong, by row and column."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import ValidationError

from services.recall.actions.judging_rows import Books
from services.recall.domain.amounts import Made
from services.recall.domain.case import Case
from services.recall.domain.recovery import MOST_EVIDENCE, Row
from services.recall.domain.recovery_refusals import OtherDimension, TooMuchEvidence
from services.recall.domain.rows_file import (
    Line,
    PlaceOfOthers,
    RowAlreadyReported,
    RowCorrectedSince,
    RowsFile,
    SameRowAgain,
    Twin,
    twin_key,
)
from services.recall.queries import recovery, spots
from services.recall.recovery_inputs import RowBody
from services.recall.sheets.columns import COLUMNS, LOT, PROOFS, header_of
from services.recall.sheets.meaning import Known, Meant, ProofNotSent, communes_of, text_of
from services.recall.store import evidence as files_kept
from services.recall.store import recoveries
from services.recall.store.newest import Reader
from shared.auth import Principal
from shared.days import local_day
from shared.errors import OutOfReach, Refusal
from shared.ids import new_id
from shared.web.i18n import translate
from shared.web.validation import tell

# Where a row was told first: in a line of the file, or before.
First = int | Row


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in a line of the file, at the column with this header ("" for the line), in the
    language of who asks."""

    line: int
    column: str
    code: str
    text: str

    @classmethod
    def of(cls, line: Line, refusal: Refusal) -> Self:
        said = translate(refusal.message, **refusal.params)
        return cls(line.number, header_of(refusal.field or ""), refusal.code, said)


@dataclass(slots=True)
class Judged:
    """`rows` are those that nothing is wrong with; a file counts only where that is all of them."""

    books: Books
    rows: list[Row] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def sums(self) -> list[tuple[str, str, Decimal, str]]:
        """What the rows come to: the code of the lot, `Row.key`, how much, in which unit."""
        found: dict[tuple[str, str], Decimal] = {}
        for row in self.rows:
            one = (row.stated.lot_id, row.key)
            found[one] = found.get(one, Decimal(0)) + row.amount
        return [
            (self.books.lots[lot].code, key, amount, self.books.made[lot].unit)
            for (lot, key), amount in sorted(found.items())
        ]


async def understand(
    reader: Reader, case: Case, one: RowsFile, who: Principal
) -> tuple[Meant, ...]:
    """What each line of the file names. However many lots the case has, no others are read than
    those that it may mean."""
    lots = await spots.lots_called(reader, case, who, _named(one))
    kept = await files_kept.named(reader, one.proofs.values())
    facilities = await recovery.facilities_of(reader, case)

    def meant() -> tuple[Meant, ...]:
        known = Known(
            lots,
            facilities,
            communes_of(case.owner.commune),
            # What nothing named for a day is gone, and must be sent again.
            {name: id_ for name, id_ in one.proofs.items() if id_ in kept},
            date1904=one.date1904,
        )
        return tuple(known.meant(line.cells) for line in one.lines)

    # A case may have thousands of facilities; meanwhile others order recalls here.
    return await asyncio.to_thread(meant)


async def judge(
    reader: Reader,
    case: Case,
    one: RowsFile,
    meant: Sequence[Meant],
    who: Principal,
    at: datetime,
) -> Judged:
    """Every line is looked at, so that all that is wrong is told at once. Nothing is kept."""
    named = {str(found.values.get("lot_id", "")) for found in meant}
    judged = Judged(await Books.of(reader, case, named, who, at))
    there = {str(found.values.get("facility_id", "")) for found in meant}
    await judged.books.know(reader, there)
    kept = await files_kept.named(reader, {id_ for found in meant for id_ in found.proofs})
    days = {day for found in meant if isinstance(day := found.values.get("day"), date)}
    twins = _twins(judged.books, await recoveries.of_days(reader, case.id, judged.books.lots, days))
    for line, found in zip(one.lines, meant, strict=True):
        judged.wrong += [Wrong.of(line, refusal) for refusal in found.wrong]
        if not kept.keys() >= set(found.proofs):
            gone = ", ".join(name for name, id_ in one.proofs.items() if id_ not in kept)
            judged.wrong.append(Wrong.of(line, ProofNotSent(PROOFS, name=gone[:80])))
        await _judge(reader, judged, line, found, twins)
    judged.wrong.sort(key=lambda it: (it.line, _place(it.column)))
    return judged


def _named(one: RowsFile) -> set[str]:
    return {text_of(line.cells[LOT]) for line in one.lines if LOT in line.cells}


async def _judge(
    reader: Reader, judged: Judged, line: Line, found: Meant, twins: dict[Twin, First]
) -> None:
    misread = {refusal.field for refusal in found.wrong}
    try:
        body = RowBody.model_validate(found.values)
        if misread:
            return
        stated = body.stated()
        await judged.books.check(reader, stated)
        if len(found.proofs) > MOST_EVIDENCE:
            raise TooMuchEvidence(PROOFS, most=MOST_EVIDENCE)
        row = judged.books.row(new_id(), stated, found.proofs)
        _once(row, line, judged.books.made[stated.lot_id], twins)
        judged.books.count(row)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False)[:20]:
            name = str(error["loc"][0]) if error["loc"] else ""
            if name not in misread:
                said = tell(error, name)
                judged.wrong.append(Wrong(line.number, header_of(name), said.code, said.message))
    except OutOfReach:
        judged.wrong.append(Wrong.of(line, PlaceOfOthers("facility_id")))
    except Refusal as refusal:
        judged.wrong.append(Wrong.of(line, refusal))
    else:
        judged.rows.append(row)


def _twins(books: Books, before: Iterable[Row]) -> dict[Twin, First]:
    """What was told before, by whomever, as far as who asks sees it: a paper that its facility
    counted comes to the office as well. What was corrected since is known by its old words too."""
    found: dict[Twin, First] = {}
    for row in before:
        stated, own = row.stated, books.who.facility_id
        made_by = books.lots[stated.lot_id].facility_id
        if own not in (None, row.by.facility_id, stated.spot.facility_id, made_by):
            continue
        with suppress(OtherDimension):
            key = twin_key(row, books.made[stated.lot_id])
            if row.counts or key not in found:
                found[key] = row
    return found


def _once(row: Row, line: Line, made: Made, twins: dict[Twin, First]) -> None:
    """The same goods are not told twice by accident, neither in a file nor by a later one that has
    the rows of an earlier."""
    first = twins.setdefault(twin_key(row, made), line.number)
    if isinstance(first, Row):
        again = RowAlreadyReported if first.counts else RowCorrectedSince
        raise again(day=f"{local_day(first.at):%d/%m/%Y}")
    if first != line.number:
        raise SameRowAgain(line=first)


def _place(header: str) -> int:
    headers = [one.header for one in COLUMNS]
    return headers.index(header) if header in headers else -1
