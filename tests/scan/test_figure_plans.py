"""What is asked of counted scans and people is found by an index, not by reading all there is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from services.scan.domain.figures import Period
from services.scan.recorder import prepare
from services.scan.store import counts, figures, people
from shared.days import local_midnight
from shared.mongo import Database
from shared.settings import Settings

FIRST: Final = date(2026, 1, 1)
DAYS, PRODUCTS, OF_A_FACILITY = 60, 100, 5
PERIOD: Final = Period.of(FIRST, FIRST + timedelta(days=20), FIRST)


class Asked(CommandListener):
    """What was asked of the database."""

    def __init__(self) -> None:
        self.pipelines: list[tuple[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "aggregate":
            command = event.command
            self.pipelines.append((command["aggregate"], command["pipeline"]))

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


LISTENER: Final = Asked()


@pytest.fixture(scope="module")
async def db(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.mongo_url, settings.database("scan"), "scan", listeners=[LISTENER])
    await prepare(made)
    of: list[dict[str, Any]] = [
        {"facility_id": f"f{number // OF_A_FACILITY}", "product_id": f"p{number}"}
        for number in range(PRODUCTS)
    ]
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    hours = [
        {"hour": local_midnight(day), "verdict": "genuine", "lot_id": "", "commune": ""}
        | {"scans": 1, "users": 1}
        | one
        for day in days
        for one in of
    ]
    await made.collection(counts.HOURS).insert_many(hours)
    numbers = [
        {"kind": kind, "day": day.isoformat(), "n": 1} | one
        for day in days
        for one in of
        for kind in ("product", "facility")
    ]
    await made.collection(people.NUMBERS).insert_many(numbers)
    yield made
    await made.close()


OWN: Final = {"facility_id": "f1"}
Asking = Callable[[Database], Awaitable[object]]


async def _lines(db: Database, own: dict[str, Any], product: str) -> None:
    wanted = figures.wanted(PERIOD, own, product)
    assert [one async for one in figures.lines(db, wanted, "lot", most=50)]


WHAT: Final[dict[str, tuple[Asking, int]]] = {
    "products on a page, for the province": (
        lambda db: people.by(db, people.wanted("product", PERIOD, {}), "product", ["p1", "p7"]),
        2,
    ),
    "the products of a facility": (
        lambda db: people.by(db, people.wanted("product", PERIOD, OWN), "product", ["p5", "p6"]),
        OF_A_FACILITY,
    ),
    "one product, for the province": (
        lambda db: people.total(db, people.wanted("product", PERIOD, {}, "p1")),
        1,
    ),
    "one product day by day": (
        lambda db: people.by(db, people.wanted("product", PERIOD, {}, "p1"), "day", ["2026-01-02"]),
        1,
    ),
    "a facility": (
        lambda db: people.total(db, people.wanted("facility", PERIOD, OWN)),
        OF_A_FACILITY,
    ),
    "scans of a facility": (lambda db: _lines(db, OWN, ""), OF_A_FACILITY),
    "scans of one product, for the province": (lambda db: _lines(db, {}, "p1"), 1),
}


@pytest.mark.parametrize("what", WHAT)
async def test_no_more_is_read_than_what_is_asked_about(db: Database, what: str) -> None:
    asking, things = WHAT[what]
    LISTENER.pipelines.clear()
    await asking(db)
    ((collection, pipeline),) = LISTENER.pipelines
    told = await db.handle.command(
        "explain",
        {"aggregate": collection, "pipeline": pipeline, "cursor": {}},
        verbosity="executionStats",
    )
    stats = told.get("executionStats") or told["stages"][0]["$cursor"]["executionStats"]
    most = things * len(PERIOD.days)
    assert 0 < stats["totalDocsExamined"] <= most
    # One for each day, and some to skip from one thing to the next.
    assert stats["totalKeysExamined"] <= most + 10 * things
