"""Applications for accounts by API: handing in and tracking are public, deciding is not (R5)."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel

from services.identity.actions import applications as actions
from services.identity.actions import collecting, enclosing, withdrawing
from services.identity.api.views import IssuedView, PageView
from services.identity.domain.applications import Application, Filled, State
from services.identity.domain.enclosed import Enclosed, Shows
from services.identity.fields.accounts import Because
from services.identity.fields.applications import (
    AcceptNew,
    AcceptReissue,
    Apply,
    AskForMore,
    Reply,
)
from services.identity.papers import MAX_BYTES
from services.identity.request import CodesShown, Db, GuardOf, Id, OriginOf, TrackingCodeInPath
from services.identity.store import applications as store
from shared.auth import require
from shared.ids import new_id, now
from shared.web.idempotency import IdempotencyKey
from shared.web.paging import Paging
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/applications", tags=["applications"])


class HandedView(BaseModel):
    """`tracking_code` opens the application's state; it is told here and nowhere else."""

    tracking_code: str
    state: str


class TrackedView(BaseModel):
    """What the holder of a tracking code needs, and nothing personal."""

    state: str
    wish: str
    submitted_at: datetime
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, it: Application) -> Self:
        return cls(
            state=it.state.value,
            wish=it.first.wish.value,
            submitted_at=it.submitted_at,
            answer=it.answer,
            answered_at=it.decided_at,
        )


class FilledView(BaseModel):
    submitted_at: datetime
    wish: str
    facility_name: str
    tax_number: str
    address: str
    commune: str
    sector: str
    kinds: list[str]
    representative: str
    position: str
    phone: str
    email: str
    facility_code: str
    note: str

    @classmethod
    def of(cls, at: datetime, filled: Filled) -> Self:
        told = {name: getattr(filled, name) for name in Filled.__slots__}
        return cls(submitted_at=at, **{**told, "kinds": list(filled.kinds)})


class CollectedView(BaseModel):
    """With these a password is set; one collected before is void."""

    username: str
    setup_code: str


class PaperView(BaseModel):
    """A paper enclosed by the applicant; `size` in bytes."""

    id: str
    shows: str
    media_type: str
    size: int
    at: datetime

    @classmethod
    def of(cls, it: Enclosed) -> Self:
        return cls(id=it.id, shows=it.shows, media_type=it.media_type, size=it.size, at=it.at)


class ApplicationView(BaseModel):
    """`submissions` holds every sending of the form, the newest last."""

    id: str
    version: int
    state: str
    submissions: list[FilledView]
    answer: str
    replies: list[str]
    decided_at: datetime | None
    account_id: str
    papers: list[PaperView]

    @classmethod
    def of(cls, it: Application) -> Self:
        return cls(
            id=it.id,
            version=it.version,
            state=it.state.value,
            submissions=[FilledView.of(one.at, one.filled) for one in it.submissions],
            answer=it.answer,
            replies=[text for _, text in it.replies],
            decided_at=it.decided_at,
            account_id=it.account_id,
            papers=[PaperView.of(one) for one in it.papers],
        )


class ApplicationsView(PageView):
    items: list[ApplicationView]


@router.post("", status_code=201)
async def submit(given: Apply, db: Db, guard: GuardOf, origin: OriginOf) -> HandedView:
    """Hand in an application; no account is needed. Limited for each network."""
    handed = await actions.submit(given.filled(), origin=origin, db=db, guard=guard, now=now())
    return HandedView(tracking_code=handed.code, state=handed.application.state.value)


@router.get("/tracked/{tracking_code}")
async def track(
    tracking_code: TrackingCodeInPath, db: Db, guard: GuardOf, origin: OriginOf
) -> TrackedView:
    """The state of the application that a tracking code belongs to."""
    found = await actions.track(tracking_code, origin=origin, db=db, guard=guard, now=now())
    return TrackedView.of(found)


@router.post("/tracked/{tracking_code}/reply")
async def reply(
    tracking_code: TrackingCodeInPath, given: Reply, db: Db, guard: GuardOf, origin: OriginOf
) -> TrackedView:
    """Answer what the unit asked for."""
    changed = await actions.reply(
        tracking_code, given.text, origin=origin, db=db, guard=guard, now=now()
    )
    return TrackedView.of(changed)


@router.post("/tracked/{tracking_code}/papers", status_code=201)
async def enclose(
    tracking_code: TrackingCodeInPath,
    shows: Annotated[Shows, Form()],
    file: Annotated[UploadFile, File()],
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> TrackedView:
    """Enclose a paper: PDF, JPEG or PNG by content, up to 5 MB; ten at most."""
    data = await file.read(MAX_BYTES + 1)
    changed = await enclosing.enclose(
        tracking_code, shows, data, origin=origin, db=db, guard=guard, now=now()
    )
    return TrackedView.of(changed)


@router.post("/tracked/{tracking_code}/withdraw", status_code=204)
async def withdraw(
    tracking_code: TrackingCodeInPath, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    """Take the application back while it is open: all that was sent with the code is deleted."""
    await withdrawing.withdraw(tracking_code, origin=origin, db=db, guard=guard, now=now())
    return Response(status_code=204)


@router.post("/tracked/{tracking_code}/setup-code", status_code=201)
async def collect(
    tracking_code: TrackingCodeInPath, db: Db, guard: GuardOf, origin: OriginOf
) -> CollectedView:
    """Collect the setup code of the account that was issued, where it was left for this page."""
    issued = await collecting.collect(tracking_code, origin=origin, db=db, guard=guard, now=now())
    return CollectedView(username=issued.account.username, setup_code=issued.setup_code)


@router.get("")
async def list_applications(
    who: ApiPrincipal,
    db: Db,
    request: Request,
    state: Annotated[
        Literal["waiting", "more_asked", "accepted", "rejected"], Query()
    ] = State.WAITING.value,
) -> ApplicationsView:
    """Applications in one's area, who waits longest first."""
    require(who, actions.READ)
    paging = Paging.of(request, await store.count(db, who, state))
    found = await store.page(db, who, state, skip=paging.skip, limit=paging.size)
    return ApplicationsView(
        items=[ApplicationView.of(one) for one in found], **PageView.numbers(paging)
    )


@router.get("/{application_id}")
async def one_application(application_id: Id, who: ApiPrincipal, db: Db) -> ApplicationView:
    found = await store.get(db, application_id)
    require(who, actions.READ, found.scope)
    return ApplicationView.of(found)


@router.get("/{application_id}/papers/{paper_id}")
async def paper(application_id: Id, paper_id: Id, who: ApiPrincipal, db: Db) -> Response:
    """The file of an enclosed paper; that it was read is recorded."""
    found, data = await enclosing.read(application_id, paper_id, who=who, db=db)
    headers = {"Content-Disposition": "attachment", "Cache-Control": "private, no-store"}
    return Response(data, media_type=found.media_type, headers=headers)


@router.post("/{application_id}/ask")
async def ask_for_more(
    application_id: Id, given: AskForMore, who: ApiPrincipal, db: Db
) -> ApplicationView:
    """Ask the applicant for more."""
    return ApplicationView.of(
        await actions.ask_for_more(application_id, given.what, who=who, db=db, now=now())
    )


@router.post("/{application_id}/reject")
async def reject(application_id: Id, given: Because, who: ApiPrincipal, db: Db) -> ApplicationView:
    """Reject with a reason, which the applicant reads."""
    return ApplicationView.of(
        await actions.reject(application_id, given.reason, who=who, db=db, now=now())
    )


@router.post("/{application_id}/accept", status_code=201)
async def accept(
    application_id: Id,
    given: AcceptNew,
    who: ApiPrincipal,
    db: Db,
    origin: OriginOf,
    shown: CodesShown,
    key: IdempotencyKey = None,
) -> IssuedView:
    """Issue the account that is asked for."""
    issued = await actions.accept(
        application_id,
        given.order(),
        who=who,
        origin=origin,
        db=db,
        now=now(),
        shown=shown and given.hand == "desk",
        repeat_key=key or new_id(),
        by_page=given.hand == "page",
    )
    return IssuedView.of(issued)


@router.post("/{application_id}/accept-reissue", status_code=201)
async def accept_reissue(
    application_id: Id,
    given: AcceptReissue,
    who: ApiPrincipal,
    db: Db,
    origin: OriginOf,
    shown: CodesShown,
    key: IdempotencyKey = None,
) -> IssuedView:
    """Issue an account of the facility anew for the application."""
    issued = await actions.accept_reissue(
        application_id,
        given.account_id,
        who=who,
        origin=origin,
        db=db,
        now=now(),
        shown=shown and given.hand == "desk",
        repeat_key=key or new_id(),
        by_page=given.hand == "page",
    )
    return IssuedView.of(issued)
