"""A decision behind a case, as it is sent."""

from datetime import date
from typing import Annotated

from fastapi import UploadFile
from pydantic import BeforeValidator, Field

from services.recall.domain.decision import Given
from services.recall.evidence import MAX_BYTES, File
from shared.web.fields import Input, upload

Number = Annotated[str, Field(min_length=1, max_length=60)]
Body = Annotated[str, Field(min_length=1, max_length=200)]
Version = Annotated[int, Field(ge=0, le=100_000)]


class DecisionBody(Input):
    """Number, day and issuing body as the paper says; `version` is that of the one before, 0 for
    none."""

    number: Number
    day: date
    issued_by: Body
    version: Version

    def given(self) -> Given:
        return Given(self.number, self.day, self.issued_by)


def _chosen(value: object) -> object:
    """An input in which no file was chosen sends an empty one without a name."""
    return None if value == "" else value


class DecisionForm(DecisionBody):
    """The same with its file; without one the former stays. `kept` is one that was taken in before
    its sender had to prove who they are."""

    kept: Annotated[str, Field(max_length=64, pattern="^[0-9A-Za-z-]*$")] = ""
    file: Annotated[
        Annotated[UploadFile, upload(max_bytes=MAX_BYTES)] | None, BeforeValidator(_chosen)
    ] = None

    async def paper(self) -> File | None:
        if self.file is None:
            return None
        return File(self.file.filename or "", await self.file.read(MAX_BYTES + 1))
