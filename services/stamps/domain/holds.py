"""Holds: reasons why stamps do not pass for genuine now, apart from their life cycle."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.contracts.stamps import HoldPublished
from shared.errors import Refusal


class HoldAlreadyLifted(Refusal):
    code = "hold_already_lifted"
    message = "Lệnh tạm giữ này đã được gỡ."


@dataclass(frozen=True, slots=True)
class Hold:
    """`scope` facility or batch, `target` its id; several holds are lifted one by one."""

    id: str
    scope: str
    target: str
    reason_kind: str
    reason: str
    facility_id: str
    active: bool = True
    version: int = 1

    def lift(self, now: datetime) -> tuple["Hold", HoldPublished]:
        if not self.active:
            raise HoldAlreadyLifted()
        lifted = replace(self, active=False, version=self.version + 1)
        return lifted, lifted.published(now)

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
        )
