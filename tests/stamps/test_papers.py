"""Without a valid food-safety paper no stamps are asked for or approved (R13)."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.contracts.registry import Certificate, CertificateExpired
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps


def in_days(days: int) -> date:
    return now().date() + timedelta(days=days)


def paper(until: date | None, *, food_safety: bool = True, number: str = "14/2024") -> Certificate:
    return Certificate(
        kind="attp" if food_safety else "vietgap",
        number=number,
        issuer="Chi cục",
        issued_on=date(2020, 1, 1),
        expires_on=until,
        food_safety=food_safety,
    )


def expired(facility_id: str, version: int = 1, **changes: Any) -> CertificateExpired:
    fields: dict[str, Any] = {
        "kind": "attp",
        "certificate_number": "14/2024",
        "expired_on": in_days(-2),
        "food_safety": True,
        **changes,
    }
    return CertificateExpired(subject=facility_id, version=version, time=now(), **fields)


async def ask(stamps: Stamps, farm: Farm) -> Any:
    body = {"product_id": farm.product, "quantity": 10}
    return await stamps.post("/requests", body, stamps.operator(farm.facility))


@pytest.mark.parametrize(
    "papers",
    [
        (),
        (paper(in_days(2)),),
        (paper(None),),
        (paper(in_days(-2)), paper(in_days(30), number="15/2026")),
        (paper(in_days(-2), food_safety=False),),
    ],
    ids=["none on record", "valid", "without end", "another holds", "only VietGAP ended"],
)
async def test_stamps_are_given_where_no_paper_ended_or_another_holds(
    stamps: Stamps, papers: tuple[Certificate, ...]
) -> None:
    farm = await stamps.a_farm(certificates=papers)
    ok(await ask(stamps, farm), 201)


async def test_after_the_last_paper_ended_nothing_is_asked_or_approved_until_it_is_renewed(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm(certificates=(paper(in_days(2)),))
    waiting = ok(await ask(stamps, farm), 201)
    await stamps.know(
        builders.facility(farm.facility, 2, certificates=(paper(in_days(-2)),), name="Đồi Nắng")
    )
    body = refused(await ask(stamps, farm), 409, "food_safety_paper_expired")
    assert "14/2024" in body["detail"]
    assert "gia hạn" in body["detail"]
    answer = await stamps.decide(waiting["id"], "approve")
    refused(answer, 409, "food_safety_paper_expired")
    for token in (stamps.operator(farm.facility), stamps.approver()):
        shown = (await stamps.page("/requests", token)).text
        assert "Đồi Nắng: giấy 14/2024" in shown
    assert "14/2024" in (await stamps.page("/requests/new", stamps.operator(farm.facility))).text
    await stamps.know(builders.facility(farm.facility, 3, certificates=(paper(in_days(700)),)))
    ok(await ask(stamps, farm), 201)
    assert ok(await stamps.decide(waiting["id"], "approve"))["batch"]
    assert "14/2024" not in (await stamps.page("/requests", stamps.operator(farm.facility))).text


async def test_a_request_may_be_refused_while_the_paper_is_expired(stamps: Stamps) -> None:
    farm = await stamps.a_farm(certificates=(paper(in_days(2)),))
    waiting = ok(await ask(stamps, farm), 201)
    await stamps.know(builders.facility(farm.facility, 2, certificates=(paper(in_days(-2)),)))
    ok(await stamps.decide(waiting["id"], "reject", reason="Giấy đã hết hạn"))


@pytest.mark.parametrize("order", ["as told", "in reverse"])
async def test_renewal_and_news_of_the_end_may_come_twice_and_in_any_order(
    stamps: Stamps, order: str
) -> None:
    facility_id = new_id()
    good = builders.product(facility_id)
    life = [
        builders.facility(facility_id, 1, certificates=(paper(in_days(-2)),)),
        expired(facility_id, 1),
        builders.facility(facility_id, 2, certificates=(paper(in_days(700)),)),
    ]
    await stamps.know(good)
    for event in life if order == "as told" else life[::-1]:
        await stamps.know(event)
        await stamps.tell(event)
    ok(await ask(stamps, Farm(facility_id, good.subject, "")), 201)


@pytest.mark.parametrize("food_safety", [True, False])
async def test_an_end_counts_where_the_passport_was_taken_in_before_it_told_of_papers(
    stamps: Stamps, food_safety: bool
) -> None:
    farm = await stamps.a_farm()
    await stamps.db.collection("facilities").update_one(
        {"_id": farm.facility}, {"$unset": {"papers": ""}}
    )
    event = expired(farm.facility, food_safety=food_safety)
    await stamps.know(event)
    await stamps.tell(event)
    if food_safety:
        refused(await ask(stamps, farm), 409, "food_safety_paper_expired")
    else:
        ok(await ask(stamps, farm), 201)
