"""What a lot was made from and what was made from it, to any depth."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.registry.actions import genealogy
from services.registry.api.views import RecordId
from shared.web.session import ApiPrincipal

router = APIRouter()
PAGE_SIZE = 500


class KinView(BaseModel):
    """`step` is below 0 for what the lot was made from, above for what was made from it."""

    id: str
    step: int
    code: str
    facility_id: str
    facility: str
    commune: str
    product_id: str
    quantity: str
    unit: str
    produced_on: str
    inputs: list[str]
    supplies: list[str]
    unconfirmed: bool = Field(
        default=False,
        description="Bước trước của lô chưa được bên giao xác nhận, nên nguồn gốc xa hơn đóng",
    )


class FamilyView(BaseModel):
    id: str
    code: str
    unconfirmed: bool = Field(
        description="Bước ngay trước lô này chưa được bên giao xác nhận, nên nguồn gốc đóng"
    )
    before: int = Field(description="Số lô nguyên liệu, qua mọi bước")
    after: int = Field(description="Số lô làm ra từ lô này, qua mọi bước")
    page: int
    size: int
    items: list[KinView]


@router.get("/lots/{record_id}/genealogy")
async def read_genealogy(
    record_id: RecordId,
    who: ApiPrincipal,
    request: Request,
    direction: Literal["both", "before", "after"] = "both",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> FamilyView:
    """From the first origins to the last descendants; 500 lots a page.

    Whoever only received the lot is told what it came from, and of what was made from it only what
    it made itself; a facility nothing beyond a step that its sender has not confirmed. `quantity`
    is "" for lots that the reader does not read themselves.
    """
    db = request.app.state.db
    found = await genealogy.family(record_id, who=who, db=db)
    kin = {"both": found.kin, "before": tuple(reversed(found.before)), "after": found.after}
    start = (page - 1) * PAGE_SIZE
    rows = await genealogy.told(db, found, kin[direction][start : start + PAGE_SIZE], who)
    return FamilyView(
        id=found.lot.id,
        code=found.lot.code,
        unconfirmed=not found.told or found.lot.id in found.gaps,
        before=len(found.before),
        after=len(found.after),
        page=page,
        size=PAGE_SIZE,
        items=[KinView(**asdict(one), unconfirmed=one.id in found.gaps) for one in rows],
    )
