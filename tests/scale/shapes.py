"""What is done to each batch of the scale bench, and which codes are asked: drawn, repeatable."""

from itertools import accumulate
from random import Random
from typing import NamedTuple

QUANTITY = 10_000
# One batch in so many is cut into hundreds of intervals.
RARE = 100
RARE_ACTS = (100, 120)
# How many acts the others see, and how often; each act adds two intervals to the first one.
ACTS = (0, 1, 2, 3, 4)
SHARES = (20, 25, 35, 15, 5)
ENDINGS = ("revoke", "damaged", "lost")
# No activation reaches nearer than this to its neighbour or to the ends of the batch.
MARGIN = 100
# Multiplying by this prime, modulo the number of stamps, only shuffles them.
SPREAD = 618_034_003


class Act(NamedTuple):
    """Serials `first`…`last` are activated for the lot `lot`, or `change` says what they become."""

    first: int
    last: int
    change: str = ""
    lot: int = -1


def acts_on(ordinal: int) -> list[Act]:
    """What happens to a batch after it was issued; it then has 1 + 2 × as many intervals.

    Ranges are activated for one lot each, then single serials within them come to an end.
    """
    draw = Random(ordinal)
    if ordinal % RARE == RARE - 1:
        count = draw.randint(*RARE_ACTS)
    else:
        (count,) = draw.choices(ACTS, SHARES)
    lots = min(count, 5 if count > max(ACTS) else 1)
    activations = [_activation(draw, place, lots) for place in range(lots)]
    # Every second serial at most, so that no two of them join, nor one an end of its range.
    inner = [s for one in activations for s in range(one.first + 1, one.last, 2)]
    singles = sorted(draw.sample(inner, count - lots))
    return activations + [Act(s, s, change=draw.choice(ENDINGS)) for s in singles]


def _activation(draw: Random, place: int, lots: int) -> Act:
    width = QUANTITY // lots
    first = place * width + draw.randint(1, MARGIN)
    last = (place + 1) * width - 1 - draw.randint(1, MARGIN)
    return Act(first, last, lot=place)


def uniform(draw: Random, stamps: int, count: int) -> list[int]:
    """So many of 0…stamps-1, each as likely as any other."""
    return [draw.randrange(stamps) for _ in range(count)]


def zipf(draw: Random, stamps: int, count: int) -> list[int]:
    """So many of 0…stamps-1, the k-th most popular with a probability that falls as 1/k.

    Popular ones lie anywhere: which has rank k is settled by a multiplication without collisions.
    """
    ranks = (int(stamps ** draw.random()) - 1 for _ in range(count))
    return [rank * SPREAD % stamps for rank in ranks]


def median_intervals(counts: dict[int, int]) -> int:
    """The middle of a distribution given as {intervals: batches}."""
    sizes = sorted(counts)
    reached = accumulate(counts[size] for size in sizes)
    half = sum(counts.values()) / 2
    return next(size for size, so_far in zip(sizes, reached, strict=True) if so_far >= half)
