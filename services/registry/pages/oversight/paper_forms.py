"""The forms of a facility's papers: a certificate with its scan, a signed paper, a removal."""

from datetime import date
from typing import Annotated

from fastapi import UploadFile
from pydantic import Field

from services.registry.domain.certificates import Certificate
from services.registry.domain.documents import MAX_BYTES
from services.registry.facility_inputs import CertificateKind
from services.registry.inputs import Line, Name, OptionalId
from services.registry.pages.forms import Seen
from shared.web.fields import Input, upload

TOLD = {"kind", "number", "issuer", "issued_on", "expires_on", "title", "scope"}
ScanFile = Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=("pdf", "jpg", "png"))]


class CertificateForm(Input):
    """One certificate; without a file it keeps the scan it has. `was` names what is changed."""

    kind: CertificateKind
    number: Annotated[str, Field(min_length=1, max_length=100)]
    issuer: Name
    issued_on: date
    expires_on: date | None = None
    title: Line = ""
    scope: Line = ""
    publish_scan: bool = False
    file: ScanFile | None = None
    version: Seen = 0
    was: Annotated[str, Field(max_length=120)] = ""

    def to_domain(self) -> Certificate:
        told = self.model_dump(include=TOLD)
        return Certificate(**told, publish_scan=self.publish_scan)


class SignedForm(Input):
    """A paper signed by hand, scanned."""

    title: Name
    file: ScanFile
    key: OptionalId = ""


async def bytes_of(file: UploadFile | None) -> bytes | None:
    """One byte more than allowed is enough to know that it is too much."""
    return await file.read(MAX_BYTES + 1) if file is not None else None
