"""What is to be spoken: everything that is published with words that somebody may want to hear."""

from collections.abc import Sequence

from services.scan.domain.aggregates import FACILITIES, LOTS, NOTICES, PRODUCTS
from services.scan.store import speeches
from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import FacilityPublished, LotPublished, ProductPublished
from shared.ids import now
from shared.messaging.wiring import Handler, Queue, on_many
from shared.mongo import Tx


def _wanting(collection: str) -> Handler:
    async def want(tx: Tx, events: Sequence[Event]) -> None:
        newest: dict[str, int] = {}
        for event in events:
            newest[event.subject] = max(event.version, newest.get(event.subject, 0))
        await speeches.want(tx, collection, sorted(newest.items()), now())

    return want


# It only notes what to look at, in the newest version: an event that comes twice, or late, has the
# worker look at what it knows already.
SPEECHES = Queue(
    "scan.speeches",
    on_many(ProductPublished, _wanting(PRODUCTS)),
    on_many(FacilityPublished, _wanting(FACILITIES)),
    on_many(LotPublished, _wanting(LOTS)),
    on_many(NoticePublished, _wanting(NOTICES)),
    claims=False,
    prefetch=200,
)
