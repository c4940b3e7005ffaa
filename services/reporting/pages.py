"""The console's first page, the figures, and the audit ledger."""

import json
from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.reporting import queries
from services.reporting.api import Seq
from services.reporting.codes import event_label
from services.reporting.labels import (
    CLASSES,
    KINDS,
    OFFERED_ACTS,
    SECTORS,
    VERDICTS,
    act_label,
)
from services.reporting.reading import read
from services.reporting.sight import unit_in_charge
from services.reporting.store import ledger
from services.reporting.waiting import inspections_for, participation, waiting_for
from shared.auth import Principal
from shared.ids import now
from shared.web.charts import Chart, bars, donut, lines
from shared.web.i18n import language_of, translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)


@router.get("/console")
async def console(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    scans, stamps = await _day_charts(request, who)
    return render(
        request,
        "console_home.html",
        unit=await unit_in_charge(who, db=db),
        figures=await queries.statistics_for(who, db=db),
        work=await queries.work_for(who, db=db),
        waiting=await waiting_for(who, db=db, now=now()),
        scans=scans,
        stamps=stamps,
    )


@router.get("/console/reporting")
async def figures(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    found = await queries.statistics_for(who, db=db)
    split = await queries.breakdown_for(who, db=db)
    scans, stamps = await _day_charts(request, who)
    # Bars, not a ring: there are more verdicts than colours that can be told apart.
    verdicts = [(translate(VERDICTS[v]), n) for v, n in found.scans_by_verdict.items()][::-1]
    return render(
        request,
        "figures.html",
        unit=await unit_in_charge(who, db=db),
        figures=found,
        split=split,
        shares=await participation(who, db=db),
        inspected=await inspections_for(who, db=db, now=now()),
        class_names=CLASSES,
        scans=scans,
        stamps=stamps,
        verdicts=bars(
            translate("Lượt quét theo kết quả, toàn tỉnh"),
            [name for name, _ in verdicts],
            {translate("Lượt quét"): [n for _, n in verdicts]},
            horizontal=True,
        ),
        sectors=donut(translate("Cơ sở theo ngành quản lý"), _named(split.sectors, SECTORS)),
        classes=donut(translate("Cơ sở theo diện quản lý"), _named(split.classes, CLASSES)),
        kinds=bars(
            translate("Cơ sở theo loại hình"),
            [name for name, _ in _named(split.kinds, KINDS)],
            {translate("Cơ sở"): [n for _, n in split.kinds]},
            horizontal=True,
        ),
    )


@router.get("/console/reporting/audit")
async def audit(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    asked = request.query_params
    chosen = queries.AuditFilter(
        **{name: asked.get(name, "")[:100] for name in ("action", "outcome", "subject", "type")},
        acts=not (asked.get("all", "") == "1" or asked.get("type", "")),
    )
    page = Paging.of(request, 10**9, size=ledger.PAGE).number
    rows, total = await queries.audit_page(who, chosen, db=db, page=page)
    return render(
        request,
        "audit.html",
        rows=await read(db, who, rows),
        chosen=chosen,
        acts=[(code, act_label(code)) for code in OFFERED_ACTS],
        state=await queries.ledger_state(who, db=db),
        paging=Paging.of(request, total, size=ledger.PAGE),
    )


@router.get("/console/reporting/audit/{seq}")
async def audit_link(request: Request, who: PagePrincipal, seq: Seq) -> Response:
    db = request.app.state.db
    row = await queries.audit_link(who, seq, db=db)
    (told,) = await read(db, who, [row])
    body = json.dumps(json.loads(row["body"]), ensure_ascii=False, indent=2) if row["body"] else ""
    return render(
        request,
        "audit_link.html",
        row=row,
        told=told,
        body=body,
        event_label=event_label,
    )


async def _day_charts(request: Request, who: Principal) -> tuple[Chart, Chart]:
    """Scans and stamps per day apart: their numbers are of different sizes."""
    found = await queries.last_days(who, db=request.app.state.db, now=now())
    pattern = "%m-%d" if language_of() == "zh" else "%d/%m"
    labels = [date.fromisoformat(day).strftime(pattern) for day in found.days]
    stamps = {
        translate("Tem đã cấp"): found.issued,
        translate("Tem đã kích hoạt"): found.activated,
    }
    title = translate("Lượt quét, hai tuần gần đây")
    return (
        lines(title, labels, {translate("Lượt quét"): found.scans}),
        lines(translate("Tem, hai tuần gần đây"), labels, stamps),
    )


def _named(rows: list[tuple[str, int]], names: Mapping[str, str]) -> list[tuple[str, int]]:
    return [(translate(names.get(key, key)), n) for key, n in rows]
