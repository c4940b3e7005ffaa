"""What a target is and whose: found by one question, the document itself asked for once."""

from typing import Any

import pytest
from pymongo.monitoring import CommandListener, CommandStartedEvent, register

from services.recall.domain.target import Target, TargetKind
from services.recall.store import targets
from shared.mongo import Database
from tests.recall.builders import batch, lot
from tests.recall.conftest import Recall

BATCH = 4711


class Questions(CommandListener):
    """The aggregations asked by clients made from now on: of which collections, in order."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        register(self)

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "aggregate":
            unions = [one["$unionWith"] for one in event.command["pipeline"] if "$unionWith" in one]
            self.asked.append([event.command["aggregate"], *(one["coll"] for one in unions)])

    def succeeded(self, event: Any) -> None:
        """Nothing is asked by it."""

    def failed(self, event: Any) -> None:
        """Nothing is asked by it."""


@pytest.mark.parametrize(
    ("target", "asks_of", "times"),
    [
        (Target(TargetKind.LOT, "tg1"), "lots", 3),  # Itself, its product, its facility.
        (Target(TargetKind.PRODUCT, "p1"), "products", 2),
        (Target(TargetKind.FACILITY, "f1"), "facilities", 2),
        (Target(TargetKind.BATCH, str(BATCH)), "batches", 3),
        (Target(TargetKind.STAMPS, str(BATCH), 3, 9), "batches", 3),
    ],
    ids=lambda given: given.kind.value if isinstance(given, Target) else "",
)
async def test_each_target_is_found_with_whose_it_is_by_one_question(
    province: Recall, target: Target, asks_of: str, times: int
) -> None:
    await province.know(lot("tg1"), batch(BATCH, 100))
    questions = Questions()
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    try:
        found = await targets.find(db, target, "so-nnmt")
    finally:
        await db.close()
    (asked,) = questions.asked
    assert asked.count(asks_of) == times, asked
    assert found.facility is not None
    assert found.facility.id == "f1"
    assert (found.batch is not None) == target.is_of_stamps
    assert (found.product is not None) == (target.kind is not TargetKind.FACILITY)
    if target.is_of_stamps:
        assert found.batch is not None
        assert (found.batch.number, found.batch.quantity) == (BATCH, 100)
    else:
        assert any(one.id == "tg1" for one in found.lots)


async def test_what_is_not_known_here_is_nothing(province: Recall) -> None:
    for kind in TargetKind:
        unknown = "9999" if kind in (TargetKind.BATCH, TargetKind.STAMPS) else "none"
        first, last = (0, 1) if kind is TargetKind.STAMPS else (None, None)
        number = "none" if kind is TargetKind.CERTIFICATE else ""
        target = Target(kind, unknown, first, last, number=number)
        found = await targets.find(province.db, target, "so-nnmt")
        assert (found.lots, found.batch, found.product, found.facility) == ((), None, None, None)
        assert (found.area, found.certificate) == (None, None)
