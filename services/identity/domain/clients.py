"""Programs of partner systems that read by themselves (client credentials, RFC 6749, 4.4)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.identity.domain import secrets
from shared.auth import Principal
from shared.contracts.identity import AccessRevoked
from shared.errors import Kind, Refusal
from shared.permissions import matrix

TIER: Final = "client"
KINDS: Final = frozenset({"read"})
MOST_SECRETS: Final = 2


class ScopeNotGrantable(Refusal):
    code = "scope_not_grantable"
    kind = Kind.INVALID
    message = "Quyền «{scope}» không cấp được cho phần mềm. Hãy chọn trong danh sách quyền đọc."


class ClientIsRevoked(Refusal):
    code = "client_is_revoked"
    message = "Phần mềm này đã bị thu hồi quyền. Hãy đăng ký phần mềm mới."


@dataclass(frozen=True, slots=True)
class Secret:
    """The fingerprint of a secret; `until` is set once another has taken its place."""

    fingerprint: bytes
    made_at: datetime
    until: datetime | None = None

    def alive(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Client:
    """A program, kept by the unit that registered it: it reads what that unit answers for."""

    id: str
    version: int
    name: str
    contact: str
    unit_id: str
    unit_path: tuple[str, ...]
    actions: tuple[str, ...]
    secrets: tuple[Secret, ...]
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def proves(self, secret: str, now: datetime) -> bool:
        """Whether it is one of its living secrets; every one is compared, in constant time."""
        shown = secrets.fingerprint(secret)
        fits = [secrets.same(one.fingerprint, shown) for one in self.secrets if one.alive(now)]
        return any(fits) and self.revoked_at is None

    def rotate(self, fingerprint: bytes, overlap: timedelta, now: datetime) -> "Client":
        """A new secret; those before are good for `overlap` yet, so that nothing stands still."""
        if self.revoked_at is not None:
            raise ClientIsRevoked()
        end = now + overlap
        before = [
            replace(one, until=min(one.until or end, end)) for one in self.secrets if one.alive(now)
        ]
        kept = (*before[-(MOST_SECRETS - 1) :], Secret(fingerprint, now))
        return replace(self, version=self.version + 1, secrets=kept)

    def revoke(self, reason: str, now: datetime) -> tuple["Client", AccessRevoked]:
        """Out everywhere: its tokens are void as soon as the services hear of it."""
        if self.revoked_at is not None:
            raise ClientIsRevoked()
        changed = replace(self, version=self.version + 1, secrets=(), revoked_at=now)
        return changed, changed.void(reason, now)

    def kept_by(
        self, unit_id: str, path: tuple[str, ...], now: datetime
    ) -> tuple["Client", AccessRevoked]:
        """Read for the unit as it now stands: tokens that say what it was are void."""
        changed = replace(self, version=self.version + 1, unit_id=unit_id, unit_path=path)
        return changed, changed.void("unit_changed", now)

    def void(self, reason: str, now: datetime) -> AccessRevoked:
        return AccessRevoked(
            subject=self.id,
            version=self.version,
            time=now,
            # Tokens carry whole seconds: all of this second's are meant too.
            not_before=now + timedelta(seconds=1),
            reason=reason,
        )


def grantable() -> tuple[str, ...]:
    """The actions of the permission matrix that a program may be given: those open to all tiers."""
    anybody = Principal("", "", TIER, KINDS, "", "")
    return tuple(action for action in matrix() if anybody.may(action))


def checked(actions: tuple[str, ...]) -> tuple[str, ...]:
    """In the matrix's order; raises ScopeNotGrantable."""
    known = grantable()
    for action in actions:
        if action not in known:
            raise ScopeNotGrantable("actions", scope=action)
    return tuple(action for action in known if action in actions)
