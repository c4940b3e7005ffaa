"""A lot as whoever received it may read it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.registry.actions import genealogy, received, received_events
from services.registry.api.views import RecordId
from services.registry.domain.epcis import MEDIA_TYPE, VERSIONS
from shared.contracts.registry import LotPublished, StageTold
from shared.ids import now
from shared.mongo import Database
from shared.web.context import web
from shared.web.session import ApiPrincipal

router = APIRouter()
PAGE_SIZE = 50


class LotView(BaseModel):
    """What consumers may read of a lot. `step` is 0 for the lot itself, below 0 for its origins.

    `status` is active, or says why its stamps are suspended.
    """

    id: str
    step: int
    code: str
    facility_id: str
    product_id: str
    growing_area_id: str
    produced_on: date
    expires_on: date | None
    status: str
    inputs: list[str]
    stages: list[StageTold]
    unconfirmed: bool = Field(
        description="Bước trước của lô chưa được bên giao xác nhận, nên nguồn gốc xa hơn đóng"
    )

    @classmethod
    def of(cls, one: LotPublished, step: int, known: set[str], *, unconfirmed: bool) -> "LotView":
        stages = [StageTold(**dict(stage)) for stage in one.stages]
        told = {name: getattr(one, name) for name in cls.model_fields if hasattr(one, name)}
        inputs = [key for key in one.inputs if key in known]
        more = {"id": one.subject, "step": step, "stages": stages, "inputs": inputs}
        return cls.model_validate({**told, **more, "unconfirmed": unconfirmed})


class ReceivedView(BaseModel):
    lot: LotView
    shipments: list[str] = Field(description="Các chuyến hàng mà lô đến theo")
    told: bool = Field(
        description="Mọi bên giao, ngược đến nơi làm ra lô, đã lập chuyến hoặc đã xác nhận; nếu "
        "không, nhật ký của lô và chuỗi trước lô đóng"
    )
    before: int = Field(description="Số lô nguyên liệu, qua mọi bước")
    page: int
    size: int
    origins: list[LotView]


@router.get("/received/{lot_id}")
async def read_received(
    lot_id: RecordId,
    who: ApiPrincipal,
    request: Request,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ReceivedView:
    """The lot and, nearest first, what it was made from; 50 origins a page."""
    db: Database = request.app.state.db
    came = await received.get(db, lot_id, who=who)
    family = await genealogy.family(lot_id, who=who, db=db)
    before = family.before if came.told else ()
    places = before[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    ids = [lot_id, *(one.id for one in places)]
    passports = await received.passports(db, ids, named=family.named)
    known = {one.id for one in before}
    return ReceivedView(
        lot=LotView.of(
            came.passport(passports[lot_id]),
            0,
            known,
            unconfirmed=not came.told or lot_id in family.gaps,
        ),
        shipments=[one.id for one in came.by],
        told=came.told,
        before=len(before),
        page=page,
        size=PAGE_SIZE,
        origins=[
            LotView.of(
                passports[one.id],
                one.step,
                known,
                unconfirmed=one.id in family.gaps or one.id in family.named,
            )
            for one in places
            if one.id in passports
        ],
    )


@router.get("/received/{lot_id}/events")
async def read_received_events(
    lot_id: RecordId,
    who: ApiPrincipal,
    request: Request,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> JSONResponse:
    """The same as an EPCIS document: approved diaries and results, the shipments it came by, and
    what its receiver did with it. A `Link` with rel="next" leads to further origins."""
    told = await received_events.events_of(
        lot_id,
        page=page,
        origin=web(request).settings.public_origin,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    more = {"Link": f'<{request.url.path}?page={page + 1}>; rel="next"'} if told.more else {}
    return JSONResponse(told.document, media_type=MEDIA_TYPE, headers={**VERSIONS, **more})
