"""The unified forms as PDF, filled in from what is recorded (R34): the same as on the pages.

They are official papers, so they are in Vietnamese whatever language is asked for.
"""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import inspections as inspection_acts
from services.registry.actions.rights import RIGHTS, require_for
from services.registry.api.views import RecordId
from services.registry.domain.records import Aggregate, Record
from services.registry.printing import filled_forms
from services.registry.printing.filled_forms import OfFacility
from services.registry.store import inspections, records
from shared.auth import Principal, require
from shared.mongo import Database
from shared.web.session import ApiPrincipal

router = APIRouter()


class Pdf(Response):
    media_type = "application/pdf"


_PDF: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Biểu mẫu điền sẵn",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/facilities/{record_id}/prints/{name}.pdf", response_class=Pdf, responses=_PDF)
async def print_facility(
    record_id: RecordId, name: OfFacility, who: ApiPrincipal, request: Request
) -> Response:
    """`registration`: the registration of a facility; `commitment`: the commitment to make safe
    food; `account`: the application for an account. Filled in from what was entered last."""
    record = await _read(request.app.state.db, Aggregate.FACILITY, record_id, who)
    return await filled_forms.of_facility(record, name)


@router.get("/products/{record_id}/print.pdf", response_class=Pdf, responses=_PDF)
async def print_product(record_id: RecordId, who: ApiPrincipal, request: Request) -> Response:
    """The declaration of a product."""
    return await filled_forms.of_product(
        await _read(request.app.state.db, Aggregate.PRODUCT, record_id, who)
    )


@router.get("/lots/{record_id}/print.pdf", response_class=Pdf, responses=_PDF)
async def print_lot(record_id: RecordId, who: ApiPrincipal, request: Request) -> Response:
    """The diary of a lot, its growing area's entries along with its own."""
    db: Database = request.app.state.db
    return await filled_forms.of_lot(db, await _read(db, Aggregate.LOT, record_id, who))


@router.get("/inspections/{inspection_id}/print.pdf", response_class=Pdf, responses=_PDF)
async def print_inspection(
    inspection_id: RecordId, who: ApiPrincipal, request: Request
) -> Response:
    """The minute of an inspection."""
    db: Database = request.app.state.db
    one = await inspections.get(db, inspection_id)
    require(who, "inspection.read", inspection_acts.scope_of(one))
    facility = await records.get(db, Aggregate.FACILITY, one.facility_id)
    return await filled_forms.of_inspection(one, facility)


async def _read(db: Database, aggregate: Aggregate, record_id: str, who: Principal) -> Record[Any]:
    record = await records.get(db, aggregate, record_id)
    require_for(who, RIGHTS[aggregate].read, record)
    return record
