"""Trace events of all lots in scope, searched by word, step, facility and days."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.domain.diary import Step
from services.registry.domain.transformation import REGROUPED
from services.registry.naming import step_name
from services.registry.pages.movement.goods import WORKS
from services.registry.pages.showing import show
from services.registry.stages import INPUT_TITLES
from services.registry.store import trace_events as store
from services.registry.store.trace_events import TraceEvent
from services.registry.transformation_list import KINDS
from shared.auth import require
from shared.days import day_begins
from shared.web.i18n import N_, translate, worded
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/events", include_in_schema=False)
Word = Annotated[str, Query(max_length=64)]
MOVES = {
    "shipped": N_("Gửi hàng đi"),
    "received": N_("Nhận hàng"),
    "sale": N_("Bán cho người tiêu dùng"),
    "loss": N_("Hao hụt, hủy bỏ"),
}
PAGES = {
    "lot": "lots/{of}",
    "area": "growing-areas/{of}/diary",
    "transformation": "transformations/{of}",
    "shipment": "shipments/{of}",
    "keeping": "stock/entries/{of}",
}


@router.get("")
async def search(
    request: Request,
    who: PagePrincipal,
    q: Annotated[str, Query(max_length=200)] = "",
    step: Word = "",
    facility_id: Word = "",
    since: Word = "",
    until: Word = "",
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The latest first; a day that cannot be read is shown again and left out."""
    require(who, "lot.read")
    names = _steps()
    first, last = _day(since), _day(until)
    wanted = store.Wanted(
        text=q,
        step=step if step in names else "",
        facility_id=facility_id,
        since=day_begins(first),
        until=day_begins(last, later=1),
    )
    found, following = await store.search(request.app.state.db, who, wanted, after=after)
    unread = [text for text, day in ((since, first), (until, last)) if text and day is None]
    return show(
        request,
        "console/trace_events.html",
        events=[(one, _title(one), _about(one), _page(one)) for one in found],
        following=following,
        after=after,
        steps=list(names.items()),
        asked={"q": q, "step": wanted.step, "since": since, "until": until},
        unread=unread,
        facility_id=facility_id,
    )


def _steps() -> dict[str, str]:
    """All that an event may be, by its word."""
    kinds: dict[str, Any] = {kind.value: translate(label) for kind, label in KINDS.items()}
    moves = {key: translate(label) for key, label in MOVES.items()}
    works = {work.value: translate(label) for work, label in WORKS.items()}
    return {**works, **{step.value: step_name(step) for step in Step}, **kinds, **moves}


def _title(one: TraceEvent) -> str:
    if one.kind in INPUT_TITLES:
        return worded(*INPUT_TITLES[one.kind])
    return _steps().get(one.step, one.step)


def _about(one: TraceEvent) -> str:
    """What it was done with; that lots were split or merged is its title already."""
    return "" if one.step in REGROUPED else one.name


def _page(one: TraceEvent) -> str:
    return "/console/registry/" + PAGES[one.source].format(of=one.of)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
