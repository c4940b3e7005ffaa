"""Every tier and kind at every address of recall: let in or refused exactly as the matrix says."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.recall.builders import lot
from tests.recall.conftest import API, Recall, order
from tests.recall.test_complaints import filed, taken_in
from tests.roles import (
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

REASON: Final = {"reason": "x"}
ANSWERED: Final = {"answer": "x", "version": 0}
CLOSE: Final = {"finding": "x", "handling": "destroy"}
AIM: Final = "target_kind=lot&target=mx1"
WORDS: Final = {"kind": "recall", "reason": "x", "instruction": "y", "key": "mx"}
ONE, PAGE = f"{API}/recalls/{{case_id}}", "/console/recall/{case_id}"
# All acts are refused, to whoever may do them, by the state of the case, which was lifted, or of
# the target, which is recalled; so nothing changes between cells.
TABLE: Final[Mapping[str, tuple[Cell, ...]]] = {
    f"POST {API}/previews": (Cell("recall.preview", {"target_kind": "lot", "target": "mx1"}),),
    f"GET {API}/recalls": (Cell("recall.read"),),
    f"POST {API}/recalls": (Cell("recall.order", order("mx1")),),
    f"GET {ONE}": (Cell("recall.read"),),
    f"POST {ONE}/confirm": (Cell("recall.order", {}),),
    f"POST {ONE}/decline": (Cell("recall.order", REASON),),
    f"POST {ONE}/lift": (Cell("recall.lift", REASON),),
    f"POST {ONE}/lift/confirm": (Cell("recall.lift", {}),),
    f"POST {ONE}/lift/decline": (Cell("recall.lift", REASON),),
    f"POST {ONE}/close": (Cell("recall.close", CLOSE),),
    f"GET {API}/complaints": (Cell("complaint.read"),),
    f"GET {API}/complaints/{{complaint_id}}": (Cell("complaint.read"),),
    f"POST {API}/complaints/{{complaint_id}}/seen": (Cell("complaint.answer", {}),),
    f"POST {API}/complaints/{{complaint_id}}/answer": (Cell("complaint.answer", ANSWERED),),
    "GET /console/recall/complaints": (Cell("complaint.read"),),
    "GET /console/recall/complaints/{complaint_id}": (Cell("complaint.read"),),
    "POST /console/recall/complaints/{complaint_id}/seen": (Cell("complaint.answer", {}),),
    "POST /console/recall/complaints/{complaint_id}/answer": (Cell("complaint.answer", ANSWERED),),
    "GET /console/recall": (Cell("recall.read"),),
    "GET /console/recall/new": (Cell("recall.preview"),),
    "GET /console/recall/radius": (Cell("recall.preview", query=AIM),),
    "POST /console/recall/radius": (Cell("recall.order", WORDS, query=AIM),),
    f"GET {PAGE}": (Cell("recall.read"),),
    f"POST {PAGE}/confirm": (Cell("recall.order", {}),),
    f"POST {PAGE}/decline": (Cell("recall.order", REASON),),
    f"POST {PAGE}/lift": (Cell("recall.lift", REASON),),
    f"POST {PAGE}/lift/confirm": (Cell("recall.lift", {}),),
    f"POST {PAGE}/lift/decline": (Cell("recall.lift", REASON),),
    f"POST {PAGE}/close": (Cell("recall.close", CLOSE),),
}
OPEN: Final = ("GET /recalls", "GET /recalls.json", "GET /recalls.atom", "GET /recalls/{case_id}")


@pytest.fixture(scope="module")
async def lifted(province: Recall) -> str:
    """A lifted case of a lot, which then was recalled anew."""
    await province.know(lot("mx1"))
    await taken_in(province, filed("mx"))
    case = await province.order("mx1")
    await province.post(f"/recalls/{case['id']}/lift", REASON)
    await province.post(f"/recalls/{case['id']}/lift/confirm")
    await province.order("mx1")
    return str(case["id"])


@pytest.fixture(scope="module")
def tokens(province: Recall) -> Tokens:
    return one_of_each(province, "f1", "07001")


@pytest.mark.parametrize(("address", "cell"), list(cases(TABLE)))
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    province: Recall, lifted: str, tokens: Tokens, address: str, cell: Cell
) -> None:
    path = address.format(case_id=lifted, complaint_id="mx") + (
        f"?{cell.query}" if cell.query else ""
    )
    before = await province.get(f"/recalls/{lifted}")
    await tried_by_all(province, tokens, path, cell, lambda: cell.body)
    await sends_strangers_away(province, path)
    assert (await province.get(f"/recalls/{lifted}")).json() == before.json()


@pytest.mark.parametrize("address", OPEN)
async def test_what_is_open_needs_no_session(province: Recall, lifted: str, address: str) -> None:
    path = address.removeprefix("GET ").format(case_id=lifted)
    assert (await province.client.get(path)).status_code == 200


def test_no_address_is_missing_in_the_table(province: Recall) -> None:
    there = served(province.app)
    assert missing_in([TABLE, OPEN], there) == set(), "say in this table who may use these"
    assert not_there([TABLE, OPEN], there) == set()
