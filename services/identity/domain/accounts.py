"""Accounts (tài khoản): issued to a named person, suspended, activated, revoked (R2–R8)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.auth import Scope
from shared.contracts.identity import AccessRevoked, AccountPublished
from shared.errors import Kind, Refusal


class FacilityIsStopped(Refusal):
    code = "facility_is_stopped"
    message = (
        "Cơ sở đang tạm dừng hoạt động nên tài khoản của cơ sở cũng tạm ngừng. "
        "Hãy cho cơ sở hoạt động lại trước."
    )


class UsernameTaken(Refusal):
    code = "username_taken"
    message = "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác."


class AccountAlreadySuspended(Refusal):
    code = "account_already_suspended"
    message = "Tài khoản này đang tạm ngừng rồi."


class AccountNotSuspended(Refusal):
    code = "account_not_suspended"
    message = "Tài khoản này không bị tạm ngừng."


class HeldFromAbove(Refusal):
    code = "held_from_above"
    kind = Kind.FORBIDDEN
    message = (
        "Tài khoản này do cơ quan quản lý tạm ngừng. "
        "Hãy liên hệ đơn vị quản lý tài khoản để được kích hoạt lại."
    )


class AccountIsRevoked(Refusal):
    code = "account_is_revoked"
    message = "Tài khoản này đã bị thu hồi, không dùng lại được. Hãy cấp tài khoản mới."


class Hold(StrEnum):
    """Why an account is suspended; it is active again once no hold is left (R3, R7)."""

    OFFICER = "officer"
    OWN_FACILITY = "own_facility"
    FACILITY_STOPPED = "facility_stopped"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The written assignment (văn bản phân công) of the officer in charge (R6)."""

    number: str
    date: date


@dataclass(frozen=True, slots=True)
class Facility:
    """What registry told about a facility that accounts may belong to."""

    id: str
    name: str
    commune: str
    sector: str
    stopped: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its credentials. `void_before`: tokens issued earlier are void."""

    id: str
    version: int
    username: str
    name: str
    position: str
    tier: str
    kinds: frozenset[str]
    unit_id: str
    unit_path: tuple[str, ...]
    facility_id: str | None
    commune: str | None
    sector: str | None
    assignment: Assignment | None
    holds: frozenset[Hold]
    revoked: bool
    issued_at: datetime
    issued_by: str
    void_before: datetime | None = None
    phone: str = ""
    email: str = ""
    revoked_at: datetime | None = None
    erased: bool = False

    @property
    def status(self) -> str:
        """active, suspended or revoked."""
        if self.revoked:
            return "revoked"
        return "suspended" if self.holds else "active"

    @property
    def scope(self) -> Scope:
        """Where a facility's account lies."""
        return Scope(self.facility_id, self.commune, self.sector)

    def suspend(
        self, hold: Hold, reason: str, now: datetime
    ) -> tuple["Account", AccountPublished, AccessRevoked]:
        """Out everywhere until every hold is lifted."""
        if self.revoked:
            raise AccountIsRevoked()
        if hold in self.holds:
            raise AccountAlreadySuspended()
        changed = self._void(now, holds=self.holds | {hold})
        return changed, changed.published(now), changed.access_revoked(reason, now)

    def lift(self, holds: frozenset[Hold], now: datetime) -> tuple["Account", AccountPublished]:
        """Those of the holds that it has are lifted; it is active again if they were the last."""
        if self.revoked:
            raise AccountIsRevoked()
        if not holds & self.holds:
            raise self._still_held()
        changed = replace(self, version=self.version + 1, holds=self.holds - holds)
        return changed, changed.published(now)

    def _still_held(self) -> Refusal:
        if Hold.FACILITY_STOPPED in self.holds:
            return FacilityIsStopped()
        return HeldFromAbove() if self.holds else AccountNotSuspended()

    def revoke(
        self, reason: str, now: datetime
    ) -> tuple["Account", AccountPublished, AccessRevoked]:
        """For good: a revoked account never comes back (thu hồi)."""
        if self.revoked:
            raise AccountIsRevoked()
        changed = self._void(now, revoked=True, revoked_at=now)
        return changed, changed.published(now), changed.access_revoked(reason, now)

    def assign(self, assignment: Assignment) -> "Account":
        """The account with another written assignment of its officer."""
        return replace(self, version=self.version + 1, assignment=assignment)

    def void_tokens(self, reason: str, now: datetime) -> tuple["Account", AccessRevoked]:
        """Access tokens issued so far are void; a living session gets new ones at its next step."""
        changed = self._void(now)
        return changed, changed.access_revoked(reason, now)

    def _void(self, now: datetime, **changes: object) -> "Account":
        # Tokens carry whole seconds. All issued in this second are meant; those issued from now
        # on carry `void_before` at least (token_time), also when this happens twice in a second.
        second = now.replace(microsecond=0) + timedelta(seconds=1)
        if self.void_before is not None and self.void_before >= second:
            second = self.void_before + timedelta(seconds=1)
        return replace(self, version=self.version + 1, void_before=second, **changes)  # type: ignore[arg-type]

    def token_time(self, now: datetime) -> int:
        """The `iat` of a token issued now, in whole seconds since 1970."""
        return int(max(now, self.void_before or now).timestamp())

    def published(self, now: datetime) -> AccountPublished:
        return AccountPublished(
            subject=self.id,
            version=self.version,
            time=now,
            username=self.username,
            name=self.name,
            tier=self.tier,
            kinds=tuple(sorted(self.kinds)),
            unit_id=self.unit_id,
            facility_id=self.facility_id,
            status=self.status,
            erased=self.erased,
            commune=self.commune,
            sector=self.sector,
        )

    def access_revoked(self, reason: str, now: datetime) -> AccessRevoked:
        return AccessRevoked(
            subject=self.id,
            version=self.version,
            time=now,
            not_before=self.void_before or now,
            reason=reason,
        )
