"""The assignment document of an account by API: entered with its scan, read in scope (R6)."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Form, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.identity.actions import assigning
from services.identity.api.views import AccountView
from services.identity.domain.management import require_seen
from services.identity.inputs import DocumentNumber
from services.identity.papers import MAX_BYTES
from services.identity.request import Db, Id
from services.identity.store import accounts, papers
from services.identity.store.papers import Kept
from shared.ids import now
from shared.web.fields import Input
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/accounts/{account_id}", tags=["accounts"])


class PaperView(BaseModel):
    """A scan as kept; `number` is that of the document it shows, `bytes` its size."""

    id: str
    number: str
    media_type: str
    bytes: int
    at: datetime

    @classmethod
    def of(cls, one: Kept) -> Self:
        return cls(
            id=one.id, number=one.number, media_type=one.media_type, bytes=one.size, at=one.at
        )


class PapersView(BaseModel):
    items: list[PaperView]


class AssignmentSent(Input):
    """Number and date of the written assignment; `file` is its scan."""

    number: DocumentNumber
    date: date
    file: UploadFile | None = None


@router.post("/assignment")
async def assign(
    account_id: Id,
    sent: Annotated[AssignmentSent, Form(media_type="multipart/form-data")],
    who: ApiPrincipal,
    db: Db,
) -> AccountView:
    """Number and date of the written assignment, with its scan or without: PDF, JPEG or PNG by
    content, up to 5 MB. Earlier scans stay to be read."""
    data = await sent.file.read(MAX_BYTES + 1) if sent.file is not None else None
    changed = await assigning.assign(
        account_id, sent.number, sent.date, data, who=who, db=db, now=now()
    )
    return AccountView.of(changed)


@router.get("/papers")
async def kept(account_id: Id, who: ApiPrincipal, db: Db) -> PapersView:
    """The scans of an account's assignment documents, newest first."""
    require_seen(who, "account.read", await accounts.get(db, account_id))
    return PapersView(items=[PaperView.of(one) for one in await papers.of_account(db, account_id)])


@router.get("/papers/{paper_id}")
async def paper(account_id: Id, paper_id: Id, who: ApiPrincipal, db: Db) -> Response:
    """The file, always to be saved."""
    require_seen(who, "account.read", await accounts.get(db, account_id))
    found = await papers.get(db, paper_id, account_id)
    headers = {"Content-Disposition": "attachment", "Cache-Control": "private, no-store"}
    data = await papers.read_file(db, found)
    return Response(data, media_type=found.media_type, headers=headers)
