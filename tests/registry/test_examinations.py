"""Lots made from a lot that failed: looked at, held back once confirmed, freed again."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.actions import examining
from services.registry.domain import testing as laboratory
from services.registry.domain.examining import Standing, opened
from services.registry.domain.records import Author, Owner
from services.registry.store import examinations, genealogy
from shared.contracts.registry import LotPublished
from shared.ids import new_id, now
from shared.mongo import transact
from tests.answers import ok, refused, token_in
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry

STANDINGS = (
    laboratory.Standing.WAITING,
    laboratory.Standing.CONFIRMED,
    laboratory.Standing.ALLOWED,
)
WHY = {"reason": "Phiếu số 12 của Trung tâm Kiểm nghiệm."}


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "code": facility["code"], "product": product["id"]}


@pytest.fixture
async def chain(registry: Registry, farm: dict[str, str]) -> list[str]:
    """A lot, one made from it, one made from that; and one on which the second was only used."""
    first = await registry.a_lot(farm["id"], farm["product"])
    second = await registry.a_lot(farm["id"], farm["product"], inputs=[first["id"]])
    third = await registry.a_lot(farm["id"], farm["product"], inputs=[second["id"]])
    spread = builders.entry(
        "input", "2026-07-02", kind="feed", name="Bã na", supply_lot=second["id"]
    )
    fed = await registry.a_lot(farm["id"], farm["product"], entries=[*builders.diary(), spread])
    return [one["id"] for one in (first, second, third, fed)]


async def fail(registry: Registry, lot_id: str) -> str:
    body = builders.laboratory("failed", value="0,2")
    return str(ok(await registry.post(f"/lots/{lot_id}/tests", body, registry.clerk()), 201)["id"])


async def decide(registry: Registry, result: str, decision: str) -> None:
    body = {"decision": decision, **WHY}
    ok(await registry.post(f"/tests/{result}/decisions", body, registry.checker()))


async def of(registry: Registry, lot_id: str) -> dict[str, Any] | None:
    found = ok(await registry.get("/examinations?waiting=false", registry.checker()))
    assert found["total"] < 200
    return await registry.db.collection("examinations").find_one({"lot_id": lot_id})


async def status(registry: Registry, lot_id: str) -> str:
    return str((await registry.events(lot_id, LotPublished))[-1].status)


async def until(registry: Registry, lots: dict[str, str]) -> None:
    """Until the newest passports say so."""

    async def told() -> bool:
        return {one: await status(registry, one) for one in lots} == lots

    await eventually(told)


async def test_a_result_that_nobody_confirmed_is_a_finding_below_and_suspends_nothing_there(
    registry: Registry, farm: dict[str, str], chain: list[str]
) -> None:
    await fail(registry, chain[0])
    await eventually(lambda: of(registry, chain[3]))
    assert [await status(registry, one) for one in chain] == ["examining", *["active"] * 3]
    for who in (registry.operator(farm["id"]), registry.checker()):
        browser = registry.browser(who)
        assert (
            "lô có kết quả kiểm nghiệm không đạt" in (await browser.get("/console/registry")).text
        )
        page = (await browser.get("/console/registry/examinations")).text
        assert "Vẫn dùng được" in page
        assert "Cần xem xét" in (await browser.get(f"/console/registry/lots/{chain[1]}")).text
    # Not held back: what was made from it may still go on.
    sale = {
        "end": "sale",
        "place": "Chợ",
        "lines": [{"lot": chain[1], "quantity": "1", "unit": "kg"}],
    }
    ok(await registry.post("/shipments", sale, registry.operator(farm["id"])), 201)


async def test_a_confirmed_result_suspends_what_it_is_in_and_a_lifted_one_frees_it(
    registry: Registry, farm: dict[str, str], chain: list[str]
) -> None:
    result = await fail(registry, chain[0])
    await decide(registry, result, "confirmed")
    unfit = dict(zip(chain, ("unfit", "source_unfit", "source_unfit", "active"), strict=True))
    await until(registry, unfit)
    fed = await of(registry, chain[3])
    assert fed is not None
    assert (fed["holds"], fed["standing"]) == (False, "open")
    operator = registry.operator(farm["id"])
    sale = {
        "end": "sale",
        "place": "Chợ",
        "lines": [{"lot": chain[2], "quantity": "1", "unit": "kg"}],
    }
    refused(await registry.post("/shipments", sale, operator), 409, "source_held_back")
    page = (
        await registry.browser(operator).get(f"/console/registry/lots/{chain[0]}/genealogy")
    ).text
    assert "Tem tạm ngừng" in page
    await decide(registry, result, "allowed")
    await until(registry, dict.fromkeys(chain, "active"))
    again = await of(registry, chain[2])
    assert again is not None
    assert again["standing"] == "lifted"


async def test_an_official_clears_or_condemns_one_lot_with_a_reason_and_that_word_stays(
    registry: Registry, farm: dict[str, str], chain: list[str]
) -> None:
    result = await fail(registry, chain[0])
    await decide(registry, result, "confirmed")
    await until(registry, {chain[1]: "source_unfit", chain[2]: "source_unfit"})
    ids = {}
    for lot_id in chain[1:]:
        row = await of(registry, lot_id)
        assert row is not None
        ids[lot_id] = row["_id"]
    path = f"/examinations/{ids[chain[1]]}/decisions"
    silent = {"decision": "cleared"}
    refused(await registry.post(path, silent, registry.checker()), 422, "reason_missing")
    mine = registry.operator(farm["id"])
    refused(await registry.post(path, {**silent, **WHY}, mine), 403, "forbidden")
    stranger = registry.checker(builders.OTHER_COMMUNE)
    refused(await registry.post(path, {**silent, **WHY}, stranger), 404, "not_found")
    browser = registry.browser(registry.checker())
    here = f"/console/registry/examinations/{ids[chain[1]]}"
    form = {"csrf": token_in((await browser.get(here)).text), "decision": "cleared"}
    back = await browser.post(f"{here}/decide", data=form)
    assert back.status_code == 422
    sent = await browser.post(f"{here}/decide", data={**form, **WHY})
    assert sent.status_code == 303, sent.text
    again = await registry.post(path, {**silent, **WHY}, registry.checker())
    refused(again, 409, "examination_over")
    condemned = {"decision": "confirmed", **WHY}
    other = f"/examinations/{ids[chain[2]]}/decisions"
    ok(await registry.post(other, condemned, registry.checker()))
    assert await status(registry, chain[1]) == "active"
    assert await status(registry, chain[2]) == "unfit"
    await decide(registry, result, "allowed")
    await until(registry, {chain[0]: "active", chain[1]: "active", chain[2]: "unfit"})


async def test_a_lot_published_after_the_confirmation_is_born_suspended(
    registry: Registry, farm: dict[str, str]
) -> None:
    source = await registry.a_lot(farm["id"], farm["product"])
    between = await registry.a_lot(farm["id"], farm["product"], inputs=[source["id"]])
    operator = registry.operator(farm["id"])
    body = builders.lot(
        farm["product"], code=new_id()[-12:], inputs=[between["id"]], entries=builders.diary()
    )
    late = await registry.entered("lots", body, operator)
    await registry.submitted("lots", late["id"], operator)
    result = await fail(registry, source["id"])
    await decide(registry, result, "confirmed")
    ok(await registry.decide("lots", late["id"], "accept", registry.checker()))
    [passport] = await registry.events(late["id"], LotPublished)
    assert passport.status == "source_unfit"


async def test_telling_it_again_or_out_of_order_changes_nothing(
    registry: Registry, chain: list[str]
) -> None:
    result = await fail(registry, chain[0])
    await decide(registry, result, "confirmed")
    await until(registry, {chain[2]: "source_unfit"})
    told = len(await registry.events(chain[2], LotPublished))
    late = examinations.Spread(result, 1, now() - timedelta(minutes=1))
    for _ in range(3):
        await examining.tell_all(registry.db, late, now())
    assert len(await registry.events(chain[2], LotPublished)) == told
    rows = registry.db.collection("examinations")
    assert await rows.count_documents({"lot_id": chain[2], "result_id": result}) == 1


async def test_rows_of_kin_kept_before_they_knew_inputs_gain_them_at_the_start(
    registry: Registry, chain: list[str]
) -> None:
    kin = registry.db.collection(genealogy.KIN)
    await kin.update_many({}, {"$unset": {"inputs": ""}})
    await registry.db.collection(genealogy.LOCKS).delete_one({"_id": genealogy.FILLED})
    assert await genealogy.downstream(registry.db, chain[0], supplies=False) == []
    await genealogy.prepare(registry.db)
    below = await genealogy.downstream(registry.db, chain[0], supplies=False)
    assert [one.id for one in below] == [chain[1], chain[2]]


async def test_work_that_was_left_is_taken_up_and_settles_after_late_publications(
    registry: Registry, chain: list[str]
) -> None:
    result = await fail(registry, chain[0])
    await eventually(lambda: of(registry, chain[1]))
    spreads = registry.db.collection(examinations.SPREADS)
    row = await spreads.find_one({"_id": result})
    assert row is not None
    assert row["settled"] is False
    spread = examinations.Spread(result, row["turn"], now() - 2 * examinations.SETTLES)
    await examinations.looked(registry.db, spread, now())
    assert (await spreads.find_one({"_id": result}) or {})["settled"] is True
    await transact(registry.db, lambda tx: examinations.begin(tx, result, now()))
    assert (await spreads.find_one({"_id": result}) or {})["settled"] is False


def a_result(standing: laboratory.Standing) -> laboratory.TestResult:
    nobody = Author("a", "", "", "")
    return laboratory.TestResult(
        id="r",
        lot_id="s",
        owner=Owner("f", "", "", "", ""),
        version=1,
        sample="",
        sampled_on=now().date(),
        laboratory="",
        parameter="",
        value="",
        verdict=laboratory.Verdict.FAILED,
        by=nobody,
        entered_at=now(),
        standing=standing,
    )


@given(
    st.booleans(),
    st.lists(
        st.sampled_from(
            [
                laboratory.Standing.WAITING,
                laboratory.Standing.CONFIRMED,
                laboratory.Standing.ALLOWED,
            ]
        ),
        min_size=1,
    ),
)
def test_nothing_is_held_back_but_what_a_confirmed_result_is_in(
    made_from_it: bool, standings: list[laboratory.Standing]
) -> None:
    first = a_result(standings[0])
    one = opened(
        "l", "L", Owner("f", "", "", "", ""), first, "S", made_from_it=made_from_it, now=now()
    )
    for standing in standings:
        one = one.following(a_result(standing), now())
    confirmed = standings[-1] is laboratory.Standing.CONFIRMED
    assert one.holds_back == (made_from_it and confirmed)
    assert (one.standing is Standing.LIFTED) == (standings[-1] is laboratory.Standing.ALLOWED)
