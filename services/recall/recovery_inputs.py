"""What is sent about goods that come back: bodies of the API and fields of the page's form."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import AfterValidator, Field

from services.recall.actions.recoveries import Report
from services.recall.domain.recovery import MOST_EVIDENCE, Fate, Spot, Stated
from services.recall.domain.rows_file import MAX_BYTES as ROWS_BYTES
from services.recall.domain.terms import Handling
from services.recall.evidence import MAX_BYTES, File
from shared.commune_places import names
from shared.web.fields import Input, Lines, upload, wrong
from shared.web.i18n import N_

Id = Annotated[str, Field(min_length=1, max_length=64)]
OptionalId = Annotated[str, Field(max_length=64)]
Words = Annotated[str, Lines(), Field(max_length=1000)]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]


def _commune(value: str) -> str:
    if value and value not in names():
        raise wrong("commune_unknown", N_("Hãy chọn xã, phường trong danh sách."))
    return value


class RowBody(Input):
    """Some goods of a lot, where they were and what became of them.

    `quantity` is in `unit`, by default the lot's own; 0 only with `corrects`, the id of the row
    that this one takes the place of, for `reason`. The place is a facility of the case, or a
    commune (its code of five digits) with words.
    """

    lot_id: Id
    fate: Fate
    handling: Handling | None = None
    quantity: Quantity
    unit: Annotated[str, Field(max_length=40)] = ""
    day: date
    facility_id: OptionalId = ""
    commune: Annotated[str, AfterValidator(_commune), Field(max_length=5)] = ""
    where: Annotated[str, Field(max_length=200)] = ""
    words: Words = ""
    corrects: OptionalId = ""
    reason: Words = ""

    def stated(self) -> Stated:
        """Raises PlaceMissing."""
        return Stated(
            lot_id=self.lot_id,
            fate=self.fate,
            quantity=self.quantity,
            unit=self.unit,
            day=self.day,
            spot=Spot(self.facility_id, self.commune, self.where),
            handling=self.handling,
            words=self.words,
            corrects=self.corrects,
            reason=self.reason,
        )


class RecoveredBody(RowBody):
    """A row; `evidence` are ids of files sent before."""

    evidence: Annotated[tuple[Id, ...], Field(max_length=MOST_EVIDENCE)] = ()

    def report(self) -> Report:
        return Report(self.stated(), self.evidence)


Proof = Annotated[UploadFile, upload(max_bytes=MAX_BYTES)]


class RowForm(RowBody):
    """A row with its files. `key` makes a form sent twice one row."""

    files: tuple[Proof, ...] = ()
    key: Id

    async def report(self) -> Report:
        given = [File(one.filename or "", await one.read(MAX_BYTES + 1)) for one in self.files]
        return Report(self.stated(), files=tuple(given))


class RowsFileForm(Input):
    """A file of rows, with the photos and minutes that they name."""

    file: Annotated[UploadFile, upload(max_bytes=ROWS_BYTES)]
    files: tuple[Proof, ...] = ()

    async def given(self) -> File:
        return File(self.file.filename or "", await self.file.read(ROWS_BYTES + 1))

    async def proofs(self) -> list[File]:
        return [File(one.filename or "", await one.read(MAX_BYTES + 1)) for one in self.files]


class ProofsForm(Input):
    """Photos and minutes that rows of a file name, sent later."""

    files: Annotated[tuple[Proof, ...], Field(min_length=1)]

    async def proofs(self) -> list[File]:
        return [File(one.filename or "", await one.read(MAX_BYTES + 1)) for one in self.files]


class ExplainBody(Input):
    """Why lots differ from what was made; without `lots` all that differ are meant."""

    lots: Annotated[tuple[Id, ...], Field(max_length=2_000)] = ()
    reason: Annotated[str, Lines(), Field(min_length=1, max_length=2000)]


class ExplainForm(Input):
    """The same of one lot, or of all that differ, with its files."""

    lot_id: OptionalId = ""
    reason: Annotated[str, Lines(), Field(min_length=1, max_length=2000)]
    files: tuple[Proof, ...] = ()
    key: Id

    async def given(self) -> list[File]:
        return [File(one.filename or "", await one.read(MAX_BYTES + 1)) for one in self.files]


class DecideBody(Input):
    agreed: bool


class DecideForm(Input):
    decision: Literal["agree", "decline"]
