"""The JSON API of what the owner of recalled goods asks of the authority."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from services.recall.actions import owner_requests as acts
from services.recall.domain.owner_request import About, Answer, OwnerRequest
from services.recall.domain.terms import Handling
from services.recall.queries import requests
from services.recall.request_inputs import AnswerBody, HandlingBody, WordsBody
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/recalls/{case_id}", tags=["recall"])
Id = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class RequestView(BaseModel):
    """`handling` is what the owner proposes, None of a report that asks for the closing; `answer`
    are the authority's words."""

    id: str
    about: About
    handling: Handling | None
    words: str
    by: str
    at: datetime
    state: Answer
    answer: str
    answered_by: str
    answered_at: datetime | None

    @classmethod
    def of(cls, one: OwnerRequest) -> "RequestView":
        return cls(
            id=one.id,
            about=one.about,
            handling=one.handling,
            words=one.words,
            by=one.by.name,
            at=one.at,
            state=one.state,
            answer=one.answer,
            answered_by=one.answered_by.name if one.answered_by else "",
            answered_at=one.answered_at,
        )


class RequestsView(BaseModel):
    items: list[RequestView]


@router.get("/requests")
async def list_requests(case_id: Id, request: Request, who: ApiPrincipal) -> RequestsView:
    """What the owner asked, oldest first; for officials and the owner."""
    _, found = await requests.seen_by(who, case_id, db=request.app.state.db)
    return RequestsView(items=[RequestView.of(one) for one in found])


@router.post("/handling-request", status_code=201)
async def propose_handling(
    case_id: Id, asked: HandlingBody, request: Request, who: ApiPrincipal
) -> RequestView:
    """The owner of the goods proposes how they are handled; answered within 3 working days."""
    db = request.app.state.db
    one = await acts.propose_handling(
        case_id, asked.handling, asked.words, who=who, db=db, at=now()
    )
    return RequestView.of(one)


@router.post("/closing-request", status_code=204)
async def ask_for_closing(
    case_id: Id, asked: WordsBody, request: Request, who: ApiPrincipal
) -> None:
    """The owner of the goods reports that the recall is carried out."""
    db = request.app.state.db
    await acts.ask_for_closing(case_id, asked.words, who=who, db=db, at=now())


@router.post("/requests/{request_id}/answer")
async def answer(
    case_id: Id, request_id: Id, asked: AnswerBody, request: Request, who: ApiPrincipal
) -> RequestView:
    """The authority agrees to a handling, or returns what was asked, with words."""
    one = await acts.answer(
        case_id,
        request_id,
        agreed=asked.agreed,
        words=asked.words,
        who=who,
        db=request.app.state.db,
        at=now(),
    )
    return RequestView.of(one)
