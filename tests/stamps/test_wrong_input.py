"""Wrong input of every kind is told with a stable code, and changes nothing."""

from typing import Any

import pytest

from tests.answers import refused
from tests.stamps.conftest import Farm, Stamps

WRONG_REQUESTS: list[dict[str, Any]] = [
    {},
    {"quantity": 0},
    {"quantity": -5},
    {"quantity": 1_000_001},
    {"quantity": 10**40},
    {"quantity": 10.5},
    {"quantity": 10.0},
    {"quantity": "10"},
    {"quantity": True},
    {"quantity": None},
    {"quantity": {"$gt": 0}},
    {"quantity": [10]},
    {"quantity": 10, "product_id": {"$ne": 1}},
    {"quantity": 10, "product_id": ""},
    {"quantity": 10, "product_id": "x" * 65},
    {"quantity": 10, "product_id": 7},
    {"quantity": 10, "lot_id": {"$where": "1"}},
    {"quantity": 10, "purpose": ["a"]},
    {"quantity": 10, "purpose": "x" * 501},
    {"quantity": 10, "purpose": "a\x00b"},
    {"quantity": 10, "state": "approved"},
    {"quantity": 10, "purpose.$ne": "x"},
]


@pytest.mark.parametrize("wrong", WRONG_REQUESTS, ids=str)
async def test_a_wrong_request_is_told_what_is_wrong_and_changes_nothing(
    stamps: Stamps, farm: Farm, wrong: dict[str, Any]
) -> None:
    before = await stamps.state_of_everything()
    answer = await stamps.post(
        "/requests", {"product_id": farm.product, **wrong}, stamps.operator(farm.facility)
    )
    assert refused(answer, 422, "invalid_input")["errors"]
    assert await stamps.state_of_everything() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"decision": "maybe"},
        {"decision": {"$ne": "reject"}},
        {"decision": "approve", "quantity": 0},
        {"decision": "approve", "quantity": 1.5},
        {"decision": "approve", "quantity": "5"},
        {"decision": "approve", "quantity": 10**30},
        {"decision": "approve", "batch": 7},
        {"decision": "reject", "reason": {"$ne": ""}},
    ],
    ids=str,
)
async def test_a_wrong_decision_issues_nothing(
    stamps: Stamps, farm: Farm, wrong: dict[str, Any]
) -> None:
    request = await stamps.ask(farm, 10)
    before = await stamps.state_of_everything()
    answer = await stamps.post(f"/requests/{request['id']}/decision", wrong, stamps.approver())
    refused(answer, 422, "invalid_input")
    assert await stamps.state_of_everything() == before


WRONG_SERIALS: list[dict[str, Any]] = [
    {"first": None},
    {"first": -1},
    {"first": 1.5},
    {"first": 1.0},
    {"first": "1"},
    {"first": True},
    {"first": {"$gte": 0}},
    {"last": 10**50},
    {"last": 1_000_000},
    {"last": [9]},
    {"extra": 1},
]


@pytest.mark.parametrize("wrong", WRONG_SERIALS, ids=str)
async def test_wrong_serials_are_told_and_change_nothing(
    stamps: Stamps, farm: Farm, wrong: dict[str, Any]
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    before = await stamps.state_of_everything()
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("activations", {"lot_id": farm.lot}),
        ("changes", {"change": "revoke", "reason": "Thử"}),
        ("print-jobs", {"size": "6mm"}),
    ]
    for path, rest in bodies:
        body = {"first": 0, "last": 9, **rest, **wrong}
        refused(await stamps.post(f"/batches/{number}/{path}", body, who), 422, "invalid_input")
    assert await stamps.state_of_everything() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"change": "resurrect"},
        {"change": {"$ne": "revoke"}},
        {"reason": ""},
        {"reason": "   "},
        {"reason": None},
        {"reason": "x" * 1001},
        {"lot_id": "x"},
    ],
    ids=str,
)
async def test_a_wrong_change_is_told_and_changes_nothing(
    stamps: Stamps, farm: Farm, wrong: dict[str, Any]
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    before = await stamps.state_of_everything()
    body = {"first": 0, "last": 9, "change": "revoke", "reason": "Thử", **wrong}
    refused(await stamps.post(f"/batches/{number}/changes", body, who), 422, "invalid_input")
    assert await stamps.state_of_everything() == before


@pytest.mark.parametrize(
    "number", ["0", "-1", "1.5", "abc", str(2**26), "9" * 30, "%7B%22$ne%22%3A1%7D"]
)
async def test_an_impossible_batch_number_is_no_server_error(stamps: Stamps, number: str) -> None:
    who = stamps.approver()
    refused(await stamps.get(f"/batches/{number}", who), 422, "invalid_input")
    assert (await stamps.page(f"/batches/{number}", who)).status_code == 404
