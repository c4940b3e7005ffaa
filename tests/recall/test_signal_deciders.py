"""Who may decide a signal: of whatever goods of whatever places, there is somebody."""

import csv
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest

from services.recall.actions import signals as acts
from services.recall.actions.suspicions import INSPECT, SUSPECT
from services.recall.domain.signals import signal as domain
from services.recall.domain.signals.fact import Fact, key_of
from services.recall.domain.signals.finding import Finding
from services.recall.domain.signals.rules import Rule, rules
from services.recall.domain.signals.signal import Signal
from services.recall.domain.terms import Place
from shared.auth import Principal
from shared.errors import Refusal

DEMO: Final = Path(__file__).parents[2] / "data/demo"
AT: Final = datetime(2026, 11, 1, tzinfo=UTC)


def rows(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def officials() -> list[Principal]:
    """The accounts of the demonstration as their tokens say them (identity's actions/sessions)."""
    sectors = {row["key"]: row["sector"] for row in rows("units.csv")}
    return [
        Principal(
            account_id=row["username"],
            name=row["full_name"],
            tier=row["tier"],
            kinds=frozenset(row["kinds"].split(";")),
            unit_id=row["unit"],
            session_id="s",
            communes=(row["unit"],) if row["tier"] == "commune" else ("*",),
            sector=sectors.get(row["unit"], "*"),
        )
        for row in rows("accounts.csv")
        if row["tier"] != "facility"
    ]


def places() -> list[Place]:
    """One facility of each sector in each commune that has one, and goods that nobody knows."""
    known = {
        (row["commune"], row["sector"]): Place(row["key"], row["commune"], row["sector"])
        for row in rows("facilities.csv")
    }
    return [*known.values(), Place("", "06994", "")]


def raised(rule: Rule, at: tuple[Place, ...]) -> Signal:
    subject = tuple("06994" if part == "commune" else "x" for part in rule.subject)
    fact = Fact(id="f", version=1, kind=rule.facts, at=AT, event_id="e")
    found = Finding(rule, (fact,), 1, AT)
    return domain.raised("id", key_of(rule.key, subject), found, at, AT)


def decides(who: Principal, signal: Signal) -> bool:
    try:
        acts.must_be_in_charge(who, signal)
    except Refusal:
        return False
    return all(who.may(act) for act in (acts.DECIDE, SUSPECT, INSPECT))


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: str(rule.key))
def test_of_goods_of_any_two_places_some_account_of_the_demonstration_decides(rule: Rule) -> None:
    accounts = officials()
    assert {one.tier for one in accounts} >= {"province", "department", "unit", "commune"}
    wide: list[Any] = [(one,) for one in places()] + list(combinations(places(), 2))
    assert len({place.sector for place in places()}) >= 3
    for at in wide:
        signal = raised(rule, at)
        assert any(decides(who, signal) for who in accounts), at


def test_what_is_about_a_commune_is_decided_there_wherever_the_goods_were_made() -> None:
    away = tuple(
        Place(f"f{n}", "07090", sector) for n, sector in enumerate(("health", "agriculture"))
    )
    [here] = [one for one in officials() if one.account_id == "dac-khu-van-don.duyet"]
    [there] = [one for one in officials() if one.account_id == "xa-tien-yen.duyet"]
    signal = raised(rules()["complaints_area"], away)
    assert decides(here, signal)
    assert not decides(there, signal)
    other = raised(rules()["complaints_product"], away)
    assert not decides(here, other)
