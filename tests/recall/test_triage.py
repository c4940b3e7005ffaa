"""What made somebody ill is read first: how pressing a report is, by what is known of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.recall.domain.complaint import due
from services.recall.domain.triage import LEVELS, MANY, weigh

KINDS = ("made_ill", "looks_fake", "spoiled", "wrong_information", "other")


@pytest.mark.parametrize(
    ("kind", "verdict", "similar", "level", "reasons"),
    [
        ("made_ill", "genuine", 0, "urgent", ("made_ill",)),
        ("looks_fake", "genuine", 0, "high", ("looks_fake",)),
        ("spoiled", "", 0, "high", ("spoiled",)),
        ("wrong_information", "", 0, "normal", ("wrong_information",)),
        ("other", "", 0, "low", ("other",)),
        ("spoiled", "recalled", 0, "urgent", ("spoiled", "still_sold")),
        ("looks_fake", "suspect_copy", 0, "urgent", ("looks_fake", "known_copy")),
        ("other", "genuine", MANY, "normal", ("other", "many")),
        ("other", "genuine", MANY - 1, "low", ("other",)),
    ],
)
def test_how_pressing_a_report_is_and_why(
    kind: str, verdict: str, similar: int, level: str, reasons: tuple[str, ...]
) -> None:
    found = weigh(kind, verdict, similar=similar)
    assert found.level == level
    assert found.reasons == reasons


def test_nothing_known_makes_a_report_less_pressing() -> None:
    for kind in KINDS:
        alone = weigh(kind).rank
        for verdict in ("recalled", "suspect_copy", "genuine", ""):
            for similar in (0, MANY, 1_000):
                assert alone <= weigh(kind, verdict, similar=similar).rank < len(LEVELS)


def test_the_more_pressing_the_sooner_it_is_due() -> None:
    filed = datetime(2026, 11, 1, tzinfo=UTC)
    assert due("made_ill", "", filed) == filed + timedelta(days=1)
    assert due("spoiled", "recalled", filed) == filed + timedelta(days=1)
    assert due("spoiled", "", filed) < due("wrong_information", "", filed) < due("other", "", filed)
