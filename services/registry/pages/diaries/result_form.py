"""Laboratory results on pages: entered with their report, read, decided."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, UploadFile
from starlette.responses import Response

from services.registry.actions import testing
from services.registry.actions.rights import require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.testing import MAX_FILE_BYTES, Standing, TestResult
from services.registry.fields.laboratory import TestDecision, TestFields
from services.registry.inputs import Id
from services.registry.pages.showing import show
from services.registry.store import examinations, genealogy, records
from services.registry.store import testing as store
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import upload
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots/{record_id}/tests", include_in_schema=False)
STANDINGS = {
    Standing.WAITING: N_("Chờ quyết định"),
    Standing.APPROVED: N_("Đã duyệt"),
    Standing.ALLOWED: N_("Được phép có lý do"),
    Standing.CONFIRMED: N_("Giữ không cho đăng"),
}
Report = Annotated[UploadFile, upload(max_bytes=MAX_FILE_BYTES, kinds=("pdf",))]


class TestForm(TestFields):
    report: Report | None = None


async def _lot(request: Request, who: Principal, record_id: str, action: str) -> Record[Any]:
    lot = await records.get(request.app.state.db, Aggregate.LOT, record_id)
    require_for(who, action, lot)
    return lot


def _enters(who: Principal) -> str:
    return "lot.check" if who.may("lot.check") else "lot.enter"


@router.get("/new")
async def new(request: Request, who: PagePrincipal, record_id: Id) -> Response:
    lot = await _lot(request, who, record_id, _enters(who))
    return _form(request, lot, new_form(TestForm, key=new_id()))


@router.post("/new")
async def enter(request: Request, who: PagePrincipal, record_id: Id, _: PageForm) -> Response:
    lot = await _lot(request, who, record_id, _enters(who))

    async def perform(sent: TestForm) -> Response:
        report = await sent.report.read(MAX_FILE_BYTES + 1) if sent.report is not None else b""
        await testing.enter(
            sent.result(new_id(), record_id),
            report=report,
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "test", record_id, sent.model_dump(exclude={"report"})),
        )
        address = f"/console/registry/lots/{record_id}"
        return redirect(request, address, N_("Đã ghi kết quả kiểm nghiệm."))

    return await answered(
        await read_form(request, TestForm),
        perform,
        lambda form, status: _form(request, lot, form, status),
    )


@router.get("/{test_id}/report")
async def report(request: Request, who: PagePrincipal, record_id: Id, test_id: Id) -> Response:
    await _lot(request, who, record_id, "lot.read")
    result = await store.get(request.app.state.db, test_id)
    await _must_be_of(request, who, result, record_id)
    if not result.file:
        raise NotFound()
    headers = {
        "Content-Disposition": f'attachment; filename="{result.id}.pdf"',
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    body = await store.read_file(request.app.state.db, result.file)
    return Response(body, media_type="application/pdf", headers=headers)


@router.get("/{test_id}")
async def read(request: Request, who: PagePrincipal, record_id: Id, test_id: Id) -> Response:
    return await _page(request, who, record_id, test_id, new_form(TestDecision))


@router.post("/{test_id}/decide")
async def decide(
    request: Request, who: PagePrincipal, record_id: Id, test_id: Id, _: PageForm
) -> Response:
    await _lot(request, who, record_id, "lot.check")

    async def perform(sent: TestDecision) -> Response:
        decision, db = Standing(sent.decision), request.app.state.db
        await testing.decide(test_id, decision, reason=sent.reason, who=who, now=now(), db=db)
        address = f"/console/registry/lots/{record_id}"
        return redirect(request, address, N_("Đã ghi quyết định về kết quả kiểm nghiệm."))

    return await answered(
        await read_form(request, TestDecision),
        perform,
        lambda form, status: _page(request, who, record_id, test_id, form, status),
    )


def _form(request: Request, lot: Record[Any], form: Form[Any], status: int = 200) -> Response:
    return show(request, "console/test_form.html", status=status, lot=lot, form=form)


async def _page(
    request: Request,
    who: Principal,
    record_id: str,
    test_id: str,
    form: Form[Any],
    status: int = 200,
) -> Response:
    lot = await _lot(request, who, record_id, "lot.read")
    result = await store.get(request.app.state.db, test_id)
    await _must_be_of(request, who, result, record_id)
    open_ = result.standing in (Standing.WAITING, Standing.CONFIRMED)
    decides = who.may("lot.check") and who.covers("lot.check", lot.owner.scope())
    return show(
        request,
        "console/test.html",
        status=status,
        lot=lot,
        one=result,
        standings=STANDINGS,
        holds=result.stands_in_the_way and lot.published is not None,
        derived=len(await genealogy.downstream(request.app.state.db, record_id)),
        examined=await _examined(request, test_id),
        orders=who.may("recall.order"),
        decides=decides and open_ and result.by.account_id != who.account_id,
        form=form,
    )


async def _examined(request: Request, test_id: str) -> dict[str, int]:
    """Of the lots made from it: how many are held back because of it, how many only looked at."""
    found = await examinations.of_result(request.app.state.db, test_id)
    open_ = [one for one in found.values() if one.standing in ("open", "confirmed")]
    held = sum(one.holds_back for one in open_)
    return {"held": held, "looked_at": len(open_) - held}


async def _must_be_of(request: Request, who: Principal, result: TestResult, lot_id: str) -> None:
    """Raise NotFound for a result of another lot; OutOfReach where that lot is not the asker's."""
    if result.lot_id != lot_id:
        await _lot(request, who, result.lot_id, "lot.read")
        raise NotFound()
