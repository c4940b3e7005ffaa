"""Time-based codes (RFC 6238): SHA-1, six digits, thirty seconds, one step of drift either way.

These are the values that every authenticator app takes.
"""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DRIFT_STEPS = 1
ISSUER = "TXNG Quang Ninh"


def new_seed() -> str:
    """160 random bits in base 32, as apps and people type them."""
    return pyotp.random_base32()


def step_of(now: datetime) -> int:
    """The number of the thirty seconds that `now` lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(seed: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, if it is one of those that count now; the newest first."""
    totp, present = pyotp.TOTP(seed), step_of(now)
    steps = range(present + DRIFT_STEPS, present - DRIFT_STEPS - 1, -1)
    # All are compared, in constant time, whichever fits.
    fits = [hmac.compare_digest(totp.generate_otp(step), code) for step in steps]
    return next((step for step, right in zip(steps, fits, strict=True) if right), None)


def address(seed: str, username: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(seed).provisioning_uri(name=username, issuer_name=ISSUER)


def groups(seed: str) -> list[str]:
    """The seed in groups of four, for typing."""
    return [seed[i : i + 4] for i in range(0, len(seed), 4)]
