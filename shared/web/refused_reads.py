"""Where a read that was refused to a signed-in account becomes an entry of the ledger (R10)."""

import structlog
from starlette.requests import Request

from shared.auth import Principal
from shared.errors import Kind, OutOfReach, Refusal
from shared.ids import now
from shared.mongo import Database
from shared.refused_reads import Refused, note
from shared.web.routes import route_template

_log = structlog.get_logger("http")
_READS = ("GET", "HEAD")


async def note_refused_read(request: Request, refusal: Refusal) -> None:
    """Record it if it is one: what one may not do, or what lies outside one's reach.

    What does not exist at all is no refusal. The answer never depends on it.
    """
    who: Principal | None = getattr(request.state, "principal", None)
    db: Database | None = getattr(request.app.state, "db", None)
    kept_from = refusal.kind is Kind.FORBIDDEN or isinstance(refusal, OutOfReach)
    if who is None or db is None or refusal.recorded:
        return
    if request.method not in _READS or not kept_from:
        return
    try:
        await note(db, who, _told(request, refusal), now())
    except Exception as error:
        _log.warning("a refused read was not recorded", error=type(error).__name__)


def _told(request: Request, refusal: Refusal) -> Refused:
    ids = list(request.path_params.values())
    subject = str(ids[-1])[:100] if ids else "-"
    return Refused(route_template(request.scope), subject, refusal.code, refusal.message)
