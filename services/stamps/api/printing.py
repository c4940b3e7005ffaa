"""Print jobs: sheets drawn in the background."""

from fastapi import APIRouter, Request, Response

from services.stamps import queries
from services.stamps.actions import printing as acts
from services.stamps.api.bodies import OrderPrint, PrintAgain
from services.stamps.api.views import PrintJobView
from services.stamps.downloads import pdf_answer
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
    """The PDF of a job that is done."""
    db = request.app.state.db
    job = await acts.take_file(job_id, who=who, db=db)
    return pdf_answer(job.file_name, job.bytes, queries.file_of(job, db=db))
