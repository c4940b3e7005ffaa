"""The page that finds what several lots have in common, and the file of all affected lots."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.recall.actions.exporting import note_export
from services.recall.pages import labels
from services.recall.pages.console import HOME, aimed_at
from services.recall.queries import cases, complaints, radius, search, sources
from services.recall.queries.radius import Radius
from services.recall.queries.sources import Common
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.fields import Input, Lines
from shared.web.formdata import Submitted
from shared.web.forms import Form, new_form, parse
from shared.web.i18n import N_, translate
from shared.web.pages import render
from shared.web.problems import status_of
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

router = APIRouter(include_in_schema=False)

ROWS_AT_ONCE: Final = 2_000
HEADS: Final = (
    N_("Lô"),
    N_("Bước"),
    N_("Tên sản phẩm"),
    N_("Mã cơ sở"),
    N_("Tên cơ sở"),
    N_("Xã, phường, đặc khu"),
    N_("Sản xuất"),
    N_("Số lượng"),
    N_("Đơn vị"),
    N_("Tem đã cấp"),
    N_("Tem lưu thông"),
    N_("Lượt quét"),
)


class CodesQuery(Input):
    """Codes of lots or stamps in a page's address, one a line."""

    codes: Annotated[str, Lines(), Field(max_length=4_000)] = ""


@router.get(f"{HOME}/sources")
async def show_sources(request: Request, who: PagePrincipal) -> Response:
    """Of the lots named by codes, of a case (`case`) or of reports (`complaint`, several)."""
    require(who, radius.PREVIEW)
    given = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name in CodesQuery.model_fields
    ]
    form = parse(Submitted([*given]), CodesQuery) if given else new_form(CodesQuery)
    status, found = 200, None
    if form.value is None and given:
        status = 422
    else:
        try:
            found = await _common(request, who, form)
        except Refusal as refusal:
            refusal.field = "codes"
            form, status = form.refused(refusal), status_of(refusal)
    return render(
        request,
        "sources.html",
        status=status,
        form=form,
        common=found,
        labels=labels,
        left_out=getattr(request.state, "left_out", 0),
    )


async def _common(request: Request, who: Principal, form: Form[CodesQuery]) -> Common | None:
    state = request.app.state
    db: Database = state.db
    codes = form.value.codes.split("\n") if form.value else []
    ring = state.stamp_keys.current()
    lots = await search.lots_by_codes(codes, who=who, keyring=ring, db=db)
    if case_id := request.query_params.get("case", "")[:64]:
        case = await cases.seen_by(who, case_id, db=db)
        named = case.lots[: sources.MOST_LOTS]
        lots += await sources.in_scope(named, who=who, db=db)
        request.state.left_out = case.lot_count - len(lots)
    for complaint_id in request.query_params.getlist("complaint")[: sources.MOST_LOTS]:
        row = await complaints.one(who, complaint_id[:64], db=db, at=now())
        lots += [row.complaint.lot_id] if row.complaint.lot_id else []
    return await sources.common(lots, who=who, db=db) if lots else None


@router.get(f"{HOME}/radius.csv")
@router.get(f"{HOME}/radius.xlsx")
async def exported(request: Request, who: PagePrincipal) -> Response:
    """All affected lots of the target in the address, the target's own first."""
    state = request.app.state
    target = aimed_at(request)
    found = await radius.preview(target, who=who, cap=state.settings.cap, db=state.db)
    await note_export(who, target, db=state.db)
    heads = [translate(head) for head in HEADS]
    return table_file(request, "lo-bi-anh-huong", heads, _rows(found, state.db))


async def _rows(found: Radius, db: Database) -> AsyncIterator[list[Any]]:
    for skip in range(0, len(found.scoped.down.lots), ROWS_AT_ONCE):
        for row in await radius.rows(found, db, skip, ROWS_AT_ONCE):
            lot, facility = row.lot, row.facility
            yield [
                lot.code,
                row.step,
                row.product.name if row.product else "",
                facility.code,
                facility.name,
                facility.commune_name,
                lot.produced_on,
                lot.quantity,
                lot.unit,
                row.stamps.issued,
                row.stamps.active,
                row.scans,
            ]
