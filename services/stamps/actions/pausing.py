"""What holds an approval up for a while: a request waits until it is over, or is rejected (R36)."""

from datetime import datetime

from services.stamps.domain.known import AskerSuspended, Facility, ProductNotPublished
from services.stamps.domain.requests import Request
from services.stamps.store import facts
from shared.mongo import Database, Tx


async def must_not_be_paused(
    where: Tx | Database, request: Request, facility: Facility, now: datetime
) -> None:
    """Raise FacilityNotActive, FoodSafetyPaperExpired, ProductNotPublished, AskerSuspended."""
    facility.must_be_active()
    facility.must_have_paper(now)
    product = await facts.product(where, request.product_id)
    if product is None:
        raise ProductNotPublished()
    product.must_be_published()
    if not await facts.is_account_active(where, request.submitted_by):
        raise AskerSuspended()
