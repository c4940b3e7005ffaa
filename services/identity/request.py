"""What identity's endpoints take from a request: the database, the guard, where it comes from."""

from typing import Annotated

from fastapi import Depends, Path, Request

from services.identity.domain.access import Origin, describe_device
from services.identity.guard import Guard
from shared.mongo import Database
from shared.web.proxy import client_address


def _db(request: Request) -> Database:
    db: Database = request.app.state.db
    return db


def _guard(request: Request) -> Guard:
    guard: Guard = request.app.state.guard
    return guard


def codes_shown(request: Request) -> bool:
    """Whether this installation shows setup codes to who issues accounts."""
    shown: bool = request.app.state.web.settings.setup_codes_shown
    return shown


def origin_of(request: Request) -> Origin:
    """Where a request comes from."""
    device = describe_device(request.headers.get("user-agent", "")[:500])
    return Origin(client_address(request), device)


Db = Annotated[Database, Depends(_db)]
GuardOf = Annotated[Guard, Depends(_guard)]
CodesShown = Annotated[bool, Depends(codes_shown)]
OriginOf = Annotated[Origin, Depends(origin_of)]
Id = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
TrackingCodeInPath = Annotated[str, Path(pattern=r"^[0-9A-Za-z -]{16,40}$")]
