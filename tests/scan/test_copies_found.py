"""Each rule finds a copy through the real recorder; sales as the real stamps service tells them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from services.scan.desk.main import build
from services.scan.store import suspicions, uses
from services.stamps.actions.selling import report_sold, take_back
from shared.auth import Principal
from shared.contracts.stamps import IntervalsChanged
from shared.ids import new_id, now
from shared.mongo import Database
from shared.settings import Settings
from tests import in_process
from tests.answers import ok
from tests.polling import eventually
from tests.scan.desk import AWAY, CONSOLE, HOME_COMMUNE, Desk
from tests.scan.test_copies import read_from
from tests.scan.test_desk import desk_settings
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World
from tests.stamps.conftest import Farm, Stamps, running, stamps_settings

# As many neighbourhoods as make a suspicion of a sold stamp, and of no other, together with the
# test itself, which asks for the verdict.
READERS = 7


@pytest.fixture(scope="module")
async def db(world: World) -> AsyncIterator[Database]:
    made = Database(world.settings.mongo_url, world.settings.database("scan"), "scan")
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def stamps(world: World, settings: Settings) -> AsyncIterator[Stamps]:
    """The real stamps service beside its feed."""
    async with running(stamps_settings(settings)) as found:
        yield found


@pytest.fixture(scope="module")
async def desk(world: World, scans: Scans) -> AsyncIterator[Desk]:
    made = desk_settings(world.settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@dataclass(frozen=True)
class OnSale:
    """Stamps in use, of a batch that the stamps service has issued."""

    farm: Farm
    batch: int
    seller: Principal


async def on_sale(world: World, stamps: Stamps, scans: Scans) -> OnSale:
    goods = Goods()
    passports = goods.passports()
    await world.tell(*passports)
    await stamps.taken_in(*passports)
    farm = Farm(goods.facility, goods.product, goods.lot)
    batch = await stamps.a_batch(farm, 100)
    ok(await stamps.activate(batch, 0, 99, farm.lot, stamps.operator(farm.facility)))
    await becomes(scans, batch, 1, "genuine")
    kinds = frozenset({"operate"})
    return OnSale(farm, batch, Principal("a", "A", "facility", kinds, "u", "s", farm.facility))


async def sold(stamps: Stamps, goods: OnSale, serial: int, days_ago: int) -> IntervalsChanged:
    """The facility has reported the sale so many days ago."""
    at = now() - timedelta(days=days_ago)
    of = goods.batch
    await report_sold(of, first=serial, last=serial, who=goods.seller, db=stamps.db, now=at)
    told: list[IntervalsChanged] = await stamps.events(str(goods.batch), IntervalsChanged)
    return next(one for one in told if one.change == "sold" and one.first == serial)


async def noted(db: Database, goods: OnSale, serial: int) -> None:
    async def there() -> bool:
        wanted = {"batch": goods.batch, "first": serial, "change": uses.SOLD}
        return await db.collection(uses.USES).count_documents(wanted) == 1

    await eventually(there)


async def rules_found(db: Database, batch: int, serial: int) -> list[str]:
    found = await suspicions.of(db, [(batch, serial)])
    one = found.get((batch, serial))
    return [finding.rule for finding in one.findings] if one else []


async def told_at_desk(desk: Desk, batch: int, serial: int) -> str:
    page = await desk.browser(desk.approver()).get(f"{CONSOLE}/suspicions/{batch}/{serial}")
    assert page.status_code == 200
    return page.text


async def test_strangers_who_read_a_stamp_after_its_reported_sale_make_it_a_suspected_copy(
    world: World, scans: Scans, stamps: Stamps, desk: Desk, db: Database
) -> None:
    goods = await on_sale(world, stamps, scans)
    await sold(stamps, goods, 2, days_ago=2)
    await noted(db, goods, 2)
    await read_from(scans, goods.batch, 3, range(READERS))
    await read_from(scans, goods.batch, 2, range(READERS))
    await becomes(scans, goods.batch, 2, "suspect_copy")
    assert await rules_found(db, goods.batch, 2) == ["after_sale"]
    assert (await scans.verdict(goods.batch, 2))["because"] == "scans"
    assert "Nghi là tem sao chép" in await scans.page(goods.batch, 2)
    text = await told_at_desk(desk, goods.batch, 2)
    assert f"{READERS + 1} nguồn vẫn quét tem sau khi cơ sở báo món hàng đã bán" in text
    # As many readers of a stamp that nobody has sold are nothing.
    assert (await scans.verdict(goods.batch, 3))["verdict"] == "genuine"


async def test_a_sale_of_today_is_no_ground_yet(
    world: World, scans: Scans, stamps: Stamps, db: Database
) -> None:
    goods = await on_sale(world, stamps, scans)
    await sold(stamps, goods, 4, days_ago=0)
    await sold(stamps, goods, 5, days_ago=2)
    await noted(db, goods, 4)
    await noted(db, goods, 5)
    await read_from(scans, goods.batch, 4, range(READERS))
    await read_from(scans, goods.batch, 5, range(READERS))
    await becomes(scans, goods.batch, 5, "suspect_copy")  # By then the other was judged too.
    assert await rules_found(db, goods.batch, 4) == []


async def test_a_sale_that_is_heard_of_after_its_scans_and_twice_counts_once(
    world: World, scans: Scans, stamps: Stamps, db: Database
) -> None:
    goods = await on_sale(world, stamps, scans)
    await read_from(scans, goods.batch, 6, range(READERS - 1))
    told = await sold(stamps, goods, 6, days_ago=2)
    await stamps.tell(told, told)
    await noted(db, goods, 6)
    assert (await scans.verdict(goods.batch, 6))["verdict"] == "genuine"
    await read_from(scans, goods.batch, 6, range(READERS - 1, READERS))
    await becomes(scans, goods.batch, 6, "suspect_copy")
    await stamps.tell(told)
    await read_from(scans, goods.batch, 6, range(READERS, READERS + 1))
    found = (await suspicions.of(db, [(goods.batch, 6)]))[goods.batch, 6]
    assert [one.rule for one in found.findings] == ["after_sale"]
    assert found.version == 1
    await noted(db, goods, 6)


async def test_a_sale_that_was_taken_back_is_forgotten_whichever_is_heard_of_first(
    world: World, scans: Scans, stamps: Stamps, db: Database
) -> None:
    goods = await on_sale(world, stamps, scans)
    told = await sold(stamps, goods, 8, days_ago=2)
    await noted(db, goods, 8)
    await take_back(
        goods.batch, told.version - 1, reason="Nhầm", who=goods.seller, db=stamps.db, now=now()
    )

    async def forgotten() -> bool:
        wanted = {"batch": goods.batch, "first": 8, "change": uses.SOLD}
        return await db.collection(uses.USES).count_documents(wanted) == 0

    await eventually(forgotten)
    await sold(stamps, goods, 9, days_ago=2)
    await stamps.tell(told)  # The sale once more, after it was taken back.
    await noted(db, goods, 9)
    await read_from(scans, goods.batch, 8, range(READERS))
    await read_from(scans, goods.batch, 9, range(READERS))
    await becomes(scans, goods.batch, 9, "suspect_copy")  # By then the other was judged too.
    assert await rules_found(db, goods.batch, 8) == []
    assert await forgotten()
    early = told.model_copy(update={"id": new_id(), "first": 11, "last": 11, "version": 90})
    back = {"id": new_id(), "change": "unsold", "undoes": 90, "version": 91}
    await stamps.tell(early.model_copy(update=back), early)
    await sold(stamps, goods, 12, days_ago=2)
    await noted(db, goods, 12)
    kept = await db.collection(uses.USES).find_one({"_id": f"{goods.batch}/90"})
    assert kept is not None
    assert kept["change"] == uses.UNSOLD


# The serial that is read, from which neighbourhoods in which commune, of what goods, and the words.
RULES: dict[str, tuple[int, dict[str, range], dict[str, Any], str]] = {
    "impossible_travel": (
        7,
        {HOME_COMMUNE: range(3), AWAY: range(3, 6)},
        {},
        "km/giờ không đi kịp",
    ),
    "far_from_sales": (7, {AWAY: range(40)}, {}, "mọi nơi nhận hàng tới"),
    "long_after": (7, {AWAY: range(8)}, {"expires_on": date(2026, 1, 1)}, "quét tem muộn hơn"),
    "before_activation": (700, {AWAY: range(9)}, {}, "khi tem chưa được kích hoạt"),
}


@pytest.mark.parametrize("rule", RULES)
async def test_every_other_rule_finds_its_copy_and_the_desk_says_why(
    world: World, scans: Scans, desk: Desk, db: Database, rule: str
) -> None:
    serial, readers, changes, words = RULES[rule]
    goods = Goods(**changes)
    await world.tell(*goods.events())
    before = {"long_after": "expired", "before_activation": "not_activated"}.get(rule, "genuine")
    await becomes(scans, goods.batch, serial, before)
    for commune, prefixes in readers.items():
        await read_from(scans, goods.batch, serial, prefixes, commune)
    await becomes(scans, goods.batch, serial, "suspect_copy")
    assert rule in await rules_found(db, goods.batch, serial)
    assert words in await told_at_desk(desk, goods.batch, serial)
    assert "Nghi là tem sao chép" in await scans.page(goods.batch, serial)
