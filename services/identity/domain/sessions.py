"""Sessions: what a sign-in opens, how its refresh token rotates, what ends it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.identity.domain import secrets
from shared.contracts.identity import AccessRevoked
from shared.errors import Unauthenticated

# Whatever its use, a session ends after this long (ASVS 5.0, 7.3.2).
LONGEST = timedelta(days=7)

# Who shows the token before the present one within this time is the second of two parallel
# refreshes (several tabs waking up at once, an answer lost on the way) and gets the same answer.
# Within it the present token is not rotated again either, so that one step back is enough.
GRACE = timedelta(seconds=10)


class Showing(StrEnum):
    """What the secret that somebody shows is to the session."""

    CURRENT = "current"
    FRESH = "fresh"
    JUST_ROTATED = "just_rotated"
    REUSED = "reused"


class Ending(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_OWNER = "ended_by_owner"
    REUSED = "token_reused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a secret
    ACCOUNT_STOPPED = "account_stopped"
    FACTOR_CHANGED = "factor_changed"


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in and everything renewed from it: the family of its refresh tokens.

    Only fingerprints of refresh secrets are kept. `sealed` is the present secret sealed under
    the one before, so that a parallel refresh can be given the same answer. `proven_at` is when
    the person last proved who they are in it, `by_factor` whether by a second factor too.
    """

    id: str
    account_id: str
    generation: int
    current: bytes
    previous: bytes | None
    sealed: bytes | None
    rotated_at: datetime
    started_at: datetime
    expires_at: datetime
    place: str
    device: str
    ended_at: datetime | None = None
    ending: str = ""
    proven_at: datetime | None = None
    by_factor: bool = False

    def alive(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at

    def judge(self, secret: bytes, now: datetime) -> Showing:
        """What a shown secret is; whoever shows a wrong one knows the session but not the token."""
        shown = secrets.fingerprint(secret)
        just = self.previous is not None and now - self.rotated_at <= GRACE
        if secrets.same(self.current, shown):
            return Showing.FRESH if just else Showing.CURRENT
        if just and self.previous is not None and secrets.same(self.previous, shown):
            return Showing.JUST_ROTATED
        return Showing.REUSED

    def rotate(self, shown: bytes, new: bytes, *, idle: timedelta, now: datetime) -> "Session":
        """The session with a new refresh secret; it expires after `idle` without another."""
        return replace(
            self,
            generation=self.generation + 1,
            current=secrets.fingerprint(new),
            previous=self.current,
            sealed=secrets.seal(new, shown, "txng-refresh"),
            rotated_at=now,
            expires_at=min(now + idle, self.started_at + LONGEST),
        )

    def repeated(self, shown: bytes) -> bytes:
        """The present secret for the second of two parallel refreshes."""
        if self.sealed is None:
            raise Unauthenticated()
        return secrets.seal(self.sealed, shown, "txng-refresh")

    def prove(self, now: datetime, *, by_factor: bool) -> "Session":
        """The person has just proven who they are once more."""
        return replace(self, proven_at=now, by_factor=by_factor)

    def end(self, why: Ending, now: datetime) -> tuple["Session", AccessRevoked]:
        """The session ended, and the fact that voids its access tokens everywhere."""
        ended = replace(self, ended_at=now, ending=why.value, sealed=None)
        return ended, AccessRevoked(
            subject=self.account_id,
            version=self.generation + 1,
            time=now,
            # Tokens carry whole seconds: all of this second's are meant too.
            not_before=now + timedelta(seconds=1),
            session_id=self.id,
            reason=why.value,
        )


def start(
    session_id: str,
    account_id: str,
    secret: bytes,
    *,
    idle: timedelta,
    place: str,
    device: str,
    by_factor: bool,
    now: datetime,
) -> Session:
    """A new session, opened by a proof of this moment."""
    return Session(
        id=session_id,
        account_id=account_id,
        generation=0,
        current=secrets.fingerprint(secret),
        previous=None,
        sealed=None,
        rotated_at=now,
        started_at=now,
        expires_at=min(now + idle, now + LONGEST),
        place=place,
        device=device,
        proven_at=now,
        by_factor=by_factor,
    )
