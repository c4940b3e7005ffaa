"""The second factor of the demo's officials: seeds drawn from one secret beside the password.

`./txng code USERNAME` prints the present code of one of them, in place of a telephone.
"""

import hmac
import secrets
import time
from base64 import b32encode
from hashlib import sha256
from pathlib import Path

import pyotp

STEP_SECONDS = 30
SEED_BYTES = 20
FILE = "demo-seeds"


class DemoSeeds:
    """The seed of every demo official, the same at each start."""

    def __init__(self, root: str) -> None:
        self._root = root.encode()

    @classmethod
    def of(cls, folder: Path) -> "DemoSeeds":
        """From a file in the state folder, drawn at the first load, for its owner alone."""
        path = folder / FILE
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32) + "\n")
        return cls(path.read_text().strip())

    def seed(self, username: str) -> str:
        """Base 32 of 160 bits."""
        digest = hmac.digest(self._root, username.encode(), sha256)
        return b32encode(digest[:SEED_BYTES]).decode()

    def code(self, username: str, step: int) -> str:
        """The six digits of one step of thirty seconds."""
        return pyotp.TOTP(self.seed(username)).generate_otp(step)


def present_step() -> int:
    return int(time.time()) // STEP_SECONDS


def seconds_until(step: int) -> float:
    """How long a code must be held back: the step before it counts already (clock drift)."""
    return max(0.0, (step - 1) * STEP_SECONDS - time.time())
