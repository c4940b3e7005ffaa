"""Two communes become one: the officials of the new one see and decide what lay in the old one, in
every service, and every service names the place as it is called from then on (R1, ADR 20).

It changes the town for good, so it is told after everything else that happens there.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest_asyncio

from deploy.demo import acts, data
from deploy.demo.acts import Season
from deploy.demo.chapters.play import refusal
from deploy.demo.client import IDENTITY, RECALL, REGISTRY, REPORTING, STAMPS, Account
from deploy.demo.load import install_officials
from tests.journeys.test_out_everywhere import LIMIT_SECONDS, let_in
from tests.journeys.town import COMMUNE, SEEDS, Town
from tests.polling import eventually

NAME = "Na dai Đồi Nắng, giỏ 2 kg"
GTIN = "9529991234597"
NEIGHBOUR, STRANGER = "06862", "06688"
PLACE = "Xã Tiên An"


@dataclass(frozen=True)
class Officials:
    """Those of one commune."""

    system: Account
    checker: Account
    approver: Account
    reporter: Account
    operator: Account

    @property
    def all(self) -> tuple[Account, ...]:
        return (self.system, self.checker, self.approver, self.reporter, self.operator)


@dataclass(frozen=True)
class Left:
    """What lies in the commune that is merged: stamps of a lot, and what nobody has decided yet."""

    facility: str
    lot: str
    unchecked: Any
    batch: int
    code: str
    undecided: Any
    known: str


def officials(town: Town, place: str) -> Officials:
    names = ("hethong", "kiemtra", "duyet", "baocao", "vanhanh")
    return Officials(*(town.api.account(f"{place}.{one}", town.password) for one in names))


@pytest_asyncio.fixture(scope="module")
async def neighbours(town: Town) -> tuple[Officials, Officials]:
    """The commune that another is merged into, and one that has nothing to do with it."""
    whole = data.load(today=town.today)
    units = {NEIGHBOUR, STRANGER}
    more = replace(
        town.province,
        units=tuple(
            one for one in whole.units if one.key in {*units, *(u.key for u in town.province.units)}
        ),
        accounts=tuple(one for one in whole.accounts if one.unit in units),
    )
    await install_officials(more, town.password, SEEDS, town.running.layout.common_environment())
    return officials(town, "xa-tien-yen"), officials(town, "phuong-ha-long")


@pytest_asyncio.fixture(scope="module")
async def left(town: Town) -> Left:
    cast, season = town.cast, Season(town.today)
    product = await acts.enter_product(cast.operator, NAME, town.picture(), GTIN)
    product = await acts.submit(cast.operator, "products", product)
    product = await acts.decide(cast.checker, "products", product, "accept")
    await acts.decide(cast.approver, "products", product, "publish")
    areas = await cast.operator.get(f"{REGISTRY}/growing-areas?state=published")
    area = areas["items"][0]
    place = (area["published"]["name"], area["published"]["code"])
    lots = [
        await acts.enter_lot(
            cast.operator,
            product["id"],
            code,
            entries=acts.diary(season, *place),
            produced_on=season.harvested.isoformat(),
            growing_area_id=area["id"],
        )
        for code in ("HN-1", "HN-2")
    ]
    lot = await acts.check_lot(cast, lots[0])
    unchecked = await acts.submit(cast.operator, "lots", lots[1])
    request = await acts.ask_for_stamps(cast.operator, product["id"], 20)
    batch = await acts.approve_stamps(cast.stamp_officer, request)
    await acts.activate(cast.operator, batch, 0, 9, lot["id"])
    body = {
        "name": "Hộ Nguyễn Thị Mai",
        "address": "Thôn Đồi Nắng",
        "commune": COMMUNE,
        "sector": "agriculture",
        "facility_class": "commitment",
        "kinds": ["grower"],
        "source": "Rà soát 2026",
    }
    known = await officials(town, "phuong-an-sinh").operator.post(
        f"{REGISTRY}/known-facilities", body
    )
    return Left(
        facility=area["facility_id"],
        lot=lot["id"],
        unchecked=unchecked,
        batch=batch,
        code=(await acts.codes(cast.operator, batch, 0, 0))[0],
        undecided=await acts.ask_for_stamps(cast.operator, product["id"], 5),
        known=known["id"],
    )


async def test_who_answers_for_both_communes_decides_in_every_service(
    town: Town, left: Left, neighbours: tuple[Officials, Officials]
) -> None:
    new, stranger = neighbours
    old = officials(town, "phuong-an-sinh")
    for who in (new, stranger):
        await nothing_is_theirs(who, left)
    tokens = [await one._valid() for one in (old.checker, new.checker)]
    await merge(town)

    async def out() -> None:
        for token in tokens:
            assert not any((await let_in(town, token)).values())

    await eventually(out, LIMIT_SECONDS)
    await asyncio.gather(*(one.sign_in() for one in (*old.all, *new.all)))
    await all_is_theirs(new, left)
    await they_decide(town, new, left)
    await old_ones_work_for_the_new(old, left)
    await nothing_is_theirs(stranger, left)
    await every_service_names_the_place(town, new, left)


async def merge(town: Town) -> None:
    province = town.api.account("tinh.hethong", town.password)
    path = f"{IDENTITY}/units/{NEIGHBOUR}"
    body = {
        "version": (await province.get(path))["version"],
        "merged": [COMMUNE],
        "name": f"Ủy ban nhân dân {PLACE[:1].lower()}{PLACE[1:]}",
        "reason": "Nghị quyết 1679/NQ-UBTVQH15",
    }
    told = await province.post(f"{path}/merge", body)
    assert told["communes"] == [NEIGHBOUR, COMMUNE]


async def nothing_is_theirs(who: Officials, left: Left) -> None:
    """Another commune's records do not exist for these."""
    hidden = (
        f"{REGISTRY}/facilities/{left.facility}",
        f"{REGISTRY}/lots/{left.lot}",
        f"{REGISTRY}/known-facilities/{left.known}",
        f"{STAMPS}/batches/{left.batch}",
        f"{STAMPS}/requests/{left.undecided['id']}",
    )
    for path in hidden:
        assert (await refusal(who.approver.get(path))).status == 404, path
    assert (await refusal(acts.preview(who.approver, left.lot))).status == 404
    decided = acts.decide(who.checker, "lots", left.unchecked, "accept")
    assert (await refusal(decided)).status == 404
    figures = await who.reporter.get(f"{REPORTING}/statistics")
    assert (figures["facilities"], figures["lots"]) == (0, 0)
    assert (await who.checker.get(f"{REPORTING}/work"))["to_check"] == 0


async def all_is_theirs(who: Officials, left: Left) -> None:
    async def moved() -> None:
        record = await who.checker.get(f"{REGISTRY}/facilities/{left.facility}")
        assert record["published"]["commune"] == NEIGHBOUR
        one = await who.operator.get(f"{REGISTRY}/known-facilities/{left.known}")
        assert one["particulars"]["commune"] == NEIGHBOUR

    await eventually(moved)
    # An address that names the old commune means the one of today.
    found = await who.checker.get(f"{REGISTRY}/facilities?commune={COMMUNE}")
    assert left.facility in {one["id"] for one in found["items"]}
    assert (await who.approver.get(f"{STAMPS}/batches/{left.batch}"))["number"] == left.batch

    async def counted() -> None:
        figures = await who.reporter.get(f"{REPORTING}/statistics")
        assert figures["facilities"] == 1
        assert figures["lots"] >= 1
        assert figures["totals"]["stamps_activated"] >= 10
        assert (await who.checker.get(f"{REPORTING}/work"))["to_check"] >= 1

    await eventually(counted)


async def they_decide(town: Town, who: Officials, left: Left) -> None:
    unchecked = await who.checker.get(f"{REGISTRY}/lots/{left.unchecked['id']}")
    lot = await acts.decide(who.checker, "lots", unchecked, "accept")
    assert lot["state"] == "published"
    assert await acts.approve_stamps(who.approver, left.undecided)
    assert (await acts.until_verdict(town.api, left.code, "genuine"))["verdict"] == "genuine"
    radius = await acts.preview(who.approver, left.lot)
    assert [one["commune"] for one in radius["lots"]] == [PLACE]
    case = await acts.order_recall(who.approver, left.lot)
    shown = await acts.until_verdict(town.api, left.code, "recalled")
    assert shown["verdict"] == "recalled"
    found = await who.reporter.get(f"{RECALL}/recalls/{case['id']}")
    assert found["id"] == case["id"]


async def old_ones_work_for_the_new(old: Officials, left: Left) -> None:
    """No account answers for the old commune alone any more."""
    for one in old.all:
        me = await one.get(f"{IDENTITY}/me")
        assert (me["unit_id"], sorted(me["communes"])) == (NEIGHBOUR, [NEIGHBOUR, COMMUNE])
    assert (await old.approver.get(f"{STAMPS}/batches/{left.batch}"))["number"] == left.batch


async def every_service_names_the_place(town: Town, who: Officials, left: Left) -> None:
    public = await town.api.call("GET", f"{REGISTRY}/published/facilities?commune={COMMUNE}")
    assert {(one["commune"], one["commune_name"]) for one in public["items"]} == {
        (NEIGHBOUR, PLACE)
    }

    async def shown() -> None:
        told = await acts.verdict(town.api, left.code)
        facility = told["facility"]
        assert (facility["commune"], facility["commune_name"]) == (NEIGHBOUR, PLACE)
        assert told["growing_area"]["commune_name"] == PLACE

    await eventually(shown)
    headers = {"Cookie": f"txng_access={who.reporter._token}", "Accept": "text/html"}
    page = await town.api.send("GET", "/console/reporting", headers=headers)
    assert PLACE in page.text
    assert "Phường An Sinh" not in page.text
