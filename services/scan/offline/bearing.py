"""Whether what the publishers told since the last snapshot bears on the next one.

Without anything that does, nothing is read again: what was made is dated anew. The feeds are asked,
for they tell everything in order; a queue of its own would cost the projection's database more.
"""

from dataclasses import dataclass

from services.scan.domain import segments
from services.scan.domain.aggregates import BOARD, PARTS
from services.scan.domain.offline import LOT_STATUSES
from services.scan.hearing.envelope import Envelope
from services.scan.hearing.feeds import Feeds
from services.scan.offline.codes import Wanted
from services.scan.offline.gathering import Gathered
from services.scan.offline.ranges import Segments, has_segment
from shared.contracts.event import Event, Undecodable
from shared.contracts.registry import (
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.contracts.stamps import SegmentPublished

# Of these it depends on what they say.
_READ = (SegmentPublished, LotPublished, ProductPublished, FacilityPublished)
# Pages of a feed; reading all anew costs less than looking through more.
MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a snapshot was made from: `segments` are those whose codes are in its filter."""

    want: Wanted
    found: Gathered
    segments: Segments

    def on(self, one: Envelope) -> bool:
        """Whether the next snapshot may be another one because of this event."""
        part = PARTS.get(one.type)
        if part is None:
            return False
        if part.collection in BOARD or part.event in (
            FacilityStopped,
            FacilityResumed,
            ProductWithdrawn,
        ):
            return True
        if part.event not in _READ:
            return False
        try:
            return self._names(one.event())
        except Undecodable:
            return True  # The projection stops before it: the next one is late, and made anew.

    def _names(self, event: Event) -> bool:
        found = self.found
        match event:
            case SegmentPublished():
                batch = int(event.subject.partition("/")[0])
                had = has_segment(self.segments, event.subject)
                return had or self.want.wants(batch, segments.from_event(event))
            case LotPublished():
                named = event.subject in found.lots or event.facility_id in found.listed
                return named or event.status in LOT_STATUSES
            case ProductPublished():
                return event.subject in found.products or event.facility_id in found.listed
            case FacilityPublished():
                return event.subject in found.facilities or event.status != "active"
            case _:
                return False


async def told(
    feeds: Feeds, publisher: str, after: int, bearing: Bearing | None
) -> tuple[int, bool]:
    """How far a publisher is, and whether anything that it told after `after` bears on the next
    snapshot; everything does where none was made. Raises Unanswered."""
    looked_through = 0
    while True:
        answer = await feeds.ask(publisher, after)
        looked_through += 1
        if bearing is None or any(bearing.on(one) for one in answer.events):
            return answer.head, True
        if not answer.more or looked_through >= MOST_PAGES:
            return answer.head, answer.more
        after = answer.events[-1].number
