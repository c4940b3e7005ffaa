"""A facility's papers: certificates with their scans and standing, and signed papers (R13, R34)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import certificates, documents
from services.registry.actions.rights import may, require_for
from services.registry.domain.certificates import Certificate, Standing, standings
from services.registry.domain.communes import commune_name
from services.registry.domain.records import Aggregate, Record
from services.registry.pages.forms import ReasonForm, StepForm
from services.registry.pages.oversight.paper_forms import SignedForm, bytes_of
from services.registry.pages.showing import show
from services.registry.store import documents as kept
from services.registry.store import expiries, records
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, require
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
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
HERE = "/facilities/{record_id}"
COLUMNS = (
    N_("Tên cơ sở"),
    N_("Xã, phường, đặc khu"),
    N_("Loại giấy"),
    N_("Số giấy"),
    N_("Ngày hết hạn giấy"),
)
STANDINGS = {
    Standing.EXPIRED: N_("Đã hết hạn"),
    Standing.EXPIRING: N_("Sắp hết hạn"),
    Standing.UNENDED: N_("Chưa ghi ngày hết hạn"),
}


def _chosen(standing: str) -> Standing:
    return next((one for one in STANDINGS if one.value == standing), Standing.EXPIRED)


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
    """Certificates in the asker's scope that ran out, are about to, or lack their end."""
    require(who, "facility.read")
    db: Database = request.app.state.db
    today = local_day(now())
    chosen = _chosen(standing)
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


@router.get("/certificates.csv")
@router.get("/certificates.xlsx")
async def ending_file(request: Request, who: PagePrincipal, standing: str = "") -> Response:
    """The same list, to be sent on or worked off elsewhere."""
    db: Database = request.app.state.db
    today = local_day(now())
    chosen = _chosen(standing)
    await documents.note_list_export(who, str(chosen), db=db)

    async def rows() -> AsyncIterator[list[Any]]:
        async for one in expiries.every(db, who, chosen, today):
            kind = translate(catalogue.CERTIFICATES[one.kind])
            end = None if one.end_missing else one.on
            yield [one.facility_name, commune_name(one.commune), kind, one.number, end]

    headers = [translate(text) for text in COLUMNS]
    return table_file(request, "giay-can-gia-han", headers, rows())


@router.get(f"{HERE}/papers")
async def papers(request: Request, who: PagePrincipal, record_id: str) -> Response:
    return await _papers(request, who, record_id)


@router.post(f"{HERE}/papers")
async def attach_signed(
    request: Request, who: PagePrincipal, record_id: str, _: PageForm
) -> Response:
    await facility_of(request, who, record_id, "facility.enter")

    async def perform(sent: SignedForm) -> Response:
        data = await bytes_of(sent.file) or b""
        await documents.upload(
            data,
            facility_id=record_id,
            kind="signed",
            title=sent.title,
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "signed", record_id, sent.title, sha256(data).digest()),
        )
        return redirect(
            request, f"{address_of(record_id)}/papers", N_("Đã lưu bản quét có chữ ký.")
        )

    return await answered(
        await read_form(request, SignedForm),
        perform,
        lambda form, status: _papers(request, who, record_id, form, status),
    )


@router.post(f"{HERE}/papers/{{entry_id}}/remove")
async def remove_signed(
    request: Request, who: PagePrincipal, record_id: str, entry_id: str, _: PageForm
) -> Response:
    await facility_of(request, who, record_id, "facility.enter")
    found = await kept.get(request.app.state.db, entry_id)
    if found.facility_id != record_id:
        raise NotFound()

    async def perform(sent: ReasonForm) -> Response:
        db: Database = request.app.state.db
        await documents.remove_signed(entry_id, reason=sent.reason, who=who, now=now(), db=db)
        return redirect(request, f"{address_of(record_id)}/papers", N_("Đã bỏ tệp."))

    return await answered(
        await read_form(request, ReasonForm),
        perform,
        lambda form, status: _papers(
            request, who, record_id, status=status, removing=(entry_id, form)
        ),
    )


@router.post(f"{HERE}/certificates/{{number}}/remove")
async def remove(
    request: Request, who: PagePrincipal, record_id: str, number: int, _: PageForm
) -> Response:
    record = await facility_of(request, who, record_id, "facility.enter")

    async def perform(sent: StepForm) -> Response:
        await certificates.remove_certificate(
            record_id,
            place=number - 1,
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        text = N_("Đã bỏ giấy {number} khỏi bản nháp.")
        gone = certificate(record, number).number
        return redirect(request, f"{address_of(record_id)}/papers", text, number=gone)

    return await answered(
        await read_form(request, StepForm),
        perform,
        lambda form, status: _papers(request, who, record_id, status=status, refused=form),
    )


def certificate(record: Record[Any], number: int) -> Certificate:
    """The certificate of this number on the page, from 1; raises NotFound."""
    found: tuple[Certificate, ...] = record.content.certificates
    if not 1 <= number <= len(found):
        raise NotFound()
    return found[number - 1]


async def _papers(
    request: Request,
    who: Principal,
    record_id: str,
    form: Form[Any] | None = None,
    status: int = 200,
    *,
    removing: tuple[str, Form[Any]] | None = None,
    refused: Form[Any] | None = None,
) -> Response:
    """`removing` names the file whose form comes back; `refused` comes of a single button."""
    record = await facility_of(request, who, record_id, "facility.read")
    return show(
        request,
        "console/papers.html",
        status=status,
        record=record,
        rows=_rows(record),
        signed=await kept.of_facility(request.app.state.db, record.id, "signed"),
        form=form or new_form(SignedForm, key=new_id()),
        removing=removing or ("", new_form(ReasonForm)),
        refused=refused or new_form(StepForm),
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


def address_of(record_id: str) -> str:
    """Where a facility's record is."""
    return f"/console/registry/facilities/{record_id}"
