"""Written Vietnamese as it is read aloud, and what of it is spoken."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain.aloud import MOST_CHARACTERS, REST, read_aloud, within
from services.scan.domain.speeches import last_day_of, name_of, of_lot, of_notice, of_product
from tests.scan.world import facility, lot, notice, product


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Hạn dùng 26/11/2026", "Hạn dùng ngày 26 tháng 11 năm 2026"),
        ("từ ngày 05/01/2027", "từ ngày 5 tháng 1 năm 2027"),
        ("2026-11-18", "ngày 18 tháng 11 năm 2026"),
        ("tháng 11/2026", "tháng 11 năm 2026"),
        ("trước ngày 3/4", "trước ngày 3 tháng 4"),
        ("lúc 14:05", "lúc 14 giờ 5"),
        ("30/02/2026", "3 0, 0 2, 2 0 2 6"),
        ("lô NA-261118", "lô N A, 2 6 1 1 1 8"),
        ("số 0014/2025/NNMT-QN", "số 0 0 1 4, 2 0 2 5, N N M T, Q N"),
        ("9520101000118", "9 5 2 0 1 0 1 0 0 0 1 1 8"),
        ("gọi 0203 000 1007", "gọi 0 2 0 3, 0 0 0, 1 0 0 7"),
        ("1.200 kg", "1200 ki lô gam"),
        ("0,02 mg/kg", "0 phẩy 02 mi li gam trên ki lô gam"),
        ("chai 500ml", "chai 500 mi li lít"),
        ("12 %", "12 phần trăm"),
        ("HTX Nông sản, TP. Hạ Long", "hợp tác xã Nông sản, thành phố Hạ Long"),
        ("Công ty TNHH MTV", "Công ty trách nhiệm hữu hạn một thành viên"),
        ("Trà <b>hoa</b> vàng [[x]]", "Trà b hoa b vàng x"),
    ],
)
def test_days_numbers_codes_and_abbreviations_are_said_in_words(written: str, said: str) -> None:
    assert read_aloud(written) == said


@given(st.text(max_size=600))
def test_whatever_is_written_only_words_numbers_and_pauses_are_spoken(written: str) -> None:
    said = read_aloud(written)
    assert not re.search(r"[^\w\s.,;:?!-]|_", said)
    assert said == " ".join(said.split())


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=2_000))
def test_nothing_is_longer_than_there_is_time_for(written: str) -> None:
    said = within(read_aloud(written))
    assert len(said) <= MOST_CHARACTERS


def test_what_is_too_long_ends_with_a_sentence_and_says_that_there_is_more() -> None:
    sentence = "Ngừng sử dụng và trả lại nơi đã mua."
    said = within(" ".join([sentence] * 20))
    assert said == " ".join([*[sentence] * said.count(sentence), REST])
    assert said.count(sentence) >= 4
    assert within("chữ " * 200).endswith(f". {REST}")


def test_a_product_is_spoken_with_its_producer_and_place() -> None:
    said = of_product(product("p", "f"), facility("f"))
    assert said == (
        "Sản phẩm: Na dai Đông Triều. Cơ sở: Hợp tác xã Cây ăn quả Đồi Nắng."
        " Địa chỉ: Phường An Sinh."
    )


def test_a_lot_is_spoken_with_its_days() -> None:
    made = lot("l", "p", "f", expires_on=date(2026, 11, 24))
    assert of_lot(made) == (
        "Mã lô: N A, 2 6 1 1 1 8. Sản xuất: ngày 18 tháng 11 năm 2026."
        " Hạn sử dụng: ngày 24 tháng 11 năm 2026."
    )
    assert last_day_of(made) == date(2027, 2, 22)
    endless = made.model_copy(update={"expires_on": None})
    assert "Hạn" not in of_lot(endless)
    assert last_day_of(endless) > date(2028, 1, 1)


def test_a_notice_is_spoken_with_what_to_do_for_as_long_as_it_stands() -> None:
    said = of_notice(notice("c"))
    assert said.startswith("Lệnh thu hồi. Thu hồi na dai lô N A, 2 6 1 1 1 8.")
    assert said.endswith("Ngừng sử dụng và trả lại nơi đã mua.")
    assert of_notice(notice("c", active=False)) == ""


def test_what_says_something_else_has_another_name() -> None:
    assert name_of("một") != name_of("hai")
    assert re.fullmatch(r"[0-9a-f]{24}", name_of("một"))
