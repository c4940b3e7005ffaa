"""What of the demo province is in the installation already: a file beside the secrets."""

import json
import os
import secrets
import time
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

SAVED_EVERY_SECONDS = 0.5
# Without letters and digits that look alike; a person will type it.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Four groups of five: 98 bits, and longer than the 15 characters that officials need.
GROUPS, GROUP_LENGTH = 4, 5


class DemoState:
    """Ids by the keys of the data files, saved now and then and at the end.

    What was brought in after the last saving is asked for again under the same idempotency key,
    which brings nothing in twice.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "demo-state.json"
        self.is_resumed = False
        self._saved_at = 0.0
        self._known: dict[str, Any] = self._read()

    def begin(self, installation: str, today: date) -> date:
        """Start anew unless this very installation is known; the day its data counts back from."""
        if self._known.get("installation") != installation:
            self._known = {"installation": installation, "today": today.isoformat()}
            self.save()
        else:
            self.is_resumed = True
        return date.fromisoformat(self._known["today"])

    @property
    def installation(self) -> str:
        return str(self._known.get("installation", ""))

    def is_complete(self, digest: str) -> bool:
        """Whether everything of the files with this digest has been brought in."""
        return self._known.get("complete") == digest

    def id_of(self, kind: str, key: str) -> str | None:
        """The id of what is done altogether; None while anything of it is left."""
        found = self._known.get("ids", {}).get(f"{kind}:{key}")
        return None if found is None else str(found)

    def done(self, kind: str, key: str, made: str) -> None:
        self._known.setdefault("ids", {})[f"{kind}:{key}"] = made
        if time.monotonic() - self._saved_at > SAVED_EVERY_SECONDS:
            self.save()

    def finish(self, digest: str, codes: dict[str, str]) -> None:
        """Everything is in; `codes` are samples that a later start tells again."""
        self._known |= {"complete": digest, "codes": codes}
        self.save()

    @property
    def codes(self) -> dict[str, str]:
        found: dict[str, str] = self._known.get("codes", {})
        return found

    def save(self) -> None:
        draft = self.path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(self._known, ensure_ascii=False, indent=1) + "\n")
        draft.replace(self.path)
        self._saved_at = time.monotonic()

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def digest_of(folder: Path) -> str:
    """Of all data files together: another one means that a person has edited something."""
    digest = sha256()
    for path in sorted(folder.glob("*.*")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def password_of(folder: Path) -> str:
    """The password of all demo accounts: TXNG_DEMO_PASSWORD, else one drawn at the first load.

    It is kept in a file for its owner alone, so that a later start can tell it again.
    """
    path = folder / "demo-password"
    given = os.environ.get("TXNG_DEMO_PASSWORD", "")
    if not given and path.exists():
        return path.read_text().strip()
    chosen = given or "-".join(
        "".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)
    )
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(chosen + "\n")
    return chosen
