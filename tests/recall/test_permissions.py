"""Every tier and kind at every endpoint that acts: let in or refused exactly as the matrix says."""

import itertools
from typing import Any

import pytest

from shared.permissions import matrix
from tests.recall.builders import lot
from tests.recall.conftest import Recall, order

TIERS = ("ministry", "province", "department", "unit", "district", "commune", "facility")
KINDS = ("system", "approve", "check", "operate", "report", "produce")
REASON = {"reason": "x"}
# By endpoint: its action, its body, and the answer to who may: all refused by the state of the
# case, which was lifted, or of the target, which is recalled; so nothing changes between cells.
ENDPOINTS: dict[str, tuple[str, Any, int]] = {
    "/previews": ("recall.preview", {"target_kind": "lot", "target": "mx1"}, 200),
    "/recalls": ("recall.order", order("mx1"), 409),
    "/recalls/{id}/confirm": ("recall.order", {}, 409),
    "/recalls/{id}/decline": ("recall.order", REASON, 409),
    "/recalls/{id}/lift": ("recall.lift", REASON, 409),
    "/recalls/{id}/lift/confirm": ("recall.lift", {}, 409),
    "/recalls/{id}/lift/decline": ("recall.lift", REASON, 409),
    "/recalls/{id}/close": ("recall.close", {"finding": "x", "handling": "destroy"}, 409),
}


@pytest.fixture(scope="module")
async def lifted(province: Recall) -> str:
    """A lifted case of a lot, which then was recalled anew."""
    await province.know(lot("mx1"))
    case = await province.order("mx1")
    await province.post(f"/recalls/{case['id']}/lift", REASON)
    await province.post(f"/recalls/{case['id']}/lift/confirm")
    await province.order("mx1")
    return str(case["id"])


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    province: Recall, lifted: str, endpoint: str
) -> None:
    action, body, let_in = ENDPOINTS[endpoint]
    path = endpoint.replace("{id}", lifted)
    rule = matrix()[action]
    for tier, kind in itertools.product(TIERS, KINDS):
        is_facility = tier == "facility"
        more = {"facility": "f1", "communes": []} if is_facility else {}
        token = province.token(tier=tier, kinds=[kind], **more)
        answer = await province.post(path, body, token=token)
        expected = let_in if (tier, kind) in rule.who else 403
        assert answer.status_code == expected, f"{tier}:{kind} at {endpoint}: {answer.text}"


async def test_every_acting_endpoint_is_in_the_table(province: Recall) -> None:
    document = (await province.client.get("/api/recall/v1/openapi.json")).json()
    acting = {
        path.removeprefix("/api/recall/v1").replace("{case_id}", "{id}")
        for path, methods in document["paths"].items()
        if "post" in methods and path.startswith("/api/recall/v1")
    }
    assert acting == set(ENDPOINTS)
