"""Acts on centrally printed stamps and hand-overs as pages tell them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.stamps.domain.handovers import HandOver
from services.stamps.domain.moves import Moved
from services.stamps.domain.printing import Span
from services.stamps.pages.shown import HOME
from services.stamps.pages.stock_words import HANDOVER_STATES, PLACES, STOCK_ACTS
from shared.auth import Principal
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

# More ranges than these are not told one by one.
_RANGES = 5
TONES = {
    "handed": "caution",
    "received": "good",
    "differs": "bad",
    "settled": "good",
    "withdrawn": "neutral",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A hand-over with its state in words."""

    it: HandOver
    serials: str
    state: str
    tone: str


def ranges(spans: Iterable[Span]) -> str:
    """Spans as people read them: `0–499, 600`; "" for none."""
    found = [_range(first, last) for first, last in spans]
    more = [translate(N_("và {number} khoảng nữa"), number=len(found) - _RANGES)]
    return ", ".join(found[:_RANGES] + more * (len(found) > _RANGES))


def _range(first: int, last: int) -> str:
    if first == last:
        return show_number(first)
    return f"{show_number(first)}–{show_number(last)}"


def handover_rows(found: Iterable[HandOver]) -> list[Row]:
    return [
        Row(one, ranges(one.spans), translate(HANDOVER_STATES[one.state]), TONES[one.state])
        for one in found
    ]


def move_events(moves: Iterable[Moved], who: Principal) -> list[dict[str, Any]]:
    """The acts as a time line shows them, in their order; hand-overs lead there, but facilities not
    to those between units."""
    own = who.facility_id is not None
    return [
        {
            "title": translate(
                N_("{act}: tem {ranges}"),
                act=translate(STOCK_ACTS[one.act]),
                ranges=ranges(_all(one)),
            ),
            "time": one.at,
            "who": one.by_name,
            "text": " · ".join(filter(None, (_lacking(one), one.reason))),
            "href": f"{HOME}/handovers/{one.handover}"
            if one.handover and not (own and one.to_unit_id)
            else "",
            "icon": "box",
        }
        for one in moves
    ]


def serial_events(found: Iterable[tuple[Moved, str]], who: Principal) -> list[dict[str, Any]]:
    """What befell one stamp in the stock, and where it lay then."""
    events = []
    for moved, place in found:
        (event,) = move_events([moved], who)
        act, where = translate(STOCK_ACTS[moved.act]), translate(PLACES[place])
        event["title"] = translate(N_("{act}: {place}"), act=act, place=where)
        event["text"] = moved.reason
        events.append(event)
    return events


def newest_first(*lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Time lines as one; what happened at once stays in the order given."""
    return sorted(chain(*lines), key=lambda one: one["time"], reverse=True)


def _all(one: Moved) -> list[Span]:
    found: list[Span] = []
    for first, last, _ in one.pieces:
        if found and found[-1][1] + 1 == first:
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return found


def _lacking(one: Moved) -> str:
    bad = [piece for piece in one.pieces if piece.place in ("spoilt", "missing", "damaged")]
    told = [
        translate(
            N_("{place}: {ranges}"),
            place=translate(PLACES[place]),
            ranges=ranges((piece.first, piece.last) for piece in bad if piece.place == place),
        )
        for place in dict.fromkeys(piece.place for piece in bad)
    ]
    return "; ".join(told)
