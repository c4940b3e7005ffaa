"""Quotas of stamps: what binds a facility, how far it is used, and every change."""

from fastapi import APIRouter, Request

from services.stamps import quota_queries
from services.stamps.actions import quotas as acts
from services.stamps.api.bodies import ChangeQuota, Page
from services.stamps.api.views import (
    FacilityQuotasView,
    Listing,
    QuotaChangeView,
    QuotasView,
    QuotaView,
)
from services.stamps.inputs import RecordId
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.get("/quotas")
async def list_quotas(request: Request, who: ApiPrincipal, page: Page = 1) -> Listing[QuotasView]:
    """The facilities the caller may see that quotas bind, with what is left to each."""
    found, total = await quota_queries.seen_by(who, db=request.app.state.db, now=now(), page=page)
    items = [
        QuotasView(
            facility_id=one.facility_id, quotas=[QuotaView.of(each) for each in one.standings]
        )
        for one in found
    ]
    return Listing(items=items, total=total, page=page)


@router.get("/quotas/{facility_id}")
async def quotas_of_facility(
    facility_id: RecordId, request: Request, who: ApiPrincipal, page: Page = 1
) -> FacilityQuotasView:
    """A facility's quotas, and a page of their changes, the newest first."""
    db = request.app.state.db
    await quota_queries.facility_seen_by(who, facility_id, db=db)
    found = await quota_queries.of_facility(facility_id, db=db, now=now())
    changes, total = await quota_queries.changes_of(facility_id, db=db, page=page)
    items = [QuotaChangeView.model_validate(one) for one in changes]
    return FacilityQuotasView(
        facility_id=facility_id,
        quotas=[QuotaView.of(one) for one in found.standings],
        changes=Listing(items=items, total=total, page=page),
    )


@router.post("/quotas/{facility_id}", status_code=201)
async def change_quota(
    facility_id: RecordId,
    asked: ChangeQuota,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> QuotaChangeView:
    """Set a quota anew, or end it. What was before stays among the changes."""
    made = await acts.change(
        facility_id=facility_id,
        **asked.model_dump(),
        key=key,
        who=who,
        db=request.app.state.db,
        now=now(),
    )
    return QuotaChangeView.model_validate(made)
