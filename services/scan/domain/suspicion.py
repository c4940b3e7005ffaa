"""A stamp that may have been copied: how a suspicion comes up, and how staff end it (R39)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.scan.domain.copies import Rules, needed, score
from services.scan.domain.tally import Belongs, Stamp
from shared.contracts.scan import Finding, SuspicionPublished
from shared.errors import Kind, Refusal

State = Literal["suspected", "held_back", "confirmed", "cleared"]
Judgement = Literal["confirm", "clear"]
# The rule of a finding that no scans bear out: a hidden number was closed after wrong tries.
HIDDEN_NUMBER = "hidden_number"
# In these a buyer is warned.
SHOWN: frozenset[State] = frozenset({"suspected", "confirmed"})
MAX_REASON = 500


class ReasonNeeded(Refusal):
    code = "reason_needed"
    kind = Kind.INVALID
    message = "Hãy ghi lý do: căn cứ nào cho thấy tem bị sao chép hay không."


class AlreadyJudged(Refusal):
    code = "already_judged"
    message = "Nghi vấn này đã được kết luận như vậy rồi. Hãy tải lại trang để xem."


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What stands of one stamp. `cleared` counts how often staff found nothing in its scans, the
    last time for those up to `cleared_to` (a day in Vietnam, "" if never)."""

    batch: int
    serial: int
    facility_id: str
    product_id: str
    lot_id: str
    state: State
    day: str
    points: int
    findings: tuple[Finding, ...]
    first_at: datetime
    changed_at: datetime
    version: int = 1
    cleared: int = 0
    cleared_to: str = ""
    reason: str = ""
    by: str = ""
    by_name: str = ""

    @property
    def by_pin_alone(self) -> bool:
        """Whether nothing but a closed hidden number raised it, which anybody can bring about."""
        return bool(self.findings) and all(one.rule == HIDDEN_NUMBER for one in self.findings)

    @property
    def id(self) -> str:
        return f"{self.batch}/{self.serial}"

    def judged(
        self,
        judgement: Judgement,
        *,
        reason: str,
        by: str,
        by_name: str,
        today: str,
        now: datetime,
    ) -> "Suspicion":
        """As an official leaves it; raises ReasonNeeded, AlreadyJudged.

        What was confirmed can be cleared later, and the other way round. Clearing what a closed
        hidden number alone raised says nothing about scans: it makes no rule milder, or whoever
        copies a stamp would have its number closed and cleared first.
        """
        if not reason.strip():
            raise ReasonNeeded("reason")
        state: State = "confirmed" if judgement == "confirm" else "cleared"
        if self.state == state:
            raise AlreadyJudged()
        cleared = state == "cleared" and not self.by_pin_alone
        return replace(
            self,
            state=state,
            reason=reason.strip(),
            by=by,
            by_name=by_name,
            changed_at=now,
            version=self.version + 1,
            cleared=self.cleared + cleared,
            cleared_to=max(today, self.day) if cleared else self.cleared_to,
        )

    def told(self) -> SuspicionPublished:
        return SuspicionPublished(
            subject=self.id,
            version=self.version,
            time=self.changed_at,
            batch=self.batch,
            serial=self.serial,
            facility_id=self.facility_id,
            product_id=self.product_id,
            lot_id=self.lot_id,
            state=self.state,
            day=self.day,
            points=self.points,
            findings=self.findings,
            reason=self.reason,
            by=self.by,
        )


def may_be_suspected(before: Suspicion | None, day: str) -> bool:
    """Whether scans of a day are to be judged at all, after what is known of the stamp.

    What is shown already, what waits for the staff since that day, and what they cleared for that
    day stay as they are.
    """
    if before is None:
        return True
    if before.state in SHOWN:
        return False
    if before.by_pin_alone:  # Nobody hides a copy from the rules by closing its number.
        return day > before.cleared_to
    return day > (before.cleared_to if before.state == "cleared" else before.day)


def suspect(
    stamp: Stamp,
    belongs: Belongs,
    day: str,
    found: tuple[Finding, ...],
    before: Suspicion | None,
    rules: Rules,
    *,
    room: bool,
    now: datetime,
) -> Suspicion | None:
    """The suspicion that these findings make, or None; `room`: of its product fewer became
    suspected on that day than are believed."""
    points = score(found)
    if points < needed(rules, before.cleared if before else 0):
        return None
    facility, product, lot = belongs
    return Suspicion(
        *stamp,
        facility_id=facility,
        product_id=product,
        lot_id=lot,
        state="suspected" if room else "held_back",
        day=day,
        points=points,
        findings=found + _of_pin(before),
        first_at=before.first_at if before else now,
        changed_at=now,
        version=before.version + 1 if before else 1,
        cleared=before.cleared if before else 0,
        cleared_to=before.cleared_to if before else "",
    )


def pin_locked(
    stamp: Stamp,
    belongs: Belongs,
    before: Suspicion | None,
    *,
    wrong: int,
    day: str,
    now: datetime,
) -> Suspicion:
    """The sign that a hidden number was closed after so many wrong ones: for staff to see.

    Whoever is warned of the stamp by it is nobody: it has no points and is held back, unless scans
    or staff said more already. After the staff cleared the stamp it is a new sign.
    """
    sign = Finding(rule=HIDDEN_NUMBER, points=0, sources=0, figure=wrong)
    if before is not None and before.state != "cleared":
        return replace(
            before, findings=(*before.findings, sign), changed_at=now, version=before.version + 1
        )
    facility, product, lot = belongs
    return Suspicion(
        *stamp,
        facility_id=facility,
        product_id=product,
        lot_id=lot,
        state="held_back",
        day=day,
        points=0,
        findings=(sign,),
        first_at=before.first_at if before else now,
        changed_at=now,
        version=before.version + 1 if before else 1,
        cleared=before.cleared if before else 0,
        cleared_to=before.cleared_to if before else "",
    )


def _of_pin(before: Suspicion | None) -> tuple[Finding, ...]:
    """What is known of the hidden number, and stays when scans are judged anew."""
    if before is None or before.state == "cleared":
        return ()
    return tuple(one for one in before.findings if one.rule == HIDDEN_NUMBER)
