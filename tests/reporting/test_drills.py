"""Drills of recalls on the first page: of whom they ask, and of whose area they run in."""

from datetime import timedelta
from typing import Any

from shared.contracts.recall import RecallDrillEnded, RecallDrillStarted
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_recalls import of
from tests.reporting.test_service import facility
from tests.reporting.test_waiting import commune, home


def started(drill: str, place: str, asked: str, version: int = 1) -> RecallDrillStarted:
    return RecallDrillStarted(
        subject=f"{drill}/1",
        version=version,
        time=now(),
        drill_id=drill,
        owner_facility_id=asked,
        commune=place,
        sector="agriculture",
        unit_id="u",
        facilities=(asked,),
        facilities_total=1,
        lots=1,
        ordered_at=now(),
        ends_at=now() + timedelta(hours=2),
    )


def ended(drill: str, place: str, asked: str, version: int = 3, **more: Any) -> RecallDrillEnded:
    given: dict[str, Any] = {
        "rehearsed": (asked,),
        "rehearsed_until": now() + timedelta(days=300),
        "counted": True,
    }
    return RecallDrillEnded(
        subject=f"{drill}/1",
        version=version,
        time=now(),
        drill_id=drill,
        owner_facility_id=asked,
        commune=place,
        sector="agriculture",
        unit_id="u",
        grade="good",
        scope_seconds=1.0,
        complete_percent=99.0,
        facilities=1,
        acknowledged=1,
        **(given | more),
    )


def of_facility(id_: str) -> dict[str, Any]:
    return {"tier": "facility", "kinds": ["system"], "communes": [], "facility": id_}


async def seen(reporting: Reporting, words: str, **who: Any) -> None:
    async def there() -> bool:
        return words in await home(reporting, **who)

    await eventually(there)


async def test_a_drill_is_on_the_first_page_while_it_runs_and_its_end_counts_who_rehearsed(
    reporting: Reporting,
) -> None:
    place, drill = commune(), new_id()
    asked = facility().model_copy(update={"commune": place})
    first = started(drill, place, asked.subject)
    await reporting.hear(asked, first)
    await reporting.hear(first)
    await seen(reporting, "1 cuộc diễn tập đang chạy; 0 cơ sở đã diễn tập", **of(place))
    await seen(reporting, "1 cuộc diễn tập đang hỏi cơ sở của bạn", **of_facility(asked.subject))
    assert "recall-drills" not in await home(reporting, **of(commune()))
    assert "recall-drills" not in await home(reporting, **of_facility(new_id()))
    last = ended(drill, place, asked.subject)
    # Told twice, and the beginning once more after the end.
    for event in (last, first, last):
        await reporting.hear(event)
    await seen(reporting, "0 cuộc diễn tập đang chạy; 1 cơ sở đã diễn tập", **of(place))
    assert "recall-drills" not in await home(reporting, **of_facility(asked.subject))


async def test_an_end_that_comes_before_its_beginning_stays_the_end(reporting: Reporting) -> None:
    place, drill = commune(), new_id()
    asked = facility().model_copy(update={"commune": place})
    late, early = ended(drill, place, asked.subject), started(drill, place, asked.subject)
    await reporting.hear(asked, late)
    await seen(reporting, "0 cuộc diễn tập đang chạy; 1 cơ sở đã diễn tập", **of(place))
    other = new_id()
    await reporting.hear(early, started(other, place, asked.subject))
    await seen(reporting, "1 cuộc diễn tập đang chạy; 1 cơ sở đã diễn tập", **of(place))


async def test_an_older_rehearsal_told_later_shortens_nothing(reporting: Reporting) -> None:
    place = commune()
    asked = facility().model_copy(update={"commune": place})
    old = ended(new_id(), place, asked.subject, rehearsed_until=now() - timedelta(days=1))
    await reporting.hear(asked, ended(new_id(), place, asked.subject))
    await seen(reporting, "1 cơ sở đã diễn tập", **of(place))
    other = new_id()
    await reporting.hear(old, started(other, place, asked.subject))
    await seen(reporting, "1 cuộc diễn tập đang chạy; 1 cơ sở đã diễn tập", **of(place))
