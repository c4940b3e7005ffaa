"""A facility's papers: certificates with their scans and standing, and signed papers (R13, R34)."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import certificates, documents
from services.registry.actions.rights import may, require_for
from services.registry.domain.certificates import Certificate, Standing, standings
from services.registry.domain.diary import local_day
from services.registry.domain.records import Aggregate, Record
from services.registry.pages.editing import conflicted
from services.registry.pages.forms import ReasonForm, StepForm
from services.registry.pages.paper_forms import CertificateForm, SignedForm, bytes_of
from services.registry.pages.showing import show
from services.registry.pages.telling import Change
from services.registry.store import documents as kept
from services.registry.store import expiries, records
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal
from shared.errors import EditConflict, NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry", include_in_schema=False)
HERE = "/facilities/{record_id}"
STANDINGS = {Standing.EXPIRED: N_("Đã hết hạn"), Standing.EXPIRING: N_("Sắp hết hạn")}


@dataclass(frozen=True, slots=True)
class Row:
    """A certificate with its number on the page, from 1."""

    number: int
    it: Certificate
    standing: Standing
    changed: bool


async def facility_of(request: Request, who: Principal, record_id: str, right: str) -> Record[Any]:
    """The facility's record, if the asker may do this with it; raises NotFound or Forbidden."""
    record = await records.get(request.app.state.db, Aggregate.FACILITY, record_id)
    require_for(who, "facility.read", record)
    require_for(who, right, record)
    return record


@router.get("/certificates")
async def ending(request: Request, who: PagePrincipal, standing: str = "") -> Response:
    """Certificates in the asker's scope that ran out, or are about to."""
    db: Database = request.app.state.db
    today = local_day(now())
    chosen = Standing.EXPIRING if standing == Standing.EXPIRING else Standing.EXPIRED
    counts = await expiries.counts(db, who, today)
    paging = Paging.of(request, counts[chosen], size=PAGE_SIZE)
    return show(
        request,
        "console/certificates.html",
        standing=chosen,
        counts=counts,
        labels=STANDINGS,
        rows=await expiries.listed(db, who, chosen, today, page=paging.number),
        paging=paging,
        today=today,
    )


@router.get(f"{HERE}/papers")
async def papers(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    return await _papers(request, who, record, new_form(SignedForm, key=new_id()))


@router.post(f"{HERE}/papers")
async def attach_signed(
    request: Request, who: PagePrincipal, record_id: str, _: PageForm
) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    form = await read_form(request, SignedForm)
    if form.value is None:
        return await _papers(request, who, record, form, 422)
    data = await bytes_of(form.value.file) or b""
    title, key = form.value.title, form.value.key
    try:
        await documents.upload(
            data,
            facility_id=record_id,
            kind="signed",
            title=title,
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "signed", record_id, title, sha256(data).digest()),
        )
    except Refusal as refusal:
        return await _papers(request, who, record, form.refused(refusal), form_status(refusal))
    return redirect(request, f"{_address(record_id)}/papers", N_("Đã lưu bản quét có chữ ký."))


@router.post(f"{HERE}/papers/{{entry_id}}/remove")
async def remove_signed(
    request: Request, who: PagePrincipal, record_id: str, entry_id: str, _: PageForm
) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    form = await read_form(request, ReasonForm)
    found = await kept.get(request.app.state.db, entry_id)
    if found.facility_id != record_id:
        raise NotFound()
    if form.value is None:
        return await _papers(request, who, record, form, 422)
    await documents.remove_signed(
        entry_id, reason=form.value.reason, who=who, now=now(), db=request.app.state.db
    )
    return redirect(request, f"{_address(record_id)}/papers", N_("Đã bỏ tệp."))


@router.get(f"{HERE}/certificates/new")
async def new(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    return _form(request, record, new_form(CertificateForm, version=record.version))


@router.post(f"{HERE}/certificates/new")
async def add(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    return await _keep(request, who, record, None)


@router.get(f"{HERE}/certificates/{{number}}")
async def renew(request: Request, who: PagePrincipal, record_id: str, number: int) -> Response:
    """The certificate as it stands, to be corrected or renewed."""
    record = await facility_of(request, who, record_id, "facility.enter")
    old = _certificate(record, number)
    form = new_form(CertificateForm, asdict(old), version=record.version, was=old.key)
    return _form(request, record, form, old)


@router.post(f"{HERE}/certificates/{{number}}")
async def change(
    request: Request, who: PagePrincipal, record_id: str, number: int, _: PageForm
) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    _certificate(record, number)
    return await _keep(request, who, record, number - 1)


@router.post(f"{HERE}/certificates/{{number}}/remove")
async def remove(
    request: Request, who: PagePrincipal, record_id: str, number: int, _: PageForm
) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    form = await read_form(request, StepForm)
    if form.value is None:
        raise NotFound()
    await certificates.remove_certificate(
        record_id,
        place=number - 1,
        version=form.value.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    text = N_("Đã bỏ giấy {number} khỏi bản nháp.")
    address = f"{_address(record_id)}/papers"
    return redirect(request, address, text, number=_certificate(record, number).number)


async def _keep(
    request: Request, who: Principal, record: Record[Any], place: int | None
) -> Response:
    form = await read_form(request, CertificateForm)
    old = record.content.certificates[place] if place is not None else None
    if form.value is None:
        return _form(request, record, form, old, 422)
    try:
        await certificates.keep_certificate(
            record.id,
            form.value.to_domain(),
            place=place,
            was=form.value.was,
            data=await bytes_of(form.value.file),
            version=form.value.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    except EditConflict as conflict:
        form, theirs = await conflicted(request, form, record)
        fresh = await facility_of(request, who, record.id, "facility.enter")
        again = form.refused(conflict)
        return _form(request, fresh, again, old, form_status(conflict), theirs)
    except Refusal as refusal:
        field = (refusal.field or "").rpartition(".")[2] or None
        refusal.field = field if field != "certificates" else "file"
        return _form(request, record, form.refused(refusal), old, form_status(refusal))
    text = N_("Đã lưu giấy vào bản nháp. Hãy gửi kiểm tra để có hiệu lực.")
    return redirect(request, f"{_address(record.id)}/papers", text)


def _certificate(record: Record[Any], number: int) -> Certificate:
    found: tuple[Certificate, ...] = record.content.certificates
    if not 1 <= number <= len(found):
        raise NotFound()
    return found[number - 1]


def _form(
    request: Request,
    record: Record[Any],
    form: Form[Any],
    old: Certificate | None = None,
    status: int = 200,
    theirs: list[Change] | None = None,
) -> Response:
    return show(
        request,
        "console/certificate_form.html",
        status=status,
        record=record,
        form=form,
        old=old,
        theirs=theirs,
        kind_options=[(key, translate(label)) for key, label in catalogue.CERTIFICATES.items()],
    )


async def _papers(
    request: Request, who: Principal, record: Record[Any], form: Form[Any], status: int = 200
) -> Response:
    return show(
        request,
        "console/papers.html",
        status=status,
        record=record,
        rows=_rows(record),
        signed=await kept.of_facility(request.app.state.db, record.id, "signed"),
        form=form,
        may_enter=may(who, "facility.enter", record),
        labels=STANDINGS,
    )


def _rows(record: Record[Any]) -> list[Row]:
    """The certificates of the draft; `changed` where consumers are not shown them so (yet)."""
    found: tuple[Certificate, ...] = record.content.certificates
    public = record.published.certificates if record.published is not None else ()
    today = local_day(now())
    return [
        Row(number, it, standing, it not in public)
        for number, (it, standing) in enumerate(
            zip(found, standings(found, today), strict=True), start=1
        )
    ]


def _address(record_id: str) -> str:
    return f"/console/registry/facilities/{record_id}"
