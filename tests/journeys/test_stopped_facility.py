"""A stopped facility is out as a whole, its accounts and its stamps, and all of it returns (R7)."""

from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from deploy.demo import acts
from deploy.demo.acts import Season
from deploy.demo.chapters.play import refusal
from deploy.demo.client import IDENTITY, REGISTRY, STAMPS, Account
from tests.journeys.test_out_everywhere import LIMIT_SECONDS, let_in
from tests.journeys.town import Town
from tests.polling import eventually

NAME = "Na bở Đồi Nắng, hộp 1 kg"
GTIN = "9529991234580"
WHY = "Không còn đủ điều kiện vệ sinh"
OPERATOR = "htx-na-doi-nang.vanhanh"


@dataclass(frozen=True)
class Farm:
    """The town's facility with stamps of a product of its own: the first ten are active, five more
    are asked for and not decided yet."""

    facility: str
    product: str
    batch: int
    lot: str
    active: str
    blank: str
    pending: Any


@pytest_asyncio.fixture(scope="module")
async def farm(town: Town) -> Farm:
    cast, season = town.cast, Season(town.today)
    product = await acts.enter_product(cast.operator, NAME, town.picture(), GTIN)
    product = await acts.submit(cast.operator, "products", product)
    product = await acts.decide(cast.checker, "products", product, "accept")
    await acts.decide(cast.approver, "products", product, "publish")
    areas = await cast.operator.get(f"{REGISTRY}/growing-areas?state=published")
    area = areas["items"][0]
    lot = await acts.enter_lot(
        cast.operator,
        product["id"],
        "NB-7",
        entries=acts.diary(season, area["published"]["name"], area["published"]["code"]),
        produced_on=season.harvested.isoformat(),
        growing_area_id=area["id"],
    )
    lot = await acts.check_lot(cast, lot)
    request = await acts.ask_for_stamps(cast.operator, product["id"], 20)
    batch = await acts.approve_stamps(cast.stamp_officer, request)
    await acts.activate(cast.operator, batch, 0, 9, lot["id"])
    codes = await acts.codes(cast.operator, batch, 0, 10)
    return Farm(
        facility=area["facility_id"],
        product=product["id"],
        batch=batch,
        lot=lot["id"],
        active=codes[0],
        blank=codes[10],
        pending=await acts.ask_for_stamps(cast.operator, product["id"], 5),
    )


async def test_a_stopped_facility_is_out_with_its_accounts_and_stamps_and_all_return(
    town: Town, farm: Farm
) -> None:
    officer, path = town.cast.approver, f"{REGISTRY}/facilities/{farm.facility}"
    token = await signed_in(town)
    assert all((await let_in(town, token)).values())
    await stamps_say(town, farm, active="genuine", blank="not_activated")
    await officer.post(f"{path}/stop", {"reason": WHY})
    try:
        await accounts_are_out(town, token)
        await nothing_is_issued(town, farm)
        await stamps_say(town, farm, active="suspended", blank="suspended")
        await the_page_names_the_stop(town, farm)
    finally:
        await officer.post(f"{path}/resume", {"reason": "Đã khắc phục, kiểm tra lại đạt"})
        await accounts_are_back(town)
    await stamps_say(town, farm, active="genuine", blank="not_activated")
    assert await acts.approve_stamps(town.cast.stamp_officer, farm.pending)
    await acts.activate(town.cast.operator, farm.batch, 10, 10, farm.lot)


async def signed_in(town: Town) -> str:
    """A session of the facility's own account."""
    given = {"username": OPERATOR, "password": town.password}
    return str((await town.api.call("POST", f"{IDENTITY}/tokens", json=given))["access_token"])


async def accounts_are_out(town: Town, token: str) -> None:
    """Who is signed in leaves every API and page; nobody signs in."""

    async def out() -> None:
        known = await let_in(town, token)
        assert not any(known.values()), known

    await eventually(out, LIMIT_SECONDS)
    account = await account_of(town)
    assert (account["status"], account["holds"]) == ("suspended", ["facility_stopped"])
    given = {"username": OPERATOR, "password": town.password}
    answer = await refusal(town.api.call("POST", f"{IDENTITY}/tokens", json=given))
    assert answer.status in (401, 403), answer


async def accounts_are_back(town: Town) -> None:
    """The session ended for good; a new one is begun, for the tests that follow too."""

    async def active() -> bool:
        account = await account_of(town)
        return (account["status"], account["holds"]) == ("active", [])

    await eventually(active)
    await town.cast.operator.sign_in()


async def account_of(town: Town) -> Any:
    """As the system account of the facility's commune sees it."""
    system: Account = town.api.account("phuong-an-sinh.hethong", town.password)
    found = await system.get(f"{IDENTITY}/accounts?q={OPERATOR}")
    return next(one for one in found["items"] if one["username"] == OPERATOR)


async def nothing_is_issued(town: Town, farm: Farm) -> None:
    """Neither what was asked for before, nor what the commune asks for on its behalf."""
    path = f"{STAMPS}/requests/{farm.pending['id']}/decision"
    decided = town.cast.stamp_officer.post(path, {"decision": "approve"})
    assert (await refusal(decided)).code == "facility_not_active"
    clerk = town.api.account("phuong-an-sinh.vanhanh", town.password)
    body = {"product_id": farm.product, "quantity": 5}
    asked = await refusal(clerk.post(f"{STAMPS}/requests", body))
    assert asked.code == "facility_not_active"


async def stamps_say(town: Town, farm: Farm, *, active: str, blank: str) -> None:
    """Within seconds, through nginx and at each replica."""
    for base in ("", *town.replicas.values()):
        for code, wanted in ((farm.active, active), (farm.blank, blank)):
            shown = await acts.until_verdict(town.api, code, wanted, base=base, seconds=30)
            assert shown["verdict"] == wanted, (base, shown)


async def the_page_names_the_stop(town: Town, farm: Farm) -> None:
    shown = await acts.verdict(town.api, farm.active)
    assert [one["kind"] for one in shown["holds"]] == ["facility_stopped"]
    page = await acts.page(town.api, farm.active)
    assert "Tem đang bị tạm ngừng" in page
    assert "Cơ sở đã ngừng hoạt động" in page
