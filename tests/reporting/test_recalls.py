"""Deadlines of recalls and unconfirmed acts on the first page of whose they are."""

from datetime import timedelta
from typing import Any

from shared.contracts.recall import (
    ClockChanged,
    ReceiptsComplete,
    ReceiptsMissing,
    SignalPlace,
    SignalRaised,
)
from shared.days import today
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_waiting import commune, home

OVERDUE = "1 việc quá hạn, 0 việc còn trong hạn."
UNCONFIRMED = 'id="recalls-unconfirmed"'


def a_clock(place: str, version: int = 1, **changes: Any) -> ClockChanged:
    given = {"subject": new_id(), "open": True, "tiers": ("commune",), **changes}
    return ClockChanged(
        version=version,
        time=now(),
        case_id="c",
        deadline="decide",
        due_at=now() - timedelta(hours=1),
        facility_id="f1",
        commune=place,
        sector="agriculture",
        **given,
    )


def an_alarm(place: str, act: str, version: int = 2) -> ReceiptsMissing:
    return ReceiptsMissing(
        subject=act,
        version=version,
        time=now(),
        case_id=act,
        case_version=1,
        act="ordered",
        replicas=("scan-1",),
        since=now(),
        facility_id="f1",
        commune=place,
        sector="agriculture",
    )


def of(place: str, tier: str = "commune") -> dict[str, Any]:
    return {"tier": tier, "kinds": ["approve", "check"], "communes": [place]}


async def test_what_is_overdue_is_told_to_the_tiers_that_know_of_it_in_their_area(
    reporting: Reporting,
) -> None:
    place = commune()
    one = a_clock(place)
    await reporting.hear(one, one)

    async def told() -> bool:
        return OVERDUE in await home(reporting, **of(place))

    await eventually(told)
    page = await home(reporting, **of(place))
    assert "Cấp của bạn phải làm hoặc đã được báo:" in page
    assert "/console/recall/deadlines?mine=1&amp;state=overdue" in page, "just these"
    assert "recall-deadlines" not in await home(reporting, **of(place, "unit"))
    assert "recall-deadlines" not in await home(reporting, **of(commune()))
    escalated = a_clock(place, 2, subject=one.subject, tiers=("commune", "unit"))
    await reporting.hear(escalated, one)

    async def climbed() -> bool:
        return OVERDUE in await home(reporting, **of(place, "unit"))

    await eventually(climbed)
    over = a_clock(place, 3, subject=one.subject, open=False)
    await reporting.hear(over, escalated)

    async def gone() -> bool:
        return "recall-deadlines" not in await home(reporting, **of(place))

    await eventually(gone)


async def test_an_unconfirmed_act_is_on_the_first_page_until_it_is_confirmed(
    reporting: Reporting,
) -> None:
    place, act = commune(), f"{new_id()}@1"
    missing = an_alarm(place, act)
    await reporting.hear(missing)
    await reporting.hear(missing)

    async def told() -> bool:
        return UNCONFIRMED in await home(reporting, **of(place))

    await eventually(told)
    assert UNCONFIRMED not in await home(reporting, **of(commune()))
    complete = ReceiptsComplete(
        subject=act, version=3, time=now(), case_id=act, case_version=1, act="ordered", since=now()
    )
    await reporting.hear(complete, missing)

    async def gone() -> bool:
        return UNCONFIRMED not in await home(reporting, **of(place))

    await eventually(gone)


def a_signal(id_: str, place: str, version: int = 1, *, is_open: bool = True) -> SignalRaised:
    return SignalRaised(
        subject=id_,
        version=version,
        time=now(),
        rule="complaints_lot",
        open=is_open,
        severity="serious",
        count=3,
        needed=3,
        starts_on=today(),
        places=(SignalPlace(commune=place, sector="agriculture"),),
    )


async def test_signals_that_wait_are_counted_for_officials_of_their_area_until_decided(
    reporting: Reporting,
) -> None:
    place, one, other = commune(), new_id(), new_id()
    await reporting.hear(a_signal(one, place), a_signal(one, place), a_signal(other, place))

    async def told() -> bool:
        return "2 cảnh báo chờ quyết định." in await home(reporting, **of(place))

    await eventually(told)
    assert "recall-signals" not in await home(reporting, **of(commune()))
    assert "recall-signals" not in await home(reporting, **of(place), sector="health")
    await reporting.hear(a_signal(other, place, 2, is_open=False), a_signal(other, place))

    async def less() -> bool:
        return "1 cảnh báo chờ quyết định." in await home(reporting, **of(place))

    await eventually(less)
