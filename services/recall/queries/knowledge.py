"""Up to when what is known here is all that registry has told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx2
import structlog

from services.recall.store import genealogy
from services.recall.store.genealogy import REGISTRY
from shared.ids import now
from shared.mongo import Database

log = structlog.get_logger()

ASKING_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class KnownUpTo:
    """All of registry's events up to `number` are part of what is shown, and all that happened
    until `at`. `missing` later ones are not; both None where registry could not be asked."""

    number: int
    missing: int | None = None
    at: datetime | None = None

    @property
    def is_behind(self) -> bool:
        return bool(self.missing)


async def taken_in(db: Database) -> int:
    """The last of registry's events up to which all are part of what is read from now on."""
    return (await genealogy.taken_in(db))[REGISTRY]


async def of_registry(number: int, feeds: Mapping[str, str]) -> KnownUpTo:
    """Asks registry what it has told by now; no answer is waited for long."""
    asked_at = now()
    if REGISTRY not in feeds:
        return KnownUpTo(number)
    try:
        async with httpx2.AsyncClient(timeout=ASKING_SECONDS) as client:
            answer = await client.get(f"{feeds[REGISTRY]}/v1/feed", params={"after": number})
            answer.raise_for_status()
        told = answer.json()
        missing = max(0, int(told["head"]) - number)
        at = datetime.fromisoformat(told["events"][0]["time"]) if missing else asked_at
    except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
        log.warning("registry does not say what it has told", error=type(error).__name__)
        return KnownUpTo(number)
    return KnownUpTo(number, missing, at)
