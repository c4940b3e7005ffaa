"""What officials send about violations, with its limits."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import UploadFile
from pydantic import BeforeValidator, Field

from services.recall.complaint_inputs import Id, Version
from services.recall.domain.violation import Wording
from shared.web.fields import Input, Prose, upload

MAX_BYTES = 4_000_000
MOST_FOUND = 4000
Text = Annotated[Prose, Field(min_length=1, max_length=MOST_FOUND)]
Optional = Annotated[Prose, Field(max_length=4000)]
Evidence = Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=("pdf", "jpg", "png"))]


class ViolationForm(Input):
    """`basis` is the law that is broken, `measures` what was done at once."""

    found: Text
    found_on: date
    basis: Annotated[Prose, Field(min_length=1, max_length=500)]
    measures: Optional = ""
    sanction: Optional = ""

    def wording(self) -> Wording:
        return Wording(self.found, self.found_on, self.basis, self.measures, self.sanction)


class NewViolationForm(ViolationForm):
    """`key` makes a form sent twice one report.

    `step` is begin where the page of an inspection hands over what was found there, to be looked
    at and gone on with; `suspicions` are those that asked for it, with a space between them.
    """

    step: Literal["begin", "write"] = "write"
    suspicions: Annotated[str, Field(max_length=700, pattern="^[0-9A-Za-z -]*$")] = ""

    origin: Literal["inspection", "complaint", "suspicion", "case", ""] = ""
    origin_id: Annotated[str, Field(max_length=64, pattern="^[0-9A-Za-z-]*$")] = ""
    facility_id: Id
    key: Id


class EditForm(ViolationForm):
    version: Version


class SendForm(Input):
    version: Version


def _chosen(value: Any) -> Any:
    """An input in which no file was chosen sends an empty one without a name."""
    return None if value == "" else value


class FileForm(Input):
    file: Annotated[Evidence, BeforeValidator(_chosen)]


class DecideForm(Input):
    """`decision` is received or returned; what is missing is told with a returned one."""

    decision: Literal["received", "returned"]
    remark: Annotated[Prose, Field(min_length=1, max_length=2000)]
    version: Version
