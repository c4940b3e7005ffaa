"""Print jobs: sheets drawn in the background."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.stamps import keys, manifests, queries
from services.stamps.actions import printing as acts
from services.stamps.actions import taking
from services.stamps.api.bodies import OrderPrint, PrintAgain
from services.stamps.api.views import PrintJobView
from services.stamps.downloads import file_answer, manifest_answer
from services.stamps.inputs import BatchNumber, RecordId
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/batches/{number}/print-jobs", status_code=202)
async def order_print(
    number: BatchNumber,
    asked: OrderPrint,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> PrintJobView:
    """Have sheets drawn; poll the job until its state is done, then fetch its file."""
    state = request.app.state
    job = await acts.order(
        number,
        size=asked.size,
        first=asked.first,
        last=asked.last,
        paper=asked.paper,
        design=asked.design,
        output=asked.output,
        pin=asked.pin,
        makes_pins=keys.makes_pins(state.settings),
        slot=keys.current_slot(state.settings),
        carrier=asked.carrier,
        barcode=asked.barcode,
        host=state.settings.stamp_host,
        key=key,
        who=who,
        db=state.db,
        now=now(),
    )
    return PrintJobView.model_validate(job)


@router.post("/print-jobs/{job_id}/again", status_code=202)
async def print_again(
    job_id: RecordId,
    asked: PrintAgain,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> PrintJobView:
    """Have some sheets of a job drawn once more, with the numbers they had."""
    job = await acts.order_again(
        job_id, **asked.model_dump(), key=key, who=who, db=request.app.state.db, now=now()
    )
    return PrintJobView.model_validate(job)


@router.get("/print-jobs/{job_id}")
async def get_print_job(job_id: RecordId, request: Request, who: ApiPrincipal) -> PrintJobView:
    job = await queries.job_seen_by(who, job_id, db=request.app.state.db)
    return PrintJobView.model_validate(job)


@router.get("/print-jobs/{job_id}/file")
async def get_print_file(job_id: RecordId, request: Request, who: ApiPrincipal) -> Response:
    """The file of a job that is done."""
    db = request.app.state.db
    job = await taking.take_file(job_id, who=who, db=db)
    return file_answer(job, queries.file_of(job, db=db))


@router.get("/print-jobs/{job_id}/manifest")
async def get_manifest(job_id: RecordId, request: Request, who: ApiPrincipal) -> Response:
    """The signed manifest of a list of codes."""
    return manifest_answer(await taking.take_manifest(job_id, who=who, db=request.app.state.db))


@router.get("/print-keys")
async def get_print_keys(request: Request) -> dict[str, Any]:
    """The public keys (JWK Set) that manifests are checked with; for everybody."""
    return manifests.public_keys(manifests.key(request.app.state.settings))
