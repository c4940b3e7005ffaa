"""The few facilities, products and lots that all stamps of the scale bench are for."""

from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from shared.auth import Principal
from shared.contracts.event import Event
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from tests.scan import world

FACILITIES = 10
PRODUCTS_OF_EACH = 2
LOTS_OF_EACH = 5
COMMUNE, SECTOR = "07090", "agriculture"


class Goods(NamedTuple):
    """One product of a facility and lots of it; ids are of the length that real ones have."""

    facility: str
    product: str
    lots: tuple[str, ...]
    operator: Principal


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


APPROVER = Principal(
    account_id=_id("approver"),
    name="Người duyệt của Sở",
    tier="department",
    kinds=frozenset({"approve"}),
    unit_id="so-nnmt",
    session_id=_id("session"),
    communes=("*",),
)


def _operator(facility: str) -> Principal:
    """Of the facility: asks for stamps, activates them, says what became of them."""
    return Principal(
        account_id=_id(f"operator of {facility}"),
        name="Người của cơ sở",
        tier="facility",
        kinds=frozenset({"operate"}),
        unit_id="",
        session_id=_id("session"),
        facility_id=facility,
    )


def all_goods() -> list[Goods]:
    """The same in every process and every run, so that a run can be taken up again."""
    return [
        Goods(
            _id(f"facility {f}"),
            _id(f"product {f}.{p}"),
            tuple(_id(f"lot {f}.{p}.{n}") for n in range(LOTS_OF_EACH)),
            _operator(_id(f"facility {f}")),
        )
        for f in range(FACILITIES)
        for p in range(PRODUCTS_OF_EACH)
    ]


async def tell(db: Database) -> None:
    """Publish them as registry does; a repetition is told again and changes nothing."""
    events: dict[str, Event] = {}
    for one in all_goods():
        events[one.facility] = world.facility(one.facility, commune=COMMUNE, sector=SECTOR)
        events[one.product] = world.product(one.product, one.facility)
        events |= {lot: world.lot(lot, one.product, one.facility) for lot in one.lots}

    async def work(tx: Tx) -> None:
        await outbox.append(tx, *events.values())

    await transact(db, work)
