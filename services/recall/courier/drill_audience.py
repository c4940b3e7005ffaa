"""To whom drills are told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from services.recall.domain.delivery import KEPT, Message
from services.recall.domain.drill import Drill, State
from services.recall.domain.telling import Telling
from services.recall.store import deliveries, drill_areas, drills
from services.recall.store.newest import Reader
from services.recall.store.telling_rows import Answering
from shared.ids import now

_OVER: Final = (State.ENDED, State.CALLED_OFF)


async def audience(reader: Reader, telling: Telling) -> Sequence[str] | None:
    """The facilities that are told; None of what does not hold any more, so that nobody is asked
    for what is over. Nobody hears of the end of what they were never asked."""
    drill = await drills.find(reader, telling.case_id)
    if drill is None or telling.happened_at < telling.heard_at - KEPT:
        return None
    if telling.message is Message.DRILL_STARTED:
        return telling.facilities if is_open(drill) else None
    if drill.state not in _OVER:
        return None
    return sorted(await deliveries.told_owners(reader, drill.id))


def of_units(telling: Telling) -> Telling:
    """As units are told: once of a drill, however many events name whom it asks."""
    return replace(telling, event_id=unit_event(telling.case_id, telling.message))


def unit_event(drill_id: str, message: Message) -> str:
    return f"drill:{drill_id}:{message}"


async def answering(
    reader: Reader, drill_id: str, areas: Mapping[str, tuple[frozenset[str], str]]
) -> list[Answering]:
    """Units by the communes and sector that they answer for, with how many facilities of theirs it
    asks; without those that have none."""
    there: dict[tuple[str, str], list[str]] = {}
    for place in await drill_areas.places(reader, drill_id):
        there.setdefault((place.commune, place.sector), []).append(place.facility_id)
    found = []
    for id_, (communes, sector) in areas.items():
        unit = Answering(id_, communes, sector)
        asked = [one for where, ids in there.items() if unit.answers_for(*where) for one in ids]
        if asked:
            named = tuple(sorted(asked)[: deliveries.NAMED])
            found.append(replace(unit, count=len(asked), named=named))
    return found


def is_open(drill: Drill) -> bool:
    return drill.is_running and drill.ends_at is not None and now() < drill.ends_at
