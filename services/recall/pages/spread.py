"""How a decision reaches consumers, seen as it happens: a part of the case's page by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.domain.alarm import NOBODY
from services.recall.domain.case import Case
from services.recall.pages import labels
from services.recall.pages.console import HOME
from services.recall.queries import cases, propagation
from services.recall.queries.propagation import Propagation
from services.recall.store import watches
from shared.ids import now
from shared.mongo import Database
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)

# Without a script the page is loaded again this often until every replica shows what was decided,
# but not for long: looking again takes away what somebody has begun to type.
REFRESH_SECONDS: Final = 2
LOOKING: Final = timedelta(seconds=60)
# The script asks for this part alone, so it may go on for longer.
LIVE_SECONDS: Final = 1
LIVE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Live:
    """How often the script asks, and how many times at most."""

    seconds: int = LIVE_SECONDS
    times: int = LIVE // timedelta(seconds=LIVE_SECONDS)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Replicas that have not confirmed an act in time; none where none answers."""

    replicas: tuple[str, ...]


async def shown(db: Database, case: Case) -> dict[str, Any]:
    """What the templates of this part need."""
    spread = await propagation.of_case(db, case.id)
    alarm = await _alarm(db, case)
    return {
        "case": case,
        "spread": spread,
        "alarm": alarm,
        "labels": labels,
        "refresh": REFRESH_SECONDS if _runs(spread, alarm, LOOKING, now()) else None,
        "live": Live() if _runs(spread, alarm, LIVE, now()) else None,
    }


@router.get(f"{HOME}/{{case_id}}/spread")
async def show_spread(case_id: str, request: Request, who: PagePrincipal) -> Response:
    """The part by itself, as the script asks for it."""
    db = request.app.state.db
    case = await cases.looked_at_by(who, case_id, db=db)
    return render(request, "spread.html", **await shown(db, case))


async def _alarm(db: Database, case: Case) -> Alarm | None:
    """Of the newest act that some replica lacks: an older one may be it, while all show the latest.
    Who confirms a later version of a part has confirmed the earlier ones."""
    for watch in reversed(await watches.of_case(db, case.id)):
        if watch.raised and watch.complete_at is None:
            names = watch.current or watch.raised[-1]
            return Alarm(() if names == NOBODY else tuple(names.split(",")))
    return None


def _runs(spread: Propagation, alarm: Alarm | None, span: timedelta, at: datetime) -> bool:
    latest = spread.latest
    if latest is None or (latest.is_complete and alarm is None):
        return False
    return at - latest.decided_at < span
