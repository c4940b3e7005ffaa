"""Every tier and kind at every address of reporting: let in or refused as the matrix says (R2)."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.recall import builders
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_acts import account, act, settled
from tests.roles import (
    SIGNED_IN,
    Cell,
    Tokens,
    cases,
    missing_in,
    not_there,
    one_of_each,
    sends_strangers_away,
    served,
    tried_by_all,
)

API: Final = "/api/reporting/v1"
FIGURES, LEDGER = (Cell("statistics.read"),), (Cell("audit.read"),)
# Of others; that everybody opens what is their own is told in test_acts.py.
OWN, ACTS = (Cell("own_act.read"),), (Cell("act.read"),)
READERS = (Cell("act.read or audit.read"),)
TABLE: Final[Mapping[str, tuple[Cell, ...]]] = {
    f"GET {API}/statistics": FIGURES,
    # Counts of what one may decide: nothing, for who may decide nothing.
    f"GET {API}/work": (Cell(SIGNED_IN),),
    f"GET {API}/participation": FIGURES,
    f"GET {API}/inspections": FIGURES,
    f"GET {API}/audit": LEDGER,
    f"GET {API}/audit/state": LEDGER,
    f"GET {API}/audit/{{seq}}": LEDGER,
    f"GET {API}/acts/mine": OWN,
    f"GET {API}/acts": ACTS,
    f"GET {API}/acts/{{seq}}": ACTS,
    f"GET {API}/accounts/{{account_id}}/acts": ACTS,
    f"GET {API}/records/{{record_id}}/readers": READERS,
    "GET /console/reporting/records/{record_id}/readers": READERS,
    "GET /console/reporting/acts/mine": OWN,
    "GET /console/reporting/acts": ACTS,
    "GET /console/reporting/acts/{seq}": ACTS,
    "GET /console/reporting/accounts/{account_id}/acts": ACTS,
    "GET /console": (Cell(SIGNED_IN),),
    "GET /console/reporting": FIGURES,
    "GET /console/reporting/audit": LEDGER,
    "GET /console/reporting/audit/{seq}": LEDGER,
}


@pytest.fixture(scope="module")
async def tokens(reporting: Reporting) -> Tokens:
    """Of the facility whose account did what the ledger's third entry tells."""
    place, member = builders.facility("f1"), account("u", "f1").model_copy(update={"subject": "m1"})
    for event in (place, member, act(member)):
        await reporting.hear(event)
    await settled(reporting, place, member)
    return one_of_each(reporting, "f1", "07001")


@pytest.mark.parametrize(("address", "cell"), list(cases(TABLE)))
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    reporting: Reporting, tokens: Tokens, address: str, cell: Cell
) -> None:
    path = address.format(seq=3, account_id="m1", record_id="f1")
    await tried_by_all(reporting, tokens, path, cell, lambda: None)
    await sends_strangers_away(reporting, path)


def test_no_address_is_missing_in_the_table(reporting: Reporting) -> None:
    there = served(reporting.app)
    assert missing_in([TABLE], there) == set(), "say in this table who may use these"
    assert not_there([TABLE], there) == set()
