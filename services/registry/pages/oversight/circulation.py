"""Circulation on pages: a facility's year with charts and revenue; all facilities in scope."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry import circulation_sheet as sheet
from services.registry.actions import circulation as acts
from services.registry.actions.rights import may
from services.registry.domain.circulation import (
    Month,
    month_of,
    months_of,
    spoken_month,
    years,
)
from services.registry.domain.records import Aggregate, Record
from services.registry.fields.circulation import RevenueFields
from services.registry.naming import in_language, unit_name
from services.registry.pages.oversight.papers import facility_of
from services.registry.pages.showing import show
from services.registry.store import circulation as store
from services.registry.store import records
from services.registry.store.lists import PAGE_SIZE
from services.registry.store.search.seen import Seen
from shared.auth import Principal, require
from shared.days import local_day
from shared.ids import now
from shared.web.answering import answered
from shared.web.charts import Chart, bars
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

router = APIRouter(prefix="/console/registry", include_in_schema=False)
HERE: Final = "/facilities/{record_id}/circulation"
Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=20)]


@router.get("/circulation")
async def listed(request: Request, who: PagePrincipal, year: Word = "", q: Asked = "") -> Response:
    """Of all facilities in scope; a facility's account is led to its own."""
    require(who, acts.READ)
    if who.facility_id is not None:
        return RedirectResponse(_address(who.facility_id), 303)
    db = request.app.state.db
    chosen = _year(year)
    seen = await Seen.now(request.app.state.catalogue)
    found = acts.facilities_for(who, q=q, seen=seen)
    paging = Paging.of(request, found.total, size=PAGE_SIZE)
    months = months_of(chosen, local_day(now()))
    return show(
        request,
        "console/circulation_list.html",
        rows=await acts.rows_for(found, months, page=paging.number, db=db),
        paging=paging,
        year=chosen,
        year_options=_year_options(),
        q=q,
        amounts=sheet.spoken,
    )


@router.get("/circulation.csv")
@router.get("/circulation.xlsx")
async def export_all(
    request: Request, who: PagePrincipal, year: Word = "", q: Asked = ""
) -> Response:
    require(who, acts.READ)
    db = request.app.state.db
    chosen = _year(year)
    await acts.note_export(who, "-", db=db)
    seen = await Seen.now(request.app.state.catalogue)
    found = acts.facilities_for(who, q=q, seen=seen)
    rows = acts.every_row(found, months_of(chosen, local_day(now())), db=db)
    return table_file(
        request, f"luu-thong-{chosen}", sheet.facility_headers(), sheet.by_facility(rows)
    )


@router.get(HERE)
async def of_facility(
    request: Request, who: PagePrincipal, record_id: str, year: Word = "", month: Word = ""
) -> Response:
    record = await facility_of(request, who, record_id, acts.READ)
    chosen = _year(month[:4] or year)
    month = month if month in months_of(chosen, local_day(now())) else _usual_month(chosen)
    known = await store.revenue(request.app.state.db, record_id, month)
    form = new_form(
        RevenueFields,
        month=month,
        amount=known.amount if known is not None else None,
        version=known.version if known is not None else 0,
    )
    return await _page(request, who, record, chosen, form)


@router.get(f"{HERE}.csv")
@router.get(f"{HERE}.xlsx")
async def export_one(
    request: Request, who: PagePrincipal, record_id: str, year: Word = ""
) -> Response:
    record = await facility_of(request, who, record_id, acts.READ)
    db = request.app.state.db
    chosen = _year(year)
    await acts.note_export(who, record_id, db=db)
    found = await acts.year_of(record_id, chosen, today=local_day(now()), db=db)
    rows = sheet.monthly(found.months)
    name = f"luu-thong-{record.code}-{chosen}"
    return table_file(request, name, sheet.monthly_headers(), rows)


@router.post(HERE)
async def declare(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await facility_of(request, who, record_id, acts.DECLARE)
    form = await read_form(request, RevenueFields)
    chosen = _year(form.text("month")[:4])

    async def perform(sent: RevenueFields) -> Response:
        await acts.declare_revenue(
            record_id,
            sent.month,
            sent.amount,
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        text = N_("Đã ghi doanh thu tháng {month}.")
        address = f"{_address(record_id)}?year={chosen}"
        return redirect(request, address, text, month=spoken_month(sent.month))

    async def again(form: Form[RevenueFields], status: int) -> Response:
        # What was typed stays; sent again, it goes on from what the other wrote, shown beside it.
        fresh = await store.revenue(request.app.state.db, record_id, form.text("month"))
        form = form.caught_up(fresh.version if fresh is not None else 0)
        return await _page(request, who, record, chosen, form, status)

    return await answered(form, perform, again)


async def _page(
    request: Request,
    who: Principal,
    record: Record[Any],
    year: int,
    form: Form[Any],
    status: int = 200,
) -> Response:
    db = request.app.state.db
    found = await acts.year_of(record.id, year, today=local_day(now()), db=db)
    goods, stamps = _charts(found.months)
    made = await records.find_many(db, Aggregate.PRODUCT, tuple(key for key, _ in found.products))
    month = form.text("month")
    return show(
        request,
        "console/circulation.html",
        status=status,
        record=record,
        year=year,
        year_options=_year_options(),
        found=found,
        months=found.months[::-1],
        goods=goods,
        stamps=stamps,
        form=form,
        month=month,
        theirs=next((one.revenue for one in found.months if one.month == month), None),
        names={key: in_language(one.content) for key, one in made.items()},
        amounts=sheet.spoken,
        spoken=spoken_month,
        may_declare=may(who, acts.DECLARE, record),
    )


def _charts(months: list[Month]) -> tuple[Chart, Chart]:
    """Goods by weight, or in what most of them are counted; stamps and scans. Months by number."""
    year = months[0].month[:4]
    labels = [str(int(one.month[5:])) for one in months]
    units: dict[str, int] = {}
    for one in months:
        for unit in (*one.made, *one.sent):
            units[unit] = units.get(unit, 0) + 1
    unit = "kg" if "kg" in units or not units else max(units, key=lambda key: units[key])
    goods = bars(
        translate(N_("Sản lượng và hàng xuất đi theo tháng, năm {year}"), year=year),
        labels,
        {
            translate(N_("Sản lượng")): [float(one.made.get(unit, 0)) for one in months],
            translate(N_("Xuất đi")): [float(one.sent.get(unit, 0)) for one in months],
        },
        unit=unit_name(unit),
    )
    stamps = bars(
        translate(N_("Tem và lượt quét theo tháng, năm {year}"), year=year),
        labels,
        {
            translate(N_("Tem cấp")): [one.issued for one in months],
            translate(N_("Tem dán lên hàng")): [one.activated for one in months],
            translate(N_("Lượt quét")): [one.scans for one in months],
        },
    )
    return goods, stamps


def _usual_month(year: int) -> str:
    """The month that a form offers first: the last one that is over, or the year's last."""
    past = [
        month for month in months_of(year, local_day(now())) if month < month_of(local_day(now()))
    ]
    return past[-1] if past else f"{year}-01"


def _year(text: str) -> int:
    """The year asked for, or the present one for whatever is none."""
    known = years(local_day(now()))
    return int(text) if text.isdecimal() and text in map(str, known) else known[0]


def _year_options() -> list[tuple[str, str]]:
    return [(str(year), str(year)) for year in years(local_day(now()))]


def _address(record_id: str) -> str:
    return f"/console/registry/facilities/{record_id}/circulation"
