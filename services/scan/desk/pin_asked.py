"""A hidden number as somebody sends it: page and API ask in this one way, under one limit."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from services.scan.desk import pins
from services.scan.desk.pin_inputs import PinFields
from services.scan.desk.pins import Asker, Checked
from services.scan.domain.complaint import FormTooOld, once_mark
from services.scan.domain.pin import StampNotFound, TooManyTries
from services.scan.domain.verdict import Judgement
from shared.ids import now
from shared.stampcode import StampId, decode
from shared.web.context import web
from shared.web.proxy import client_address

PRIVATE: Final = {"Cache-Control": "private, no-store"}
_WAIT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """`judgement` stands above whatever the number says."""

    stamp: StampId
    checked: Checked
    judgement: Judgement


def decoded(request: Request, code: str) -> StampId:
    """What a code stands for.

    Raises StampNotFound if for nothing; TooManyTries where too many of those came from: a real
    stamp is looked at whatever its neighbours send.
    """
    stamp = decode(request.app.state.stamp_keys.current(), code)
    if stamp is not None:
        return stamp
    if request.app.state.invalid_codes.allows(client_address(request).encode()):
        raise StampNotFound("code")
    raise TooManyTries(retry_after=_WAIT_SECONDS, minutes=1)


async def judged(request: Request, sent: PinFields, once: str) -> Answer:
    """What came of the number. `once` names what it came with.

    Of both together only a keyed mark is kept: another number under the same name is another try,
    and whoever reads the marks learns no number, not even of a program that put it into the name.

    Raises FormTooOld for what has no name: sent twice, it would be two tries. Else what `decoded`
    and `pins.check` do.
    """
    if not once:
        raise FormTooOld()
    state, key = request.app.state, web(request).keys.csrf
    stamp = decoded(request, sent.code)
    checked = await pins.check(
        stamp,
        sent.pin,
        once_mark(key, f"pin\n{sent.pin}\n{once}"),
        asker=Asker(client_address(request), key),
        keys=state.stamp_pins.current(),
        now=now(),
        db=state.db,
    )
    return Answer(stamp, checked, await standing(request, stamp))


async def standing(request: Request, stamp: StampId) -> Judgement:
    """The stamp's verdict as of now."""
    state = request.app.state
    judgement: Judgement = await state.standing.of(stamp.batch, stamp.serial, state.db)
    return judgement
