"""What of a centrally printed batch waits for whom: to be printed, handed over, received, answered
(R40)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from services.stamps.domain.handovers import HandOver
from services.stamps.domain.stock import Stock
from shared.auth import Scope
from shared.contracts.stamps import StockWaiting


def waiting(
    stock: Stock, open_ones: Iterable[HandOver], place: Scope, *, version: int, now: datetime
) -> StockWaiting:
    """What is told of a batch; `open_ones` are its hand-overs on which somebody still has to act,
    `place` is where its facility lies."""
    to_receive: Counter[str] = Counter()
    to_answer: Counter[str] = Counter()
    for one in open_ones:
        found = to_receive if one.state == "handed" else to_answer
        found[_awaited(one)] += 1
    central = stock.printed_by == "authority"
    return StockWaiting(
        subject=f"{stock.batch}/waiting",
        version=version,
        time=now,
        batch=stock.batch,
        facility_id=stock.facility_id,
        commune=place.commune or "",
        sector=place.sector or "",
        to_print=stock.counts.get("ordered", 0) if central else 0,
        to_hand_over=stock.in_stock,
        to_receive=to_receive.pop("", 0),
        to_receive_by=dict(to_receive),
        to_answer=to_answer.pop("", 0),
        to_answer_by=dict(to_answer),
    )


def _awaited(one: HandOver) -> str:
    """The unit that has to act on an open hand-over, "" for the facility."""
    return one.unit_id if one.waits_for("authority") else one.to_unit_id
