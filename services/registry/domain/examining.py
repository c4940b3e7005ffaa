"""What a failed result means for the lots that were made from the lot it is about (R26, R54).

While nobody has confirmed the result, they are to be looked at: one wrong figure must not stop a
thousand lots. Once an official confirmed it, those that it went into are held back until each was
examined; those on which it was only used (feed, fertiliser) are still to be looked at (ADR 10).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from services.registry.domain.records import Author, Owner
from services.registry.domain.review_refusals import ReasonMissing
from services.registry.domain.testing import Standing as TestStanding
from services.registry.domain.testing import TestResult
from shared.errors import Kind, Refusal

_IDS: Final = UUID("0d6a0b0c-6d0e-5d0b-8d35-3f1f5a9d5b21")


class Standing(StrEnum):
    """`lifted`: the result itself no longer stands; the others are an official's word."""

    OPEN = "open"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"
    LIFTED = "lifted"


class ExaminationOver(Refusal):
    code = "examination_over"
    message = "Lô này không còn phải xem xét. Hãy tải lại trang để xem tình trạng mới nhất."


class SourceHeldBack(Refusal):
    code = "source_held_back"
    message = (
        "Lô {lot} làm từ nguyên liệu đã xác nhận kiểm nghiệm không đạt, nên không được dùng, "
        "chuyển đi hoặc bán cho đến khi cơ quan quản lý xem xét xong."
    )


class NoSuchDecision(Refusal):
    code = "no_such_decision"
    kind = Kind.INVALID
    message = "Hãy chọn: lô này dùng được, hoặc lô này cũng không đạt."


@dataclass(frozen=True, slots=True)
class Examination:
    """One lot, because of one result of a lot it came from.

    `made_from_it`: the source went into it, by any number of steps; else it was only used on it or
    on something that went into it. `holds` while the result is confirmed and the source is in it.
    """

    id: str
    lot_id: str
    lot_code: str
    owner: Owner
    result_id: str
    source_id: str
    source: str
    parameter: str
    made_from_it: bool
    holds: bool
    version: int
    opened_at: datetime
    updated_at: datetime
    standing: Standing = Standing.OPEN
    decided_by: Author | None = None
    reason: str = ""

    @property
    def holds_back(self) -> bool:
        """Whether consumers are told so, and nobody uses, sends or sells the lot."""
        return self.standing is Standing.CONFIRMED or (
            self.standing is Standing.OPEN and self.holds
        )

    def decide(
        self, standing: Standing, *, by: Author, reason: str, now: datetime
    ) -> "Examination":
        """An official's word: the lot may go, or it is unfit too. It may be taken back later."""
        if standing not in (Standing.CLEARED, Standing.CONFIRMED):
            raise NoSuchDecision("decision")
        if self.standing in (standing, Standing.LIFTED):
            raise ExaminationOver()
        if not reason:
            raise ReasonMissing("reason")
        return replace(
            self,
            version=self.version + 1,
            updated_at=now,
            standing=standing,
            decided_by=by,
            reason=reason,
        )

    def following(self, result: TestResult, now: datetime) -> "Examination":
        """As its result stands by now; an official's word about this very lot stays."""
        holds = self.made_from_it and is_confirmed(result)
        standing = self.standing
        if not result.stands_in_the_way and standing is Standing.OPEN:
            standing = Standing.LIFTED
        if result.stands_in_the_way and standing is Standing.LIFTED:
            standing = Standing.OPEN
        if (holds, standing) == (self.holds, self.standing):
            return self
        return replace(
            self, version=self.version + 1, updated_at=now, holds=holds, standing=standing
        )


def is_confirmed(result: TestResult) -> bool:
    return result.stands_in_the_way and result.standing is TestStanding.CONFIRMED


def id_of(lot_id: str, result_id: str) -> str:
    """Follows from both, so that a lot is examined once for one result."""
    return str(uuid5(_IDS, f"{lot_id}/{result_id}"))


def opened(
    lot_id: str,
    lot_code: str,
    owner: Owner,
    result: TestResult,
    source: str,
    *,
    made_from_it: bool,
    now: datetime,
) -> Examination:
    """`source` is the lot of the result as people write it."""
    return Examination(
        id=id_of(lot_id, result.id),
        lot_id=lot_id,
        lot_code=lot_code,
        owner=owner,
        result_id=result.id,
        source_id=result.lot_id,
        source=source,
        parameter=result.parameter,
        made_from_it=made_from_it,
        holds=made_from_it and is_confirmed(result),
        version=1,
        opened_at=now,
        updated_at=now,
    )


def status_with(own: str, examinations: Sequence[Examination]) -> str:
    """`LotPublished.status`, by the lot's own results and by those of what it came from."""
    if own != "active":
        return own
    if any(one.standing is Standing.CONFIRMED for one in examinations):
        return "unfit"
    return "source_unfit" if any(one.holds_back for one in examinations) else "active"
