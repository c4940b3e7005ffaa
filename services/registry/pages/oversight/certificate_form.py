"""The form of a certificate: entered with its scan, corrected, renewed (R13)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import certificates
from services.registry.domain.certificates import Certificate
from services.registry.domain.records import Record
from services.registry.pages.oversight.paper_forms import CertificateForm, bytes_of
from services.registry.pages.oversight.papers import HERE, address_of, certificate, facility_of
from services.registry.pages.records.editing import conflicted
from services.registry.pages.showing import show
from services.registry.telling import Change
from shared.auth import Principal
from shared.errors import EditConflict, Refusal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry", include_in_schema=False)


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
    old = certificate(record, number)
    form = new_form(CertificateForm, asdict(old), version=record.version, was=old.key)
    return _form(request, record, form, old)


@router.post(f"{HERE}/certificates/{{number}}")
async def change(
    request: Request, who: PagePrincipal, record_id: str, number: int, _: PageForm
) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")
    certificate(record, number)
    return await _keep(request, who, record, number - 1)


async def _keep(
    request: Request, who: Principal, record: Record[Any], place: int | None
) -> Response:
    old = record.content.certificates[place] if place is not None else None

    async def perform(sent: CertificateForm) -> Response:
        with _at_inputs():
            await certificates.keep_certificate(
                record.id,
                sent.to_domain(),
                place=place,
                was=sent.was,
                data=await bytes_of(sent.file),
                version=sent.version,
                who=who,
                now=now(),
                db=request.app.state.db,
            )
        text = N_("Đã lưu giấy vào bản nháp. Hãy gửi kiểm tra để có hiệu lực.")
        return redirect(request, f"{address_of(record.id)}/papers", text)

    async def again(form: Form[CertificateForm], status: int) -> Response:
        theirs: list[Change] = []
        if isinstance(form.refusal, EditConflict):
            form, theirs = await conflicted(request, form, record)
        fresh = await facility_of(request, who, record.id, "facility.enter")
        return _form(request, fresh, form, old, status, theirs)

    return await answered(await read_form(request, CertificateForm), perform, again)


@contextmanager
def _at_inputs() -> Iterator[None]:
    """What is refused in `certificates.3.number` is told at the input `number`."""
    try:
        yield
    except Refusal as refusal:
        name = (refusal.field or "").rpartition(".")[2] or None
        refusal.field = name if name != "certificates" else "file"
        raise


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
