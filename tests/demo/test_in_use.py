"""What the demo does with stamps in use fits the data files and the rules of copies."""

from datetime import date

from deploy.demo import data, in_use
from services.scan.domain import copies
from services.scan.domain.complaint import LEAST_SECONDS, MAX_WORDS
from shared.commune_places import names


def test_all_serials_are_in_use_for_a_lot_and_no_act_touches_another_ones() -> None:
    province = data.load(today=date(2026, 11, 26))
    batch = next(one for one in province.batches if one.key == in_use.BATCH)
    spans = [in_use.SOLD, in_use.REVOKED]
    spans += [(one, one) for one in (in_use.REPORTED, in_use.COPIED)]
    serials = [serial for first, last in spans for serial in range(first, last + 1)]
    assert len(serials) == len(set(serials))
    for first, last in spans:
        assert any(
            one.first <= first and last <= one.last and one.state == "active" and one.lot
            for one in batch.intervals
        ), (first, last)


def test_the_copied_stamp_is_read_by_enough_sources_in_places_that_exist() -> None:
    assert len(in_use.COMMUNES) >= copies.rules().least_sources
    assert set(in_use.COMMUNES) <= set(names())


def test_the_report_is_sent_as_somebody_who_reads_the_form_would() -> None:
    assert in_use._READING_SECONDS > LEAST_SECONDS
    assert 10 <= len(in_use.WORDS) <= MAX_WORDS
