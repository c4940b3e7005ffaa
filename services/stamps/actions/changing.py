"""A change of serials as its batch's history keeps it, by whoever made it."""

from datetime import datetime

from services.stamps.domain.life import Changed
from services.stamps.domain.requests import Batch
from services.stamps.domain.said import SILENT, Words
from services.stamps.domain.undoing import REVOKE
from shared.auth import Principal


def change_made(
    place: int,
    batch: Batch,
    first: int,
    last: int,
    change: str,
    who: Principal,
    now: datetime,
    *,
    lot: str = "",
    reason: str = "",
    words: Words = SILENT,
    undoes: int = 0,
) -> Changed:
    """The change as its history keeps it; `place` is its number in the batch's history."""
    return Changed(
        number=place,
        batch=batch.number,
        first=first,
        last=last,
        change=change,
        lot=lot,
        reason=reason,
        by=who.account_id,
        by_name=who.name,
        by_authority=who.facility_id is None,
        by_tier=who.tier,
        by_person=tuple(sorted(who.person)) if change == REVOKE else (),
        at=now,
        public_reason=words.text,
        public_reason_en=words.english,
        public_reason_zh=words.chinese,
        undoes=undoes,
    )
