"""Inspections: recorded, listed, exported, violations settled, results published by decision."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import inspections as acts
from services.registry.actions.rights import may
from services.registry.domain import violation_report
from services.registry.domain.inspections import Inspection
from services.registry.domain.records import Aggregate, Record
from services.registry.fields.inspections import InspectionFields, PublishFields, SettleFields
from services.registry.inputs import OptionalId, Version
from services.registry.inspection_list import (
    KINDS,
    OVERDUE,
    RESULTS,
    TONES,
    VIOLATIONS,
    headers,
    rows,
)
from services.registry.pages.list_filters import InspectionFilter, InspectionsAsked, Word
from services.registry.pages.oversight.paper_forms import ScanFile, SignedForm, bytes_of
from services.registry.pages.oversight.papers import facility_of
from services.registry.pages.showing import show
from services.registry.store import documents, wanted
from services.registry.store import inspections as store
from services.registry.store.lists import PAGE_SIZE
from services.registry.store.search.seen import NEWEST, Seen
from services.registry.store.wanted import Wanted
from shared.auth import Principal, require
from shared.days import local_day
from shared.ids import new_id, now
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

router = APIRouter(prefix="/console/registry", include_in_schema=False)
HOME: Final = "/console/registry/inspections"
# Who may read the suspicions because of which recall's officials ask for inspections.
SUSPICIONS: Final = "hazard.read"


class InspectionForm(InspectionFields):
    file: ScanFile | None = None
    key: OptionalId = ""


class SettleForm(SettleFields):
    version: Version


class PublishForm(PublishFields):
    version: Version


@router.get("/inspections")
async def listed(
    request: Request, who: PagePrincipal, chosen: InspectionsAsked, facility_id: Word = ""
) -> Response:
    require(who, "inspection.read")
    return await _list(request, who, None, facility_id, chosen)


@router.get("/inspections.csv")
@router.get("/inspections.xlsx")
async def exported(
    request: Request, who: PagePrincipal, chosen: InspectionsAsked, facility_id: Word = ""
) -> Response:
    db = request.app.state.db
    await acts.note_export(who, facility_id or "-", db=db)
    found = store.every(db, who, chosen.wanted(facility_id))
    return table_file(request, "kiem-tra-vi-pham", headers(), rows(found))


@router.get("/facilities/{record_id}/inspections")
async def of_facility(
    request: Request, who: PagePrincipal, record_id: str, chosen: InspectionsAsked
) -> Response:
    record = await facility_of(request, who, record_id, "inspection.read")
    return await _list(request, who, record, record_id, chosen)


@router.get("/facilities/{record_id}/inspections/new")
async def new(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "inspection.record")
    today = local_day(now()).isoformat()
    asked = await wanted.waiting(request.app.state.db, who, record_id)
    kind = "complaint" if asked else None
    form = new_form(InspectionForm, key=new_id(), on=today, **({"kind": kind} if kind else {}))
    return _form(request, record, form, asked=asked)


@router.post("/facilities/{record_id}/inspections/new")
async def create(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await facility_of(request, who, record_id, "inspection.record")

    async def perform(sent: InspectionForm) -> Response:
        made = await acts.record(
            record_id,
            sent.to_domain(),
            inspection_id=new_id(),
            data=await bytes_of(sent.file),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "inspection", record_id, sent.model_dump(exclude={"file"})),
        )
        return redirect(request, f"{HOME}/{made.id}", N_("Đã ghi biên bản kiểm tra."))

    return await answered(
        await read_form(request, InspectionForm),
        perform,
        lambda form, status: _form(request, record, form, status),
    )


@router.get("/inspections/new")
async def choose(request: Request, who: PagePrincipal, q: Word = "") -> Response:
    """Whom was it that was inspected? From the list of all; a facility's own page knows it."""
    require(who, "inspection.record")
    seen = await Seen.now(request.app.state.catalogue)
    found = seen.console(Aggregate.FACILITY, who, q=q)
    paging = Paging.of(request, found.total, size=PAGE_SIZE)
    facilities = await found.page(NEWEST, page=paging.number)
    return show(
        request, "console/inspection_choose.html", facilities=facilities, paging=paging, q=q
    )


@router.get("/inspections/{inspection_id}")
async def read(request: Request, who: PagePrincipal, inspection_id: str) -> Response:
    return await inspection_page(request, who, inspection_id)


@router.post("/inspections/{inspection_id}/violations/{number}")
async def settle(
    request: Request, who: PagePrincipal, inspection_id: str, number: int, _: PageForm
) -> Response:
    async def perform(sent: SettleForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.settle(inspection_id, number, **asked, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{inspection_id}", N_("Đã ghi kết quả khắc phục."))

    return await answered(
        await read_form(request, SettleForm),
        perform,
        lambda form, status: inspection_page(
            request, who, inspection_id, form, status, settling=number
        ),
    )


@router.post("/inspections/{inspection_id}/publication")
async def publish(
    request: Request, who: PagePrincipal, inspection_id: str, _: PageForm
) -> Response:
    async def perform(sent: PublishForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.publish(inspection_id, **asked, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{inspection_id}", N_("Đã ghi."))

    return await answered(
        await read_form(request, PublishForm),
        perform,
        lambda form, status: inspection_page(request, who, inspection_id, form, status),
    )


async def _inspection(request: Request, who: Principal, inspection_id: str) -> Inspection:
    one = await store.get(request.app.state.db, inspection_id)
    require(who, "inspection.read", acts.scope_of(one))
    return one


async def _list(
    request: Request,
    who: Principal,
    record: Record[Any] | None,
    facility_id: str,
    chosen: InspectionFilter,
) -> Response:
    number = Paging.of(request, 10**9, size=PAGE_SIZE).number
    query = chosen.wanted(facility_id)
    rows, total = await store.listed(request.app.state.db, who, query, number)
    return show(
        request,
        "console/inspections.html",
        record=record,
        asked=await wanted.waiting(request.app.state.db, who, facility_id),
        rows=rows,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        facility_id=facility_id,
        result=chosen.result,
        violation=chosen.violation,
        may_record=record is not None and may(who, "inspection.record", record),
        violation_options=[
            *((key.value, translate(label)) for key, label in VIOLATIONS.items()),
            ("overdue", translate(OVERDUE)),
        ],
        **words(),
    )


def words() -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "results": RESULTS,
        "tones": TONES,
        "violation_states": VIOLATIONS,
        "today": local_day(now()),
        "kind_options": [(key, translate(label)) for key, label in KINDS.items()],
        "result_options": [(key, translate(label)) for key, label in RESULTS.items()],
    }


def _form(
    request: Request,
    record: Record[Any],
    form: Form[Any],
    status: int = 200,
    asked: Sequence[Wanted] = (),
) -> Response:
    return show(
        request,
        "console/inspection_form.html",
        status=status,
        record=record,
        one=None,
        form=form,
        asked=asked,
        **words(),
    )


async def inspection_page(
    request: Request,
    who: Principal,
    inspection_id: str,
    form: Form[Any] | None = None,
    status: int = 200,
    *,
    settling: int | None = None,
    attaching: bool = False,
) -> Response:
    """The inspection as it stands now, with the form that comes back.

    `settling` is the violation that it is of; `attaching` says that it is of one more scan; else
    it is that of the publication.
    """
    one = await _inspection(request, who, inspection_id)
    scope, db = acts.scope_of(one), request.app.state.db
    # What an official suspects is told to officials alone.
    may_know = who.may(SUSPICIONS) and who.facility_id is None and who.covers(SUSPICIONS, scope)
    asked = await wanted.answered_by(db, one) if may_know else []
    settle_forms = [
        new_form(SettleForm, remedy=it.remedy, fined=it.state == "fined").named(f"violation-{n}")
        for n, it in enumerate(one.it.violations)
    ]
    publication = new_form(PublishForm).named("publication")
    paper = new_form(SignedForm, key=new_id()).named("paper")
    if form is not None and attaching:
        form = paper = form.named("paper")
    elif form is not None and settling is None:
        form = publication = form.named("publication")
    elif form is not None and settling is not None and settling < len(settle_forms):
        form = settle_forms[settling] = form.named(f"violation-{settling}")
    return show(
        request,
        "console/inspection.html",
        status=status,
        one=one,
        form=form,
        settling=settling,
        settle_forms=settle_forms,
        publication=publication,
        paper=paper,
        asked=asked,
        report=violation_report.begun(one, [each.id for each in asked]),
        scans=await documents.of_ids(db, (one.document, *one.papers)),
        may_settle=who.may("inspection.record") and who.covers("inspection.record", scope),
        mine=who.account_id in one.writers,
        may_publish=who.may("inspection.publish") and who.covers("inspection.publish", scope),
        **words(),
    )
