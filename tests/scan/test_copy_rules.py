"""What the rules make of a day's scans of one stamp: arithmetic, without servers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain import copies
from services.scan.domain.copies import Circumstances, WrongRules, findings, read_rules, score
from services.scan.domain.sightings import MOST_KEPT, Sighting, first_of_each, packed, unpacked
from services.scan.domain.suspicion import Suspicion, may_be_suspected, suspect
from shared.commune_places import apart_km, places

RULES = copies.rules()
AN_SINH, HA_NOI, DONG_TRIEU, CA_MAU = "07090", "00004", "07093", "32248"
NOON = int(datetime(2026, 11, 26, 5, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
HOME = Circumstances(homes=frozenset({AN_SINH}))
WHOSE = ("facility-1", "product-1", "lot-1")


def seen(source: int, commune: str = "", *, hours: float = 0, verdict: str = "genuine") -> Sighting:
    return Sighting(NOON + int(hours * HOUR), source, commune, verdict)


def points(sightings: list[Sighting], known: Circumstances = HOME) -> dict[str, int]:
    return {one.rule: one.points for one in findings(sightings, known, RULES)}


sightings = st.builds(
    Sighting,
    st.integers(NOON, NOON + 12 * HOUR),
    st.integers(0, 2**24 - 1),
    st.sampled_from(["", AN_SINH, DONG_TRIEU, HA_NOI, CA_MAU, "99999"]),
    st.sampled_from(["genuine", "not_activated", "expired"]),
)


def test_a_household_that_reads_its_packet_all_day_is_nothing() -> None:
    assert points([seen(7, AN_SINH, hours=hour / 4) for hour in range(40)]) == {}


def test_a_shelf_that_a_dozen_people_look_at_is_not_suspected() -> None:
    busy = [seen(source, AN_SINH, hours=source / 4) for source in range(12)]
    assert sum(points(busy).values()) < RULES.suspected_from


def test_more_people_than_a_packet_can_meet_are_suspicious() -> None:
    crowd = [seen(source) for source in range(25)]
    assert points(crowd) == {"many_sources": 120}


def test_no_packet_is_in_two_far_places_within_an_hour() -> None:
    torn = [
        seen(1, AN_SINH),
        seen(2, CA_MAU, hours=1),
        seen(3, AN_SINH, hours=2),
        seen(4, CA_MAU, hours=3),
        seen(5, CA_MAU, hours=3),
    ]
    (found,) = (one for one in findings(torn, HOME, RULES) if one.rule == "impossible_travel")
    assert (found.points, found.sources) == (100, 5)
    assert found.communes == (AN_SINH, CA_MAU)
    assert 1300 < found.figure < 1500


def test_goods_that_travel_at_the_pace_of_a_lorry_are_not_torn() -> None:
    away = apart_km(AN_SINH, HA_NOI)
    assert away is not None
    hours = away / RULES.impossible_travel.kilometres_per_hour
    carried = [seen(1, AN_SINH), seen(2, HA_NOI, hours=hours), seen(3, HA_NOI, hours=hours)]
    assert points(carried) == {}


def test_without_places_nothing_is_said_of_travel() -> None:
    assert "impossible_travel" not in points([seen(n, hours=n / 60) for n in range(6)])
    nowhere = [seen(n, "99999" if n % 2 else AN_SINH) for n in range(6)]
    assert "impossible_travel" not in points(nowhere)


def test_far_from_home_counts_only_where_no_goods_were_sent() -> None:
    abroad = [seen(n, CA_MAU, hours=n) for n in range(5)]
    assert points(abroad)["far_from_sales"] == 40
    sent = Circumstances(homes=frozenset({AN_SINH, CA_MAU}))
    assert points(abroad, sent) == {}


def test_goods_long_eaten_are_read_late() -> None:
    old = replace(HOME, expires_on=date(2026, 6, 1))
    assert points([seen(n) for n in range(5)], old) == {"long_after": 40}
    fresh = replace(
        HOME, expires_on=date(2026, 11, 1), activated_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    assert points([seen(n) for n in range(5)], fresh) == {}, "the expiry counts before activation"
    undated = replace(HOME, activated_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert points([seen(n) for n in range(5)], undated) == {"long_after": 40}


@pytest.mark.parametrize("last", [date.max, date.max - timedelta(days=59), date(9990, 1, 1)])
def test_goods_that_never_expire_are_never_read_too_late(last: date) -> None:
    lasting = replace(HOME, expires_on=last)
    assert points([seen(n) for n in range(25)], lasting) == {"many_sources": 120}


def test_stamps_read_by_strangers_before_they_are_used_are_suspicious() -> None:
    early = [seen(n, verdict="not_activated") for n in range(6)]
    assert points(early) == {"before_activation": 60}


def test_a_sold_packet_has_one_owner() -> None:
    at = datetime.fromtimestamp(NOON / 1000, UTC)
    sold = replace(HOME, sold_at=at - timedelta(days=3))
    assert points([seen(n) for n in range(7)], sold) == {"after_sale": 80}
    just_now = replace(HOME, sold_at=at - timedelta(hours=2))
    assert points([seen(n) for n in range(7)], just_now) == {}


@given(st.lists(sightings, max_size=30), st.integers(0, 2**24 - 1))
def test_one_source_alone_never_makes_a_suspicion(scans: list[Sighting], source: int) -> None:
    alone = [one._replace(source=source) for one in scans]
    assert findings(alone, HOME, RULES) == ()


@given(st.lists(sightings, max_size=30))
def test_neither_order_nor_repetition_changes_the_points(scans: list[Sighting]) -> None:
    once = findings(first_of_each(scans), HOME, RULES)
    assert findings(first_of_each([*reversed(scans), *scans]), HOME, RULES) == once


@given(st.lists(sightings, max_size=30), sightings)
def test_another_scan_never_takes_points_away(scans: list[Sighting], more: Sighting) -> None:
    assert score(findings([*scans, more], HOME, RULES)) >= score(findings(scans, HOME, RULES))


@given(st.lists(sightings, max_size=200))
def test_sightings_come_back_from_their_bytes_and_stay_bounded(scans: list[Sighting]) -> None:
    kept = first_of_each(scans)
    assert unpacked(packed(kept)) == kept
    assert len(kept) <= MOST_KEPT
    assert len(packed(kept)) == 16 * len(kept)


def _suspicion(**changes: object) -> Suspicion:
    found = findings([seen(n) for n in range(25)], HOME, RULES)
    made = suspect(
        (5, 6), WHOSE, "2026-11-26", found, None, RULES, room=True, now=datetime.now(UTC)
    )
    assert made is not None
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_staff_cleared_is_not_suspected_again_for_the_same_day() -> None:
    cleared = _suspicion().judged(
        "clear",
        reason="Ảnh trên báo",
        by="a",
        by_name="A",
        today="2026-11-27",
        now=datetime.now(UTC),
    )
    assert not may_be_suspected(cleared, "2026-11-26")
    assert not may_be_suspected(cleared, "2026-11-27")
    assert may_be_suspected(cleared, "2026-11-28")


def test_after_a_clearing_more_is_needed() -> None:
    found = findings([seen(n) for n in range(25)], HOME, RULES)
    before = _suspicion(state="cleared", cleared=1, cleared_to="2026-11-26")
    now = datetime.now(UTC)
    again = suspect((5, 6), WHOSE, "2026-11-28", found, before, RULES, room=True, now=now)
    assert again is None
    both = [*found, found[0]]
    more = suspect((5, 6), WHOSE, "2026-11-28", tuple(both), before, RULES, room=True, now=now)
    assert more is not None
    assert (more.version, more.cleared) == (before.version + 1, 1)


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    [
        ("suspected_from = 100", "", "suspected_from"),
        ("suspected_from = 100", 'suspected_from = "100"', "suspected_from"),
        ("suspected_from = 100", "suspected_from = -1", "suspected_from"),
        ("slack_km = 30", "slack = 30", "slack"),
        ("[after_sale]", "[after_sales]", "after_sale"),
        ("suspected_from = 100", "suspected_from = = 1", "copy_rules.toml"),
    ],
)
def test_wrong_rules_are_refused_with_the_name_of_the_entry(
    tmp_path: Path, line: str, instead: str, says: str
) -> None:
    text = Path(copies.__file__).with_name("copy_rules.toml").read_text()
    assert line in text
    path = tmp_path / "copy_rules.toml"
    path.write_text(text.replace(line, instead, 1))
    with pytest.raises(WrongRules, match=says):
        read_rules(path)


def test_the_province_lies_where_it_lies() -> None:
    assert len(places()) > 3200
    neighbours = apart_km(AN_SINH, DONG_TRIEU)
    assert neighbours is not None
    assert neighbours < 5
    hanoi = apart_km(AN_SINH, HA_NOI)
    assert hanoi is not None
    assert 55 < hanoi < 85
    assert apart_km(AN_SINH, "99999") is None
    assert all(8 < p.latitude < 24 and 102 < p.longitude < 118 for p in places().values())
