"""Statistics of scans on a page: sums, a picture by day, hour and verdict, and a table."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.desk import figure_words as words
from services.scan.desk import figures
from services.scan.desk.figures import Asked, Found, Named, Reach, Taken
from services.scan.domain.figures import BY, HOURS_OF_DAY, MOST_DAYS, Period, PeriodWrong, Totals
from shared.auth import Principal
from shared.days import local_day
from shared.ids import now
from shared.web.charts import Chart, bars, lines
from shared.web.filters import show_date
from shared.web.i18n import N_, language_of, translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

HERE: Final = "/console/scan/figures"
_EVER_SO_MANY: Final = 10**9
_ID_LENGTH: Final = 64
router = APIRouter(include_in_schema=False)


@router.get(HERE)
async def show(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    asked, wrong = _asked(request, who)
    page = Paging.of(request, _EVER_SO_MANY, size=figures.PAGE).number
    found = await figures.read(who, asked, page=page, db=db)
    paging = Paging.of(request, found.total, size=figures.PAGE)
    if paging.number != page:
        found = await figures.read(who, asked, page=paging.number, db=db)
    facility, product = await figures.names_of(asked, db)
    chosen = {
        "from": asked.period.first.isoformat(),
        "to": asked.period.last.isoformat(),
        "facility": asked.facility_id,
        "product": asked.product_id,
    }
    return render(
        request,
        "desk/figures.html",
        status=422 if wrong else 200,
        wrong=translate(wrong.message, **wrong.params) if wrong else "",
        asked=asked,
        here=HERE,
        query=urlencode({"by": asked.by, **{key: it for key, it in chosen.items() if it}}),
        kept={key: it for key, it in chosen.items() if it},
        by_options=[(one, translate(words.BY_NAMES[one])) for one in _offered(who)],
        by_name=translate(words.BY_NAMES[asked.by]),
        facility=facility,
        product=product,
        found=found,
        people_stat=_people_stat(found),
        people_head=_people_head(found.reach),
        people_caption=translate(words.people_caption(found.reach)),
        people=lambda one: one.people if found.reach.by_people else one.line.users,
        people_since=found.people_since
        if found.reach.from_before and found.reach.could_count_people
        else None,
        paging=paging,
        charts=_charts(asked.period, found.totals) if found.totals.scans else (),
        line_name=lambda one: words.line_name(asked.by, one),
        bad_scans=words.bad_scans,
        leads=lambda one: _leads(asked, one),
    )


@router.get(f"{HERE}.csv")
@router.get(f"{HERE}.xlsx")
async def export(request: Request, who: PagePrincipal) -> Response:
    asked, wrong = _asked(request, who)
    if wrong:
        raise wrong
    taken = await figures.taken_away(who, asked, db=request.app.state.db)
    name = f"luot-quet-{asked.by}-{asked.period.first}-{asked.period.last}"
    head = _head(asked.by, _people_head(taken.reach))
    return table_file(request, name, head, _cells(taken))


def _people_head(reach: Reach) -> str:
    """What is counted of people in each line."""
    if not reach.by_people:
        return translate(words.FIRST_OF_DAY)
    if reach.from_before and reach.since is not None:
        return translate(N_("Người quét (từ ngày {day})"), day=show_date(reach.since))
    return translate(words.PEOPLE)


def _people_stat(found: Found) -> tuple[str, int, str]:
    """What is counted of people in all lines together: its name, the number, what it means. Of what
    the lines are, where those add up to it."""
    if found.people is not None and found.reach.by_people:
        hint = N_("mỗi người đếm một lần một ngày")
        return translate(words.PEOPLE), found.people, translate(hint)
    hint = N_("mỗi người đếm một lần một ngày, ở món quét đầu tiên")
    return translate(words.FIRST_OF_DAY), found.totals.users, translate(hint)


def _head(by: str, people: str) -> list[str]:
    names = map(words.verdict_name, words.VERDICT_NAMES)
    return [
        translate(words.BY_NAMES[by]),
        translate(N_("Mã")),
        translate(N_("Lượt quét")),
        people,
        *names,
    ]


async def _cells(taken: Taken) -> AsyncIterator[Sequence[str | int | None]]:
    by = taken.reach.asked.by
    async for one in taken.rows:
        people = one.people if taken.reach.by_people else one.line.users
        verdicts = (one.line.verdicts.get(verdict, 0) for verdict in words.VERDICT_NAMES)
        yield [words.line_name(by, one), one.line.key, one.line.scans, people, *verdicts]


def _asked(request: Request, who: Principal) -> tuple[Asked, PeriodWrong | None]:
    """What the address asks for; with a period that is none, the usual one and what is wrong."""
    query, today = request.query_params, local_day(now())
    by, offered = query.get("by", ""), _offered(who)
    wrong = None
    try:
        period = Period.of(_day(query.get("from", "")), _day(query.get("to", "")), today)
    except PeriodWrong as refusal:
        wrong, period = refusal, Period.of(None, None, today)
    asked = Asked(
        period,
        by if by in offered else offered[0],
        query.get("facility", "")[:_ID_LENGTH],
        query.get("product", "")[:_ID_LENGTH],
    )
    return asked, wrong


def _offered(who: Principal) -> tuple[str, ...]:
    """A facility has one facility: its own."""
    return BY if who.facility_id is None else tuple(one for one in BY if one != "facility")


def _day(text: str) -> date | None:
    """A day as browsers send it, or as it is typed where they do not know the field."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text.strip()[:10], pattern).date()
        except ValueError:
            continue
        if date.min.year < found.year < date.max.year:
            return found
    if text.strip():
        raise PeriodWrong("from", days=MOST_DAYS)
    return None


def _leads(asked: Asked, one: Named) -> str:
    """Where a line's name leads: the same figures of this facility or product alone."""
    if asked.by not in ("facility", "product") or not one.line.key:
        return ""
    query = {
        "from": asked.period.first.isoformat(),
        "to": asked.period.last.isoformat(),
        "facility": one.line.key if asked.by == "facility" else asked.facility_id,
        "product": one.line.key if asked.by == "product" else asked.product_id,
        "by": "product" if asked.by == "facility" else "lot",
    }
    return f"{HERE}?{urlencode({key: it for key, it in query.items() if it})}"


def _charts(period: Period, sums: Totals) -> tuple[Chart, ...]:
    pattern = "%m-%d" if language_of() == "zh" else "%d/%m"
    days = [
        (date.fromisoformat(day).strftime(pattern), sums.days.get(day, 0)) for day in period.days
    ]
    scans = translate(N_("Lượt quét"))
    verdicts = [(words.verdict_name(key), sums.verdicts.get(key, 0)) for key in words.VERDICT_NAMES]
    shown = [(name, count) for name, count in verdicts if count]
    return (
        lines(
            translate(N_("Lượt quét theo ngày")),
            [label for label, _ in days],
            {scans: [count for _, count in days]},
        ),
        lines(
            translate(N_("Lượt quét theo giờ trong ngày")),
            [f"{hour}:00" for hour in range(HOURS_OF_DAY)],
            {scans: list(sums.hours)},
        ),
        bars(
            translate(N_("Lượt quét theo kết quả")),
            [name for name, _ in shown],
            {scans: [count for _, count in shown]},
            horizontal=True,
        ),
    )
