"""The unified forms filled in from what is recorded (R34): for the pages and for programs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from starlette.responses import Response

from services.registry import catalogue
from services.registry.diary_telling import entry_facts, entry_title
from services.registry.domain.communes import commune_name
from services.registry.domain.facility import Facility
from services.registry.domain.inspections import Inspection
from services.registry.domain.records import Record
from services.registry.inspection_list import KINDS, RESULTS, VIOLATIONS
from services.registry.naming import full_address
from services.registry.printing import forms
from services.registry.telling import names_for, told
from shared.mongo import Database
from shared.printing.sheet import Sheet, drawn
from shared.web.filters import show_datetime
from shared.web.i18n import speak, speech, stop_speaking, translate

# What the grid of a diary tells: its own entries and those of its growing area.
ENTRIES = ("entries", "area_entries")


class OfFacility(StrEnum):
    """The forms that are filled in from a facility's record."""

    REGISTRATION = "registration"
    COMMITMENT = "commitment"
    ACCOUNT = "account"


async def of_facility(record: Record[Any], form: OfFacility) -> Response:
    it = record.content
    place = commune_name(it.commune)
    with _in_vietnamese():
        told_of = told(it, {})
    match form:
        case OfFacility.REGISTRATION:
            rows = [(row.label, row.text) for row in told_of]
            sheet = forms.registration(it, record.code, rows, place)
            return await _pdf(sheet, "phieu-dang-ky-co-so")
        case OfFacility.COMMITMENT:
            sheet = forms.commitment(it, record.code, _kinds(it), full_address(it), place)
            return await _pdf(sheet, "ban-cam-ket")
        case OfFacility.ACCOUNT:
            papers = next((row.text for row in told_of if row.field == "certificates"), "")
            address = full_address(it)
            sheet = forms.account(it, record.code, papers, _kinds(it), address, place)
            return await _pdf(sheet, "ban-dang-ky-tai-khoan")


async def of_product(record: Record[Any]) -> Response:
    with _in_vietnamese():
        rows = [(r.label, r.text) for r in told(record.content, {}) if r.field != "images"]
    owner = record.owner
    place = commune_name(owner.commune)
    sheet = forms.product(record.content.name, owner.name, owner.code, rows, place)
    return await _pdf(sheet, "phieu-khai-bao-san-pham")


async def of_lot(db: Database, record: Record[Any]) -> Response:
    names = await names_for(db, [record.content])
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


async def of_inspection(one: Inspection, facility: Record[Any]) -> Response:
    states = {key.value: translate(label, "vi") for key, label in VIOLATIONS.items()}
    kind, result = translate(KINDS[one.it.kind], "vi"), translate(RESULTS[one.it.result], "vi")
    sheet = forms.minute(one, full_address(facility.content), kind, result, states)
    return await _pdf(sheet, "bien-ban-kiem-tra")


def _kinds(it: Facility) -> str:
    return ", ".join(translate(catalogue.KINDS[kind], "vi") for kind in it.kinds)


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
