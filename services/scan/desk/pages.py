"""The pages of the desk: suspicions of copies, and what is to be made of each."""

from collections import Counter
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.scan.answering.words import VERDICTS
from services.scan.desk import actions, queries, words
from services.scan.desk.inputs import BatchNumber, JudgementFields, SerialNumber
from services.scan.desk.picture import map_of
from services.scan.domain import copies
from services.scan.domain.suspicion import SHOWN
from services.scan.store import pins
from services.scan.store.suspicions import PAGE
from shared.auth import Principal
from shared.days import local_day
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

HOME = "/console/scan"
LIST = f"{HOME}/suspicions"
_EVER_SO_MANY = 10**9
router = APIRouter(include_in_schema=False)


@router.get(HOME)
async def start(who: PagePrincipal) -> Response:
    return RedirectResponse(LIST, 303)


@router.get(LIST)
async def show_list(request: Request, who: PagePrincipal) -> Response:
    db, asked = request.app.state.db, request.query_params.get("state", "")
    state = asked if asked in queries.STATES else "suspected"
    page = Paging.of(request, _EVER_SO_MANY, size=PAGE).number
    rows, numbers, total = await queries.listed(who, db=db, state=state, page=page)
    paging = Paging.of(request, total, size=PAGE)
    if paging.number != page:
        rows, numbers, _ = await queries.listed(who, db=db, state=state, page=paging.number)
    communes = await queries.places_of(who, db=db) if state == "suspected" else Counter[str]()
    return render(
        request,
        "desk/suspicions.html",
        rows=rows,
        paging=paging,
        state=state,
        tabs=[
            (one, translate(words.STATES[one]), f"{LIST}?state={one}", numbers.get(one, 0))
            for one in queries.STATES
        ],
        rule_label=words.rule_label,
        to_day=date.fromisoformat,
        picture=map_of(communes),
        communes=[(words.commune_name(code), n) for code, n in communes.most_common(20)],
    )


@router.get(LIST + "/{batch}/{serial}")
async def show_one(
    request: Request, who: PagePrincipal, batch: BatchNumber, serial: SerialNumber
) -> Response:
    return await _page(request, who, batch, serial, new_form(JudgementFields))


@router.post(LIST + "/{batch}/{serial}")
async def judge(
    request: Request,
    who: PagePrincipal,
    sent: PageForm,
    batch: BatchNumber,
    serial: SerialNumber,
) -> Response:
    async def perform(sent: JudgementFields) -> Response:
        made = await actions.judge(
            batch, serial, **sent.model_dump(), who=who, db=request.app.state.db, now=now()
        )
        done = (
            N_("Đã xác nhận là tem sao chép. Người quét sẽ được cảnh báo.")
            if made.state == "confirmed"
            else N_("Đã kết luận không phải tem sao chép. Tem trở lại bình thường sau vài giây.")
        )
        return redirect(request, f"{LIST}/{batch}/{serial}", done)

    return await answered(
        await read_form(request, JudgementFields),
        perform,
        lambda form, status: _page(request, who, batch, serial, form, status),
    )


async def _page(
    request: Request,
    who: Principal,
    batch: int,
    serial: int,
    form: Form[JudgementFields],
    status: int = 200,
) -> Response:
    db = request.app.state.db
    row = await queries.one(who, batch, serial, db=db)
    counter, days = await queries.read_on(row.suspicion, today=local_day(now()), db=db)
    letter = words.lettered()
    seen = [
        (day, [(one, letter(one.source), words.commune_name(one.commune)) for one in sightings])
        for day, sightings in days
    ]
    read_in = Counter(one.commune for _, sightings in days for one in sightings if one.commune)
    return render(
        request,
        "desk/suspicion.html",
        status=status,
        form=form,
        row=row,
        one=row.suspicion,
        shown=row.suspicion.state in SHOWN,
        state=translate(words.STATES[row.suspicion.state]),
        tone=words.TONES[row.suspicion.state],
        counter=counter,
        pins=await pins.tries_of_serial(db, batch, serial),
        seen=seen,
        picture=map_of(read_in),
        needed=copies.needed(copies.rules(), row.suspicion.cleared),
        per_product=copies.rules().stamps_per_product,
        rule_label=words.rule_label,
        to_day=date.fromisoformat,
        verdicts=VERDICTS,
        told=words.told,
        commune_name=words.commune_name,
    )
