"""Codes proposed for the next lot: free, short enough, counted up where people count."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain import lot_codes
from services.registry.domain.lot import checked_lot_code

DAY = date(2026, 11, 26)
CODES = st.from_regex(r"[A-Za-z0-9./_-]{1,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("known", "proposed"),
    [
        ([], "261126-1"),
        (["CM-2026-011"], "CM-2026-012"),
        (["NA9"], "NA10"),
        (["CM-2026-011", "CM-2026-012"], "CM-2026-013"),
        (["261126-1"], "261126-2"),
        (["261125-3"], "261126-1"),
        # A date or a year at the end says when, not how many.
        (["MOC-20261120"], "261126-1"),
        (["NA-2026"], "261126-1"),
        (["Lô mới"], "261126-1"),
        (["A" * 19 + "9"], "261126-1"),
    ],
)
def test_the_next_code_follows_what_was_used_last(known: list[str], proposed: str) -> None:
    assert lot_codes.proposed(known, DAY) == proposed


@given(st.lists(CODES, max_size=30))
def test_a_proposed_code_is_free_and_one_that_a_lot_may_have(known: list[str]) -> None:
    found = lot_codes.proposed(known, DAY)
    assert found.upper() not in {code.upper() for code in known}
    assert checked_lot_code(found) == found


@given(CODES, st.lists(CODES, max_size=10))
def test_parts_have_codes_of_their_own(code: str, known: list[str]) -> None:
    found = [one for one in lot_codes.parts_of(code, [code, *known], 4) if one]
    assert len({one.upper() for one in found}) == len(found)
    assert not {one.upper() for one in found} & {one.upper() for one in (code, *known)}
    assert all(len(one) <= lot_codes.LONGEST for one in found)
