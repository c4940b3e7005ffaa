"""Who has rehearsed within the year and who has not: a list to narrow, and to take away."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.actions.exporting import note_duties_export
from services.recall.domain.drill_score import rules
from services.recall.pages.citing import cited
from services.recall.pages.deadline_words import TIERS
from services.recall.pages.drills import HOME as DRILLS
from services.recall.pages.issuing import HERE
from services.recall.queries import drill_duties as queries
from services.recall.queries.drill_duties import KINDS, STATES, Asked
from services.recall.store.drill_duties import PAGE_SIZE, Bound, fulfilled_until
from shared.commune_places import communes_of, names
from shared.days import local_day
from shared.facilities import CLASSES
from shared.ids import now
from shared.web.i18n import N_, translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

router = APIRouter(include_in_schema=False)
HOME: Final = DRILLS + "/duties"
LABELS: Final = {
    "": N_("Tất cả"),
    "due": N_("Chưa diễn tập trong kỳ"),
    "done": N_("Đã diễn tập trong kỳ"),
}
COLUMNS: Final = (
    N_("Tên"),
    N_("Xã, phường"),
    N_("Diện quản lý"),
    N_("Cấp"),
    N_("Đã diễn tập trong kỳ"),
    N_("Lần gần nhất"),
    N_("Đến hạn lần tới"),
)


@router.get(HOME)
async def show(request: Request, who: PagePrincipal) -> Response:
    db, at, asked = request.app.state.db, now(), _asked(request)
    numbers = await queries.numbers(who, asked, db=db, at=at)
    paging = Paging.of(request, numbers[asked.state], size=PAGE_SIZE)
    rows, _ = await queries.listed(who, asked, db=db, at=at, skip=paging.skip, size=paging.size)
    more = f"&commune={asked.commune}&class={asked.class_}" if asked.kind == "facility" else ""
    of_kind = f"{HOME}?kind={asked.kind}{more}&state="
    return render(
        request,
        "drill_duties.html",
        rows=rows,
        paging=paging,
        asked=asked,
        duty=rules().duty,
        cited=cited,
        tabs=[(key, translate(LABELS[key]), of_kind + key, numbers[key]) for key in STATES],
        # What is left empty means facilities.
        whom=[("unit", translate(N_("Đơn vị quản lý")))],
        classes=[(key, translate(name)) for key, name in CLASSES.items()],
        class_names=CLASSES,
        tiers=TIERS,
        communes=communes_of(HERE),
        commune_names=names(),
        file_query=f"kind={asked.kind}{more}&state={asked.state}",
        done={one.id: queries.is_done(one, at) for one in rows},
    )


@router.get(HOME + ".csv")
@router.get(HOME + ".xlsx")
async def export(request: Request, who: PagePrincipal) -> Response:
    db, at, asked = request.app.state.db, now(), _asked(request)
    found = queries.every(who, asked, db=db, at=at)
    await note_duties_export(who, db=db)
    heads = [translate(one) for one in COLUMNS]
    return table_file(request, "dien-tap-thu-hoi", heads, _rows(found, at))


async def _rows(found: AsyncIterator[Bound], at: datetime) -> AsyncIterator[Sequence[Any]]:
    duty = rules().duty
    async for one in found:
        last = one.at
        yield [
            one.name,
            names().get(one.commune, ""),
            translate(CLASSES[one.class_]) if one.class_ in CLASSES else one.class_,
            translate(TIERS[one.tier]) if one.tier in TIERS else one.tier,
            translate(N_("Có") if queries.is_done(one, at) else N_("Không")),
            local_day(last) if last else None,
            local_day(fulfilled_until(last, duty)) if last else None,
        ]


def _asked(request: Request) -> Asked:
    """What is no filter of the page narrows nothing."""
    given = request.query_params
    kind, state = given.get("kind", ""), given.get("state", "")
    commune, class_ = given.get("commune", ""), given.get("class", "")
    return Asked(
        kind if kind in KINDS else KINDS[0],
        state if state in STATES else "",
        commune[:10] if commune.isdecimal() else "",
        class_ if class_ in CLASSES else "",
    )
