"""Tax numbers: which are taken, in which spelling, and which are a person's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tax_number import TaxNumberInvalid, checked_tax_number, is_personal_number


@pytest.mark.parametrize("good", ["0100233488", "0314409058-002", "01.00.233.488", "022085001234"])
def test_tax_numbers_of_companies_branches_and_persons_are_taken(good: str) -> None:
    assert checked_tax_number(good).isdecimal()


@pytest.mark.parametrize(
    "bad", ["0100233480", "12345", "000085001234", "0220850012345", "abcdefghij", "01002334881"]
)
def test_a_wrong_tax_number_is_refused(bad: str) -> None:
    with pytest.raises(TaxNumberInvalid):
        checked_tax_number(bad)


def test_a_personal_number_is_told_from_a_company_s() -> None:
    assert is_personal_number("022085001234")
    assert not is_personal_number("0100233488")


@given(st.integers(0, 10**9 - 1).map(lambda n: f"{n:09d}"), st.data())
def test_of_ten_numbers_that_differ_in_the_last_digit_at_most_one_is_taken(
    first: str, data: st.DataObject
) -> None:
    taken = []
    for last in "0123456789":
        try:
            taken.append(checked_tax_number(first + last))
        except TaxNumberInvalid:
            continue
    assert len(taken) <= 1
    for number in taken:
        gap = data.draw(st.sampled_from([" ", ".", "-"]))
        assert checked_tax_number(number[:2] + gap + number[2:]) == number
