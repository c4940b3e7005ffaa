"""Early warning about goods: kept at a wrong temperature, stamped under an expired paper, or more
than there were."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.actions import signal_goods, signal_papers
from services.recall.domain.amounts import Made
from services.recall.domain.signals.balance import excess
from services.recall.store import signal_facts
from services.recall.store import signal_goods as store_of_goods
from services.recall.store.signal_facts import FACTS, LOTS
from services.recall.store.signal_goods import STAMPED
from services.recall.store.signal_works import WORKS
from shared.contracts.event import Event
from shared.contracts.registry import TemperatureMeasured
from shared.contracts.stamps import IntervalsChanged
from shared.days import today
from shared.ids import now
from shared.mongo import Tx, transact
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import facility, lot, product, shipment
from tests.recall.conftest import Recall
from tests.recall.test_signals import HOME, paper, settled, signal


def measured(id_: str, celsius: str, version: int = 1, **more: Any) -> TemperatureMeasured:
    given: dict[str, Any] = {"lowest": Decimal(0), "highest": Decimal(4), **more}
    return TemperatureMeasured(
        subject=id_,
        version=version,
        time=now(),
        lot_id=given.pop("lot_id", "sgt-lot"),
        product_id="p1",
        facility_id=given.pop("facility_id", "f1"),
        step=given.pop("step", "storing"),
        at=given.pop("at", now()),
        celsius=Decimal(celsius),
        **given,
    )


def activated(lot_id: str, count: int, version: int, facility_id: str = "f1") -> IntervalsChanged:
    return IntervalsChanged(
        subject=f"9{facility_id[-1]}",
        version=version,
        time=now(),
        batch=int(f"9{version}"),
        facility_id=facility_id,
        product_id="p1",
        first=0,
        last=count - 1,
        count=count,
        change="activate",
        lot=lot_id,
    )


async def fact(recall: Recall, id_: str, **wanted: Any) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        rows = recall.db.collection(FACTS).find({"_id": id_, **wanted})
        found[:] = [row async for row in rows]
        return bool(found)

    await eventually(there)
    return found[0]


async def test_two_temperatures_outside_of_what_the_product_asks_for_are_told(
    province: Recall,
) -> None:
    await province.know(lot("sgt-lot"))
    inside = [measured("sgt-in", "4"), measured("sgt-none", "30", lowest=None, highest=None)]
    await province.tell(*inside, measured("sgt-1", "6.5"), measured("sgt-1", "6.5"))
    await settled(province, "temperature:sgt-1")
    assert not await province.db.collection(FACTS).count_documents({"_id": "temperature:sgt-in"})
    more: dict[str, Any] = {"step": "transporting", "shipment_id": "ship-1"}
    await province.tell(measured("sgt-2", "-7", **more))
    found = await signal(province, key="temperature_excursion|f1", state="open")
    assert (found["count"], found["severity"]) == (2, "serious"), "seven degrees too cold"
    page = (await province.browser(province.token()).get(f"{HOME}/{found['_id']}")).text
    for shown in ("6,5 °C (0–4 °C), khi lưu kho", "/console/registry/shipments/ship-1", "SGT-LOT"):
        assert shown in page
    # Written by mistake, and struck; told before what it strikes, and once more after.
    await province.tell(measured("sgt-2", "-7", 2, struck=True, **more))
    await signal(province, key="temperature_excursion|f1", state="subsided")
    await province.tell(measured("sgt-2", "-7", **more))
    await settled(province, "temperature:sgt-2")
    await signal(province, key="temperature_excursion|f1", state="subsided")


async def test_one_reading_on_a_vehicle_is_one_however_many_lots_are_in_it(
    province: Recall,
) -> None:
    read: dict[str, Any] = {"facility_id": "f3", "step": "transporting", "at": now()}
    await province.tell(*(measured(f"sgv/{n}", "9", lot_id=f"sgv{n}", **read) for n in range(3)))
    await settled(province, "temperature:sgv/2")
    later = measured("sgv-2", "9", facility_id="f3")
    await province.tell(later)
    found = await signal(province, key="temperature_excursion|f3", state="open")
    assert (found["count"], len(found["facts"])) == (2, 4)


async def test_two_readings_of_one_minute_are_two_and_one_that_is_told_twice_is_one(
    province: Recall,
) -> None:
    owner, at = "f-sgx", now()
    one, again, other = (measured(f"sgx-{n}", "9", facility_id=owner, at=at) for n in "aab")
    await province.tell(one, again)
    await province.repeat(one)
    await settled(province, "temperature:sgx-a")
    key = f"temperature_excursion|{owner}"
    assert not await province.db.collection("signals").count_documents({"key": key})
    await province.tell(other)
    found = await signal(province, key=key, state="open")
    assert (found["count"], len(found["facts"])) == (2, 2)


async def test_a_temperature_on_its_way_names_the_shipment(province: Recall) -> None:
    await province.know(lot("sgw"), shipment("sgw-1", "sgw", code="XK-0815"))
    read: dict[str, Any] = {"facility_id": "f2", "step": "transporting", "lot_id": "sgw"}
    for n in (1, 2):
        await province.tell(measured(f"sgw{n}/sgw", "9", shipment_id=f"sgw-{n}", **read))
    found = await signal(province, key="temperature_excursion|f2", state="open")
    for lang, shown, unknown in (
        ("vi", "trên xe, chuyến hàng XK-0815<", "trên xe<"),
        ("en", ", shipment XK-0815<", "°C)"),
    ):
        browser = province.browser(province.token(), **{"Accept-Language": lang})
        page = (await browser.get(f"{HOME}/{found['_id']}")).text
        assert shown in page
        assert unknown in page, "of one that is not known nothing is named"


@pytest.mark.parametrize("first", ["paper", "stamps"])
async def test_stamps_that_are_activated_under_an_expired_paper_are_told_whichever_came_first(
    province: Recall, first: str
) -> None:
    owner, name = f"fa-{first}", f"sga-{first}"
    over = facility(owner, certificates=(paper(today() - timedelta(days=40)),))
    made = lot(name, owner, "p1", produced_on=today() - timedelta(days=60))
    stamps = activated(name, 10, 50 + len(first), owner)
    told: list[Event] = [over, made, stamps] if first == "paper" else [stamps, made, over]
    for one in told:
        await province.tell(one)
    found = await signal(province, key=f"expired_certificate|{owner}", state="open")
    assert [(one["lot_id"], one["what"]) for one in found["facts"]] == [(name, "stamped")]
    assert found["severity"] == "serious", "more than thirty days"
    renewed = paper(today() + timedelta(days=9), today() - timedelta(days=2), "ATTP-2")
    old = paper(today() - timedelta(days=40))
    await province.tell(facility(owner, version=2, certificates=(old, renewed)))
    await signal(province, key=f"expired_certificate|{owner}", state="subsided")


async def test_more_sent_off_than_was_made_is_told_and_what_came_back_is_not_counted(
    province: Recall,
) -> None:
    await province.know(lot("sgb"), shipment("sgb-1", "sgb", quantity=Decimal(60)))
    more = shipment("sgb-2", "sgb", quantity=Decimal(60), kind="sale", to="")
    await province.know(more, shipment("sgb-3", "sgb", "f3", sender="f2", quantity=Decimal(60)))
    found = await signal(province, key="more_than_made|sgb", state="open")
    [one] = found["facts"]
    assert (one["label"], one["over"], one["what"]) == ("120 / 100 kg", 20.0, "sent")
    assert found["severity"] == "serious", "a fifth of what was made"
    seen = ok(await province.get(f"/signals/{found['_id']}"))
    assert seen["facts"][0]["label"] == "120 / 100 kg"
    href = f"/console/recall/radius?target_kind=lot&amp;target=sgb&amp;signal={found['_id']}"
    browser = province.browser(province.token())
    assert href in (await browser.get(f"{HOME}/{found['_id']}")).text
    await province.know(more.model_copy(update={"version": 2, "status": "cancelled"}))
    await signal(province, key="more_than_made|sgb", state="subsided")


async def test_a_lot_that_left_a_shipment_is_judged_anew(province: Recall) -> None:
    """It was written on the wrong line, and 130 kg of another lot were sent."""
    told = shipment("sgl-1", "sgl", quantity=Decimal(130))
    await province.know(lot("sgl"), lot("sgl-b"), told)
    await signal(province, key="more_than_made|sgl", state="open")
    other = shipment("sgl-1", "sgl-b", quantity=Decimal(130)).model_copy(update={"version": 2})
    await province.know(other)
    await signal(province, key="more_than_made|sgl-b", state="open")
    await signal(province, key="more_than_made|sgl", state="subsided")


async def test_a_lot_of_another_product_than_before_is_judged_by_that(province: Recall) -> None:
    """However often the product was changed that it was entered under."""
    half, whole = Decimal("0.5"), Decimal(1)
    often = [product("p-sgp", "f1", version=n, content_kilograms=whole) for n in range(1, 6)]
    await province.know(*often, product("p-sgq", "f1", content_kilograms=half))
    await province.know(lot("sgp", "f1", "p-sgp"))
    await province.tell(activated("sgp", 190, 901))
    await fact(province, "balance:sgp", active=True)
    await province.know(lot("sgp", "f1", "p-sgq", version=2))
    await fact(province, "balance:sgp", active=False)


async def test_stamps_of_a_lot_that_was_entered_by_mistake_are_no_evidence(
    province: Recall,
) -> None:
    over, made = paper(today() - timedelta(days=20)), today() - timedelta(days=40)
    await province.know(facility("fsm", certificates=(over,)))
    await province.know(lot("sgm", "fsm", "p1", produced_on=made))
    await province.tell(activated("sgm", 5, 902, "fsm"))
    await signal(province, key="expired_certificate|fsm", state="open")
    await province.know(lot("sgm", "fsm", "p1", produced_on=made, version=2, status="withdrawn"))
    await signal(province, key="expired_certificate|fsm", state="subsided")


async def test_a_large_maker_is_judged_page_by_page(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest: list[int] = []

    def small(of: Any, name: str) -> None:
        whole = getattr(of, name)

        async def page(tx: Any, rows: Any) -> None:
            largest.append(len(rows))
            await whole(tx, rows)

        monkeypatch.setattr(of, name, page)

    made, owner = today() - timedelta(days=5), "fsp"
    names = [f"sgpp{n}" for n in range(7)]
    await province.know(facility(owner), product("p-sgpp", owner, content_kilograms=Decimal("0.5")))
    await province.know(*(lot(name, owner, "p-sgpp", produced_on=made) for name in names))
    await province.tell(*(activated(n, 190, 910 + i, owner) for i, n in enumerate(names)))

    async def stamps_are_here() -> bool:
        told = province.db.collection(STAMPED)
        return await told.count_documents({"lot_id": {"$in": names}}) == len(names)

    await eventually(stamps_are_here)
    monkeypatch.setattr(signal_goods, "PAGE", 2)
    monkeypatch.setattr(signal_papers, "PAGE", 2)
    for of, name in ((signal_goods, "judge"), (signal_papers, "judge_made")):
        small(of, name)
    over = paper(today() - timedelta(days=20))
    heavy = product("p-sgpp", owner, version=2, content_kilograms=Decimal("0.1"))
    await province.know(heavy, facility(owner, version=2, certificates=(over,)))
    await fact(province, f"activated:{names[-1]}/{today()}", active=True)
    found = await signal(province, key=f"expired_certificate|{owner}", state="open", count=7)
    assert {one["what"] for one in found["facts"]} == {"made", "stamped"}
    there: dict[str, Any] = {"places.commune": "07109", "state": "open"}
    await province.know(facility(owner, version=3, commune="07109", certificates=(over,)))
    await signal(province, key=f"expired_certificate|{owner}", **there)
    await province.know(facility(owner, version=4, commune="07109"))
    await signal(province, key=f"expired_certificate|{owner}", state="subsided")

    async def worked_off() -> bool:
        return not await province.db.collection(WORKS).count_documents({})

    await eventually(worked_off)
    assert largest
    assert max(largest) <= 2


async def test_a_lot_that_was_stamped_very_often_hides_no_other(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, owner = today() - timedelta(days=5), "fso"
    names = [f"sgso{n}" for n in range(3)]
    await province.know(facility(owner), product("p-sgso", owner))
    await province.know(*(lot(name, owner, "p-sgso", produced_on=made) for name in names))
    acts = [names[0]] * 12 + names[1:]
    await province.tell(*(activated(name, 1, 950 + i, owner) for i, name in enumerate(acts)))

    async def stamps_are_here() -> bool:
        told = province.db.collection(STAMPED)
        return await told.count_documents({"lot_id": {"$in": names}}) == len(acts)

    await eventually(stamps_are_here)
    monkeypatch.setattr(signal_papers, "PAGE", 8)
    over = paper(today() - timedelta(days=20))
    await province.know(facility(owner, version=2, certificates=(over,)))
    for name in names:
        await fact(province, f"activated:{name}/{today()}", active=True)


async def test_of_more_lots_than_fit_none_is_read_before_they_are_left_to_the_sweep(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, owner = today() - timedelta(days=5), "fsr"
    read: list[str] = []
    names = [f"sgr{n}" for n in range(3)]
    await province.know(facility(owner), product("p-sgr", owner))
    await province.know(*(lot(name, owner, "p-sgr", produced_on=made) for name in names))
    await province.tell(*(activated(name, 1, 980 + n, owner) for n, name in enumerate(names)))

    async def all_is_here() -> bool:
        found = [
            await province.db.collection(name).count_documents({"facility_id": owner})
            for name in (LOTS, STAMPED)
        ]
        return found == [len(names)] * 2

    await eventually(all_is_here)
    for of, name in (
        (signal_facts, "lots_from"),
        (store_of_goods, "lots_stamped"),
        (store_of_goods, "days_stamped"),
    ):
        monkeypatch.setattr(of, name, noted(getattr(of, name), name, read))
    claimed = {"number": "A", "since": str(made - timedelta(days=9))}
    row = {"_id": owner, "papers": [{**claimed, "until": str(made - timedelta(days=1))}]}

    async def hears(tx: Tx) -> None:
        await signal_papers.hear_facilities(tx, [row], {})

    monkeypatch.setattr(signal_papers, "PAGE", 5)
    await transact(province.db, hears)
    begun = list(read)
    assert begun == []
    monkeypatch.setattr(signal_papers, "PAGE", 6)
    await transact(province.db, hears)
    assert {"lots_from", "days_stamped"} <= set(read)


def noted(whole: Any, name: str, into: list[str]) -> Any:
    async def read(*given: Any, **more: Any) -> Any:
        into.append(name)
        return await whole(*given, **more)

    return read


async def test_what_is_found_after_a_decision_is_told_if_it_is_much_more_than_was_decided(
    province: Recall,
) -> None:
    await province.know(lot("sgd"), shipment("sgd-1", "sgd", quantity=Decimal(110)))
    found = await signal(province, key="more_than_made|sgd", state="open")
    body = {"decision": "dismissed", "words": "Cân lại", "version": found["version"]}
    ok(await province.post(f"/signals/{found['_id']}/decision", body))
    await province.know(shipment("sgd-2", "sgd", "f3", quantity=Decimal(5)))
    await fact(province, "balance:sgd", over=15.0)
    await settled(province, "balance:sgd")
    signals = province.db.collection("signals")
    assert not await signals.count_documents({"key": "more_than_made|sgd", "state": "open"})
    await province.know(shipment("sgd-3", "sgd", "f3", quantity=Decimal(100)))
    again = await signal(province, key="more_than_made|sgd", state="open")
    assert again["_id"] != found["_id"]
    assert again["facts"][0]["over"] == 115.0


async def test_another_content_of_a_package_accuses_no_lot_of_before(province: Recall) -> None:
    await province.know(product("p-sgc", "f1", content_kilograms=Decimal("0.5")))
    await province.know(lot("sgc", "f1", "p-sgc"))
    await province.tell(activated("sgc", 200, 900))
    heavier = product("p-sgc", "f1", version=2, content_kilograms=Decimal(1))
    await province.tell(heavier, product("p-sgc-2", "f1", content_kilograms=Decimal(1)))
    await province.know(shipment("sgc-1", "sgc", quantity=Decimal(130)))
    found = await fact(province, "balance:sgc", over=30.0)
    assert found["what"] == "sent", "200 stamps are on half a kilogram each"


async def test_in_any_order_and_told_twice_the_same_is_found_of_a_lot(province: Recall) -> None:
    def story(name: str) -> list[Event]:
        of = f"p-{name}"
        return [
            product(of, "f1", content_kilograms=Decimal("0.5")),
            lot(name, "f1", of),
            lot(name, "f1", of, version=2, quantity=Decimal(80)),
            shipment(f"{name}-1", name, quantity=Decimal(50)),
            shipment(f"{name}-2", name, quantity=Decimal(50)),
            activated(name, 100, 100 + int(name[-1])),
            activated(name, 90, 200 + int(name[-1])),
        ]

    for seed in range(4):
        name = f"sgk{seed}"
        told = story(name)
        if seed:
            chosen = random.Random(seed)
            told += chosen.sample(told, 3)
            chosen.shuffle(told)
        for one in told:
            await province.tell(one)
        # 100 of 80 kg sent; 190 stamps of half a kilogram are 95 kg.
        found = await fact(province, f"balance:{name}", over=25.0, active=True)
        assert (found["label"], found["what"]) == ("100 / 80 kg", "sent")


quantities = st.decimals(0, 1000, places=2)


@given(quantities, st.lists(st.tuples(quantities, st.sampled_from(["kg", "g", "hộp"]))))
def test_what_was_made_can_be_sent_and_stamped(made: Decimal, sent: list[Any]) -> None:
    one = Made("l", made, "kg")
    found = excess(one, sent, 0, None)
    total = sum(q if unit == "kg" else q / 1000 for q, unit in sent if unit != "hộp")
    assert (found is not None) == bool(made and total > made * Decimal("1.02"))
    assert excess(one, [(made, "kg")], int(made), Decimal(1)) is None


@pytest.mark.parametrize(
    ("unit", "stamps", "content", "what"),
    [
        ("hộp", 100, None, None),
        ("hộp", 110, None, None),
        ("hộp", 111, None, "stamped"),
        ("thùng", 2_400, None, None),
        ("kg", 200, "0.5", None),
        ("kg", 221, "0.5", "stamped"),
        ("kg", 10_000, None, None),
        ("lít", 10_000, "0.5", None),
        ("tạ", 20_000, "0.5", None),
        ("tạ", 30_000, "0.5", "stamped"),
    ],
)
def test_as_many_stamps_as_packages(
    unit: str, stamps: int, content: str | None, what: str | None
) -> None:
    held = Decimal(content) if content else None
    found = excess(Made("l", Decimal(100), unit), [], stamps, held)
    assert (found.what if found else None) == what
