"""What the demo does with stamps in use fits the data files and the rules of copies."""

from datetime import date
from pathlib import Path

import pytest

from deploy.demo import data, hidden, in_use
from deploy.demo.load import print_logins
from deploy.demo.logins import print_table
from deploy.demo.state import DemoState
from services.scan.domain import copies
from services.scan.domain.complaint import LEAST_SECONDS, MAX_WORDS
from services.stamps.printing.hiding import takes_number
from shared.commune_places import names


def test_all_serials_are_in_use_for_a_lot_and_no_act_touches_another_ones() -> None:
    province = data.load(today=date(2026, 11, 26))
    batch = next(one for one in province.batches if one.key == in_use.BATCH)
    spans = [in_use.SOLD, in_use.REVOKED]
    spans += [(one, one) for one in (in_use.REPORTED, in_use.COPIED)]
    spans.append(hidden.SERIALS)
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


def test_the_sheet_with_hidden_numbers_is_one_that_the_design_has_room_for() -> None:
    first, last = hidden.SERIALS
    assert first <= hidden.TOLD <= last
    assert takes_number(in_use.DESIGN["size"])


def test_code_and_number_are_read_from_the_list_for_print_houses() -> None:
    text = (
        "serial,code,symbol,pin\r\n"
        "2659,0XZ1-1HDQ-VYN9-KM0J-1233,TXNG.TEST/0XZ11HDQVYN9KM0J1233,900-001\r\n"
        "2660,0XZ1-1HDQ-VYN9-KM0J-1234,TXNG.TEST/0XZ11HDQVYN9KM0J1234,012-345\r\n"
    )
    assert hidden.told_in(text, hidden.TOLD) == ("0XZ11HDQVYN9KM0J1234", "012-345")


def test_what_is_to_be_tried_is_printed_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    codes = {"genuine": "A" * 20, "hidden": "B" * 20, "number": "012-345"}
    print_table("http://localhost:8080", "secret", codes)
    told = capsys.readouterr().out
    assert f"http://localhost:8080/{'A' * 20}  tem thật" in told
    assert f"http://localhost:8080/pin/{'B' * 20}  số ẩn · hidden number: 012-345" in told
    assert "http://localhost:8080/012-345" not in told


def test_what_is_to_be_tried_is_told_at_every_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = DemoState(tmp_path)
    state.begin("an installation", date(2026, 11, 26))
    state.finish("digest", {"hidden": "B" * 20, "number": "012-345"})
    monkeypatch.setenv("TXNG_STATE_DIR", str(tmp_path))
    for _ in range(2):
        print_logins()
        assert f"/pin/{'B' * 20}  số ẩn · hidden number: 012-345" in capsys.readouterr().out


def test_the_report_is_sent_as_somebody_who_reads_the_form_would() -> None:
    assert in_use._READING_SECONDS > LEAST_SECONDS
    assert 10 <= len(in_use.WORDS) <= MAX_WORDS
