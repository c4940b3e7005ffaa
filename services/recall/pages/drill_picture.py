"""How many facilities had acknowledged a drill by when, as a line over its time."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from services.recall.queries.drill_page import Shown
from shared.web.charts import Chart, lines
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

# At most so many steps, since their labels stand side by side.
POINTS: Final = 12


@dataclass(frozen=True, slots=True)
class Measure:
    """In what the axis counts: used below `below` minutes, `minutes` long, in one of `steps`."""

    title: str
    minutes: float
    below: float
    steps: tuple[float, ...]


MEASURES: Final = (
    Measure(
        N_("Cơ sở đã xác nhận, theo số giây từ lúc được báo"),
        1 / 60,
        5,
        (1, 2, 5, 10, 15, 20, 30),
    ),
    Measure(
        N_("Cơ sở đã xác nhận, theo số phút từ lúc được báo"),
        1,
        120,
        (0.5, 1, 2, 5, 10),
    ),
    Measure(
        N_("Cơ sở đã xác nhận, theo số giờ từ lúc được báo"),
        60,
        float("inf"),
        (0.25, 0.5, 1, 2, 3, 6, 12, 24),
    ),
)


def picture(shown: Shown) -> Chart | None:
    """None before anybody acknowledged."""
    drill = shown.drill
    if drill.ordered_at is None or not shown.acknowledged:
        return None
    last = drill.ended_at or shown.counted_at or drill.ordered_at
    measure, marks = axis((last - drill.ordered_at).total_seconds() / 60)
    when = shown.acknowledged
    by = [sum(one <= mark * measure.minutes for one in when) for mark in marks]
    by[-1] = len(when)  # Programs of before kept them rounded, perhaps to after the end.
    return lines(
        translate(measure.title),
        [show_number(mark) for mark in marks],
        {translate(N_("Đã xác nhận")): by},
    )


def axis(minutes: float) -> tuple[Measure, list[float]]:
    """The marks of so long a time, each further on by the same round step, in its measure; the
    last is where the time is over, or the first after it."""
    measure = next(one for one in MEASURES if minutes < one.below)
    span = max(minutes, 0) / measure.minutes
    widest = measure.steps[-1]
    # Beyond the widest of them by so many whole ones.
    wider = widest * max(1, ceil(span / (widest * POINTS)))
    step = next((one for one in measure.steps if one * POINTS >= span), wider)
    return measure, [step * number for number in range(max(1, ceil(span / step)) + 1)]
