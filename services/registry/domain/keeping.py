"""What is done with goods by whoever has them: stored, sorted, offered for sale, looked at (R20).

A lot's own diary is its maker's, and is published. This one is the warehouse's, the distributor's,
the shop's, about lots of others too: it is never published, but found by officials and told in a
lot's EPCIS events. Circular 17/2021/TT-BNNPTNT, Art. 6: each stage is recorded with time and place.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.registry.domain.diary import CLOCK_TOLERANCE, MAX_PHOTOS
from services.registry.domain.diary_refusals import DateInFuture, TooManyPhotos
from services.registry.domain.records import Author
from services.registry.domain.review_refusals import ReasonMissing
from shared.days import local_day, spoken
from shared.errors import Kind, Refusal


class Work(StrEnum):
    STORING = "storing"
    SORTING = "sorting"
    DISPLAYING = "displaying"
    EXAMINING = "examining"


# Business step and disposition of the Core Business Vocabulary 2.0.
TOLD_AS: Final = {
    Work.STORING: ("storing", "sellable_not_accessible"),
    Work.SORTING: ("picking", "in_progress"),
    Work.DISPLAYING: ("stocking", "sellable_accessible"),
    Work.EXAMINING: ("inspecting", "in_progress"),
}


class UnitMissing(Refusal):
    code = "unit_missing"
    kind = Kind.INVALID
    message = "Hãy chọn đơn vị của số lượng."


class MoreThanHeld(Refusal):
    code = "more_than_held"
    kind = Kind.INVALID
    message = "Cơ sở chỉ có {has} {unit} của lô này. Hãy kiểm tra lại số lượng và đơn vị."


class AlreadyStruck(Refusal):
    code = "already_struck"
    message = "Mục này đã được bỏ trước đó. Hãy tải lại trang."


@dataclass(frozen=True, slots=True)
class Keeping:
    """`quantity` is how much of the lot it was about, None for all of it; `temperature` in °C.

    Nothing is changed afterwards: what was wrong is struck, with the reason in `struck`.
    """

    id: str
    work: Work
    lot_id: str
    facility_id: str
    at: datetime
    place: str
    by: Author
    recorded_at: datetime
    quantity: Decimal | None = None
    unit: str = ""
    temperature: Decimal | None = None
    note: str = ""
    photos: tuple[str, ...] = ()
    struck: str = ""

    def checked(self, now: datetime) -> "Keeping":
        """The same; raises what is amiss in its day, its quantity or its photos."""
        if self.at > now + CLOCK_TOLERANCE:
            raise DateInFuture("at", date=spoken(local_day(self.at)))
        if self.quantity is not None and not self.unit:
            raise UnitMissing("unit")
        if len(self.photos) > MAX_PHOTOS:
            raise TooManyPhotos("photos", limit=MAX_PHOTOS)
        return self

    def strike(self, reason: str) -> "Keeping":
        if self.struck:
            raise AlreadyStruck()
        if not reason:
            raise ReasonMissing("reason")
        return replace(self, struck=reason)
