"""The order of tiers: as identity has them, and what a lower one may not undo."""

import pytest

from services.identity.tiers import tiers
from shared.tiers import ORDER, DecidedAbove, must_not_be_below


def test_the_order_is_that_of_the_tiers() -> None:
    assert tuple(tiers()) == ORDER


def test_nobody_is_below_themself_or_below_what_is_not_known() -> None:
    for tier in ORDER:
        must_not_be_below(tier, tier)
        must_not_be_below(tier, "")
        must_not_be_below("program", tier)


@pytest.mark.parametrize("at", range(1, len(ORDER)))
def test_every_tier_is_below_all_above_it(at: int) -> None:
    for above in ORDER[:at]:
        with pytest.raises(DecidedAbove):
            must_not_be_below(ORDER[at], above)
        must_not_be_below(above, ORDER[at])
