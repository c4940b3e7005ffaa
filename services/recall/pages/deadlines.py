"""All deadlines that run, are near or were missed; and the days that no deadline counts."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.recall.pages import deadline_words as words
from services.recall.pages import labels
from services.recall.pages.console import HOME as RECALLS
from services.recall.queries import deadlines
from services.recall.queries.cases import READ
from services.recall.queries.deadlines import STATES, Wanted
from shared.auth import require
from shared.days import today
from shared.errors import NotFound
from shared.ids import now
from shared.web.i18n import N_, translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
HOME = f"{RECALLS}/deadlines"


@router.get(HOME)
async def show_deadlines(request: Request, who: PagePrincipal) -> Response:
    db, at = request.app.state.db, now()
    wanted = _wanted(request.query_params)
    numbers = await deadlines.counts(who, wanted, db=db, at=at)
    _, total = await deadlines.listed(who, wanted, db=db, at=at, skip=0, size=1)
    paging = Paging.of(request, total, size=deadlines.PAGE_SIZE)
    rows, _ = await deadlines.listed(who, wanted, db=db, at=at, skip=paging.skip, size=paging.size)
    return render(
        request,
        "deadlines.html",
        rows=rows,
        paging=paging,
        wanted=wanted,
        tabs=_tabs(wanted, numbers),
        owed_by=[(tier, translate(label)) for tier, label in words.TIERS.items()],
        at=at,
        words=words,
        labels=labels,
    )


def _wanted(asked: Mapping[str, str]) -> Wanted:
    """What is no filter is none."""
    state, name, owed_by = (asked.get(key, "") for key in ("state", "name", "owed_by"))
    return Wanted(
        state=state if state in STATES else "",
        name=name if name in dict(words.names()) else "",
        owed_by=owed_by if owed_by in words.TIERS else "",
        mine=asked.get("mine", "") == "1",
    )


def _tabs(wanted: Wanted, numbers: dict[str, int]) -> list[tuple[str, str, str, int | None]]:
    every = ("", translate(N_("Tất cả")), _href(replace(wanted, state="")), None)
    return [
        every,
        *(
            (state, translate(label), _href(replace(wanted, state=state)), numbers[state])
            for state, label in words.STATES.items()
        ),
    ]


def _href(wanted: Wanted) -> str:
    given = {
        "state": wanted.state,
        "name": wanted.name,
        "owed_by": wanted.owed_by,
        "mine": "1" if wanted.mine else "",
    }
    query = urlencode({key: value for key, value in given.items() if value})
    return f"{HOME}?{query}" if query else HOME


@router.get(f"{RECALLS}/calendar")
async def show_calendar(request: Request, who: PagePrincipal) -> Response:
    """Which days are off in a year, why, and whether that was announced."""
    require(who, READ)
    calendar = request.app.state.calendar
    years = sorted(calendar.years)
    present = today().year
    asked = request.query_params.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None
    if year is None:
        year = present if present in calendar.years else years[-1]
    if year not in calendar.years:
        raise NotFound()
    return render(
        request,
        "calendar.html",
        year=year,
        days=calendar.of_year(year),
        tabs=[(str(one), str(one), f"{RECALLS}/calendar?year={one}") for one in years],
        ends=years[-1] if present >= years[-1] else None,
        words=words,
    )
