"""Checking the number under a stamp's scratch-off field: the public form and its answer.

Code and number come in the body of what is sent, never in an address.
"""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.answering.words import DOUBTS, VERDICTS
from services.scan.desk import pins
from services.scan.desk.pin_inputs import PinForm
from services.scan.desk.pins import Asker, Checked
from services.scan.desk.report_inputs import TypedCode
from services.scan.domain.pin import MOST_WRONG, StampNotFound, TooManyTries, Tries
from services.scan.domain.verdict import Judgement
from services.scan.store import pins as kept
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.stampcode import StampId, decode, group, normalise
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.pages import render
from shared.web.proxy import client_address

PIN: Final = "/pin"
PRIVATE: Final = {"Cache-Control": "private, no-store"}
_WAIT_SECONDS: Final = 60
# A page of the desk has four tones; the icons' shapes tell them apart as on the stamp's own page.
_TONES: Final = {"good": "good", "caution": "caution", "bad": "bad", "wait": "info", "none": "bad"}
router = APIRouter(include_in_schema=False)


@router.get(PIN)
async def ask(request: Request) -> Response:
    return _form_page(request, new_form(PinForm, once=new_id()))


@router.get(PIN + "/{code}")
async def ask_of(request: Request, code: TypedCode) -> Response:
    """The form with the code filled in, for stamps that carry a number."""
    stamp = _decoded(request, code)
    if stamp is None:
        raise NotFound()
    db = request.app.state.db
    try:
        await pins.must_be_asked_of(stamp, db=db)
    except StampNotFound:
        raise NotFound() from None
    if not await kept.is_printed(db, stamp):
        return await _answer_page(request, stamp, code, Checked("none", Tries()))
    form = new_form(PinForm, once=new_id(), code=group(normalise(code) or ""))
    return _form_page(request, form)


@router.post(PIN)
async def check(request: Request, _: VisitorForm) -> Response:
    async def perform(sent: PinForm) -> Response:
        stamp = _decoded(request, sent.code)
        if stamp is None:
            raise StampNotFound("code")
        state = request.app.state
        asker = Asker(client_address(request), web(request).keys.csrf)
        checked = await pins.check(
            stamp,
            sent.pin,
            sent.once,
            asker=asker,
            keys=state.stamp_pins.current(),
            turn=state.pin_turn,
            now=now(),
            db=state.db,
        )
        return await _answer_page(request, stamp, sent.code, checked)

    return await answered(
        await read_form(request, PinForm),
        perform,
        lambda form, status: _form_page(request, form, status),
    )


def _decoded(request: Request, code: str) -> StampId | None:
    """What a code stands for; None if for no stamp. Raises TooManyTries where too many of those
    came from: a real stamp is looked at whatever its neighbours send."""
    stamp = decode(request.app.state.stamp_keys.current(), code)
    if stamp is None:
        address = client_address(request).encode()
        if not request.app.state.invalid_codes.allows(address):
            raise TooManyTries(retry_after=_WAIT_SECONDS, minutes=1)
    return stamp


def _form_page(request: Request, form: Form[PinForm], status: int = 200) -> Response:
    return render(
        request, "desk/pin.html", status=status, headers=PRIVATE, form=form, most=MOST_WRONG
    )


async def _answer_page(request: Request, stamp: StampId, code: str, checked: Checked) -> Response:
    state, plain = request.app.state, normalise(code) or ""
    judgement = await state.standing.of(stamp.batch, stamp.serial, state.db)
    form = new_form(PinForm, once=new_id(), code=group(plain))
    return render(
        request,
        "desk/pin_answer.html",
        headers=PRIVATE,
        form=form,
        stamp=plain,
        shown_code=group(plain),
        outcome=checked.outcome,
        tries=checked.tries,
        most=MOST_WRONG,
        **_said(judgement),
    )


def _said(judgement: Judgement) -> dict[str, Any]:
    """The verdict in words, which stands above whatever the number says."""
    words = VERDICTS[judgement.verdict]
    return {
        "verdict": judgement.verdict,
        "words": words,
        "tone": _TONES[words.tone],
        "doubt": DOUBTS.get(judgement.because, ""),
    }
