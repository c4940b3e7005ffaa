"""Checking the number under a stamp's scratch-off field: the public form and its answer.

Code and number come in the body of what is sent, never in an address.
"""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.answering.words import DOUBTS, VERDICTS
from services.scan.desk import pins, words
from services.scan.desk.pin_asked import PRIVATE, Answer, decoded, judged, standing
from services.scan.desk.pin_inputs import PinForm
from services.scan.desk.pins import Checked
from services.scan.desk.report_inputs import TypedCode
from services.scan.domain.pin import MOST_WRONG, StampNotFound, Tries
from services.scan.domain.verdict import Judgement
from services.scan.store import pins as kept
from shared.errors import NotFound
from shared.ids import new_id
from shared.stampcode import group, normalise
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.pages import render

PIN: Final = "/pin"
# A page of the desk has four tones; the icons' shapes tell them apart as on the stamp's own page.
_TONES: Final = {"good": "good", "caution": "caution", "bad": "bad", "wait": "info", "none": "bad"}
router = APIRouter(include_in_schema=False)


@router.get(PIN)
async def ask(request: Request) -> Response:
    return _form_page(request, new_form(PinForm, once=new_id()))


@router.get(PIN + "/{code}")
async def ask_of(request: Request, code: TypedCode) -> Response:
    """The form with the code filled in, for stamps that carry a number."""
    db = request.app.state.db
    try:
        stamp = decoded(request, code)
        await pins.must_be_asked_of(stamp, db=db)
    except StampNotFound:
        raise NotFound() from None
    if not await kept.is_printed(db, stamp):
        nothing = Checked("none", Tries())
        return _answer_page(request, code, Answer(stamp, nothing, await standing(request, stamp)))
    form = new_form(PinForm, once=new_id(), code=group(normalise(code) or ""))
    return _form_page(request, form)


@router.post(PIN)
async def check(request: Request, _: VisitorForm) -> Response:
    async def perform(sent: PinForm) -> Response:
        return _answer_page(request, sent.code, await judged(request, sent, sent.once))

    return await answered(
        await read_form(request, PinForm),
        perform,
        lambda form, status: _form_page(request, form, status),
    )


def _form_page(request: Request, form: Form[PinForm], status: int = 200) -> Response:
    if not form.text("once"):
        form = form.with_raw(once=new_id())
    return render(
        request, "desk/pin.html", status=status, headers=PRIVATE, form=form, most=MOST_WRONG
    )


def _answer_page(request: Request, code: str, answer: Answer) -> Response:
    plain, checked = normalise(code) or "", answer.checked
    form = new_form(PinForm, once=new_id(), code=group(plain))
    return render(
        request,
        "desk/pin_answer.html",
        headers=PRIVATE,
        form=form,
        stamp=plain,
        shown_code=group(plain),
        outcome=checked.outcome,
        told=words.pin_told(checked.outcome, checked.tries),
        tries=checked.tries,
        **_said(answer.judgement),
    )


def _said(judgement: Judgement) -> dict[str, Any]:
    """The verdict in words, which stands above whatever the number says."""
    said = VERDICTS[judgement.verdict]
    return {
        "verdict": judgement.verdict,
        "words": said,
        "tone": _TONES[said.tone],
        "doubt": DOUBTS.get(judgement.because, ""),
    }
