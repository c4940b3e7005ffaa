"""Hidden numbers for programs, such as a shop's own app: no account, the limits of the page.

Nothing here allows pages of other origins to ask: a page could make its readers spend tries from
addresses of theirs.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.scan.answering.words import DOUBTS, VERDICTS
from services.scan.desk import pins, words
from services.scan.desk.pin_asked import PRIVATE, Answer, decoded, judged
from services.scan.desk.pin_inputs import CodeFields, PinFields
from services.scan.domain.pin import MOST_WRONG, Outcome
from services.scan.store import pins as kept
from shared.contracts.scan import VERDICTS as ALL
from shared.web.i18n import translate
from shared.web.idempotency import NeededIdempotencyKey

router = APIRouter(prefix="/api/scan/v1/pins", tags=["pins"])


def _refused(told: str, *codes: str, wait: bool = False) -> dict[str, Any]:
    """A problem document that comes with one of these codes."""
    schema = {"$ref": "#/components/schemas/Problem"}
    found: dict[str, Any] = {
        "description": f"{told}: " + ", ".join(f"`{code}`" for code in codes),
        "content": {"application/problem+json": {"schema": schema}},
    }
    if wait:
        seconds = {"schema": {"type": "integer"}, "description": "In seconds."}
        found["headers"] = {"Retry-After": seconds}
    return found


_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: _refused("Forged, or never issued", "stamp_not_found"),
    429: _refused("Too much from this neighbourhood", "too_many_tries", wait=True),
}
_CHECK: dict[int | str, dict[str, Any]] = {
    **_UNKNOWN,
    400: _refused("No try, nothing is looked at", "idempotency_key_missing", "malformed_body"),
    503: _refused("Not to be checked now; no try is spent", "pin_key_missing"),
}


class PinPrinted(BaseModel):
    """`printed`: the stamp carries a hidden number, so it is worth asking for."""

    printed: bool


class PinChecked(BaseModel):
    """Show the verdict first: a right number takes no recall away.

    `tries_left` is null where the stamp carries no number (`none`). `right_times` and
    `first_right_at` are told with `right` and `locked`, else null: a number that was entered
    correctly before, by somebody else, may have been copied together with its code. `told`,
    `headline` and `meaning` are for people, in the language asked for.
    """

    verdict: Literal[ALL]  # type: ignore[valid-type]
    because: str | None
    headline: str
    meaning: str
    outcome: Outcome
    told: str
    tries_left: Annotated[int, Field(ge=0, le=MOST_WRONG)] | None
    right_times: Annotated[int, Field(ge=0)] | None
    first_right_at: datetime | None

    @classmethod
    def of(cls, answer: Answer) -> Self:
        judgement, outcome, tries = answer.judgement, answer.checked.outcome, answer.checked.tries
        said, doubt = VERDICTS[judgement.verdict], DOUBTS.get(judgement.because, "")
        open_now = outcome in ("right", "locked")
        return cls(
            verdict=judgement.verdict,
            because=judgement.because or None,
            headline=translate(said.headline),
            meaning=" ".join(translate(one) for one in (said.meaning, doubt) if one),
            outcome=outcome,
            told=words.pin_told(outcome, tries),
            tries_left=None if outcome == "none" else tries.left,
            right_times=tries.rights if open_now else None,
            first_right_at=tries.first_right if open_now else None,
        )


@router.post("/lookup", responses=_UNKNOWN)
async def look_up_pin(request: Request, response: Response, asked: CodeFields) -> PinPrinted:
    """Whether a stamp carries a hidden number. No address holds the code: it is in the body."""
    response.headers.update(PRIVATE)
    stamp, db = decoded(request, asked.code), request.app.state.db
    await pins.must_be_asked_of(stamp, db=db)
    return PinPrinted(printed=await kept.is_printed(db, stamp))


@router.post("/check", responses=_CHECK)
async def check_pin(
    request: Request, response: Response, asked: PinFields, key: NeededIdempotencyKey
) -> PinChecked:
    """Check the six digits under the scratch-off field. Five wrong ones in all close the number for
    good, whether they come here or on the page `/pin`; a neighbourhood may send 20 in a day.

    Send a new `Idempotency-Key` with each number that somebody types, and the same one when it has
    to be sent again: the same number under it is one try, of right ones among the last five.
    Another number is another try, whatever it is sent under.
    """
    response.headers.update(PRIVATE)
    return PinChecked.of(await judged(request, asked, key))
