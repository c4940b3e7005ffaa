"""The GS1 address of a whole lot, as programs that print labels need it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from services.registry.actions import lot_labels
from services.registry.api.views import RecordId
from shared.web.context import web
from shared.web.session import ApiPrincipal

router = APIRouter()


class LotLabelView(BaseModel):
    """`address` is a GS1 Digital Link of `gtin` (AI 01, 14 digits) and `lot` (AI 10)."""

    model_config = ConfigDict(extra="forbid")

    gtin: str
    lot: str
    address: str


@router.get("/lots/{record_id}/label")
async def read_label(record_id: RecordId, who: ApiPrincipal, request: Request) -> LotLabelView:
    """What to print for all of a lot; 409 `lot_not_published` or `gtin_missing`."""
    made = await lot_labels.label_of(
        record_id,
        origin=web(request).settings.public_origin,
        who=who,
        db=request.app.state.db,
    )
    return LotLabelView(gtin=made.gtin, lot=made.lot, address=made.address)
