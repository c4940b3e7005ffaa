"""The application for an account on paper: empty, or filled in from what was sent (R5, R34)."""

import asyncio
from functools import cache

from fastapi import APIRouter
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import applications as actions
from services.identity.domain.applications import Filled
from services.identity.pages.desks import communes
from services.identity.request import Db, GuardOf, Id, OriginOf, TrackingCodeInPath
from services.identity.store import applications as store
from shared.auth import require
from shared.ids import now
from shared.mongo import Database
from shared.printing.account_form import Applicant, account_form
from shared.printing.sheet import drawn
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/apply/form.pdf")
async def empty() -> Response:
    """With dotted lines, for whoever fills it in by hand."""
    return _answer(await asyncio.to_thread(_empty), "public, max-age=86400")


@router.get("/apply/{code}/form.pdf")
async def filled_in(code: TrackingCodeInPath, db: Db, guard: GuardOf, origin: OriginOf) -> Response:
    """What was sent with this very code: others who sent it too stay out of it."""
    found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())
    own = actions.fingerprint_of(code)
    sent = next(one for one in found.submissions if one.code == own)
    return await _filled(db, sent.filled)


@router.get("/console/identity/applications/{application_id}/form.pdf")
async def of_application(application_id: Id, who: PagePrincipal, db: Db) -> Response:
    """The newest that was sent, for the file of whoever decides on it."""
    found = await store.get(db, application_id)
    require(who, actions.READ, found.scope)
    return await _filled(db, found.newest)


@cache
def _empty() -> bytes:
    return drawn(account_form(Applicant()))


async def _filled(db: Database, it: Filled) -> Response:
    place = dict(await communes(db)).get(it.commune, "")
    applicant = Applicant(
        name=it.facility_name,
        code=it.facility_code,
        tax_number=it.tax_number,
        address=", ".join(part for part in (it.address, place) if part),
        # Official papers are in Vietnamese whoever prints them.
        kinds=", ".join(labels.FACILITY_KINDS[kind] for kind in it.kinds),
        email=it.email,
        wish=it.wish.value,
        user=", ".join(part for part in (it.representative, it.position) if part),
        user_phone=it.phone,
        place=place,
    )
    body = await asyncio.to_thread(drawn, account_form(applicant))
    return _answer(body, "private, no-store")


def _answer(body: bytes, cached: str) -> Response:
    headers = {
        "Content-Disposition": 'inline; filename="ban-dang-ky-tai-khoan.pdf"',
        "Cache-Control": cached,
    }
    return Response(body, media_type="application/pdf", headers=headers)
