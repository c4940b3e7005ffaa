"""The filters of an access history, as its address says them."""

from datetime import date, datetime, timedelta

from starlette.requests import Request

from services.identity.domain.access import Did
from services.identity.store.accesses import ACCEPTED, Sought
from shared.days import local_midnight


def sought_of(request: Request) -> Sought:
    """Whatever is no filter is ignored; days are days in Vietnam, the last one included."""
    asked = request.query_params
    did, outcome = asked.get("did", ""), asked.get("outcome", "")
    until = _day(asked.get("until", ""))
    return Sought(
        who=asked.get("q", "").strip()[:100],
        did=did if did in set(Did) else "",
        outcome=outcome if outcome in (ACCEPTED, "refused") else "",
        place=asked.get("place", "").strip()[:60],
        device=asked.get("device", "").strip()[:60],
        since=_day(asked.get("since", "")),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not date(2000, 1, 1) <= day <= date(2200, 1, 1):
        return None
    return local_midnight(day)
