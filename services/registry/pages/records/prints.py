"""Printable forms, filled from the record: a page of links, and each as a PDF (R34)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import inspections as inspection_acts
from services.registry.actions.rights import RIGHTS, require_for
from services.registry.domain.communes import commune_name
from services.registry.domain.facility import Facility
from services.registry.domain.records import Aggregate, Record
from services.registry.inspection_list import KINDS, RESULTS, VIOLATIONS
from services.registry.pages.diaries.diary_telling import entry_facts, entry_title
from services.registry.pages.oversight.papers import facility_of
from services.registry.pages.records.telling import names_for, told
from services.registry.pages.showing import full_address, show
from services.registry.printing import forms
from services.registry.store import inspections, lists, records
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.printing.sheet import Sheet, drawn
from shared.web.filters import show_datetime
from shared.web.i18n import speak, speech, stop_speaking, translate
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry", include_in_schema=False)
LISTED = 50
# What the grid of a diary tells: its own entries and those of its growing area.
ENTRIES = ("entries", "area_entries")


@router.get("/facilities/{record_id}/prints")
async def prints(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    db = request.app.state.db
    of_it = {"owner.facility_id": record_id}
    query = inspections.wanted(facility_id=record_id)
    return show(
        request,
        "console/prints.html",
        record=record,
        products=await lists.newest(db, Aggregate.PRODUCT, of_it, LISTED),
        lots=await lists.newest(db, Aggregate.LOT, of_it, LISTED),
        inspections=(await inspections.listed(db, who, query, 1))[0],
    )


@router.get("/facilities/{record_id}/prints/registration.pdf")
async def registration(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    with _in_vietnamese():
        rows = [(row.label, row.text) for row in told(record.content, {})]
    place = commune_name(record.content.commune)
    sheet = forms.registration(record.content, record.code, rows, place)
    return await _pdf(sheet, "phieu-dang-ky-co-so")


@router.get("/facilities/{record_id}/prints/commitment.pdf")
async def commitment(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    it = record.content
    place = commune_name(it.commune)
    sheet = forms.commitment(it, record.code, _kinds(it), full_address(it), place)
    return await _pdf(sheet, "ban-cam-ket")


@router.get("/facilities/{record_id}/prints/account.pdf")
async def account(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    it = record.content
    with _in_vietnamese():
        papers = next((r.text for r in told(it, {}) if r.field == "certificates"), "")
    place = commune_name(it.commune)
    sheet = forms.account(it, record.code, papers, _kinds(it), full_address(it), place)
    return await _pdf(sheet, "ban-dang-ky-tai-khoan")


@router.get("/products/{record_id}/print.pdf")
async def product(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await _read(request, who, Aggregate.PRODUCT, record_id)
    with _in_vietnamese():
        rows = [(r.label, r.text) for r in told(record.content, {}) if r.field != "images"]
    owner = record.owner
    place = commune_name(owner.commune)
    sheet = forms.product(record.content.name, owner.name, owner.code, rows, place)
    return await _pdf(sheet, "phieu-khai-bao-san-pham")


@router.get("/lots/{record_id}/print.pdf")
async def lot(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await _read(request, who, Aggregate.LOT, record_id)
    names = await names_for(request.app.state.db, [record.content])
    with _in_vietnamese():
        told_of = told(record.content, names)
        facts = [(row.label, row.text) for row in told_of if row.field not in ENTRIES]
        written = (*record.content.area_entries, *record.content.entries)
        entries = [
            (show_datetime(e.at), entry_title(e), e.place, " · ".join(entry_facts(e)))
            for e in sorted(written, key=lambda e: e.at)
        ]
    owner = record.owner
    sheet = forms.diary(record.code, owner.name, owner.code, facts, entries)
    return await _pdf(sheet, "nhat-ky-lo")


@router.get("/inspections/{inspection_id}/print.pdf")
async def minute(request: Request, who: PagePrincipal, inspection_id: str) -> Response:
    db = request.app.state.db
    one = await inspections.get(db, inspection_id)
    require(who, "inspection.read", inspection_acts.scope_of(one))
    facility = await records.get(db, Aggregate.FACILITY, one.facility_id)
    states = {key.value: translate(label, "vi") for key, label in VIOLATIONS.items()}
    kind, result = translate(KINDS[one.it.kind], "vi"), translate(RESULTS[one.it.result], "vi")
    sheet = forms.minute(one, full_address(facility.content), kind, result, states)
    return await _pdf(sheet, "bien-ban-kiem-tra")


def _kinds(it: Facility) -> str:
    return ", ".join(translate(catalogue.KINDS[kind], "vi") for kind in it.kinds)


async def _read(
    request: Request, who: Principal, aggregate: Aggregate, record_id: str
) -> Record[Any]:
    record = await records.find(request.app.state.db, aggregate, record_id)
    if record is None:
        raise NotFound()
    require_for(who, RIGHTS[aggregate].read, record)
    return record


async def _pdf(sheet: Sheet, name: str) -> Response:
    body = await asyncio.to_thread(drawn, sheet)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(body, media_type="application/pdf", headers=headers)


@contextmanager
def _in_vietnamese() -> Iterator[None]:
    """The forms are official papers: Vietnamese, whatever language the page is read in."""
    token = speak("vi", speech().catalogues)
    try:
        yield
    finally:
        stop_speaking(token)
