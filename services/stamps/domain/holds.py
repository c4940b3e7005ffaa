"""Holds: reasons why stamps do not pass for genuine now, apart from their life cycle."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.contracts.stamps import HoldPublished
from shared.errors import Refusal
from shared.tiers import is_below, must_not_be_below

FACILITY_STOPPED = "facility_stopped"
OFFICER_ORDER = "officer_order"


class HoldAlreadyLifted(Refusal):
    code = "hold_already_lifted"
    message = "Lệnh tạm giữ này đã được gỡ."


class HoldFollowsFacility(Refusal):
    code = "hold_follows_facility"
    message = "Tem bị tạm giữ vì cơ sở ngừng hoạt động. Lệnh này tự gỡ khi cơ sở hoạt động trở lại."


@dataclass(frozen=True, slots=True)
class Hold:
    """`scope` facility or batch, `target` its id; several holds are lifted one by one.

    `cause_version` is the version of the facility that last set or lifted the facility's own hold.
    """

    id: str
    scope: str
    target: str
    reason_kind: str
    reason: str
    facility_id: str
    active: bool = True
    version: int = 1
    cause_version: int = 0
    by_tier: str = ""  # Of the officer who ordered it; empty where that was before it was kept.
    reason_en: str = ""
    reason_zh: str = ""

    def above(self, tier: str) -> bool:
        """Whether an officer of a higher tier ordered it."""
        return is_below(tier, self.by_tier)

    def lift(self, tier: str) -> "Hold":
        """By an officer; what follows the facility's standing is not an officer's to lift, and what
        a higher tier ordered not a lower one's (DecidedAbove)."""
        if self.reason_kind == FACILITY_STOPPED:
            raise HoldFollowsFacility()
        if not self.active:
            raise HoldAlreadyLifted()
        must_not_be_below(tier, self.by_tier)
        return replace(self, active=False, version=self.version + 1)

    def follow(self, *, active: bool, reason: str, cause_version: int) -> "Hold":
        """As the facility's stopping or resumption leaves it; an older one changes nothing."""
        if self.cause_version >= cause_version:
            return self
        return replace(
            self,
            active=active,
            reason=reason,
            cause_version=cause_version,
            version=self.version + 1,
        )

    def published(self, now: datetime) -> HoldPublished:
        return HoldPublished(
            subject=self.id,
            version=self.version,
            time=now,
            scope=self.scope,
            target=self.target,
            reason_kind=self.reason_kind,
            reason=self.reason,
            active=self.active,
            reason_en=self.reason_en,
            reason_zh=self.reason_zh,
        )


def facility_hold(facility_id: str) -> Hold:
    """The one hold that follows a facility's stopping and resuming, before it ever stopped."""
    return Hold(
        id=f"facility:{facility_id}",
        scope="facility",
        target=facility_id,
        reason_kind=FACILITY_STOPPED,
        reason="",
        facility_id=facility_id,
        active=False,
        version=0,
    )
