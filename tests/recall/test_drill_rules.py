"""Drills: what pages read, who decides, how much is asked, what comes back, what is refused."""

import asyncio
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.recall.actions import drill_endings, drill_scope, drill_standing, drills
from services.recall.domain import drill as domain
from services.recall.domain.drill_lots import Statement
from services.recall.domain.drill_refusals import DrillTooLarge
from services.recall.domain.target import Target, TargetKind
from services.recall.queries import drill_page
from services.recall.store.drill_places import PLACES, ROWS
from services.recall.store.drill_standing import FIGURES
from services.recall.store.drills import DRILLS
from shared.auth import Principal
from shared.contracts.registry import ShipmentPublished, ShippedLot
from shared.ids import now
from shared.mongo import Database
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import AT, batch, facility, lot, segment, shipment
from tests.recall.conftest import Recall
from tests.recall.telling import facility_token
from tests.recall.test_drills import HOME, begun, body, detail, over, standing, state
from tests.recall.test_orders import OFFICER, Asked
from tests.roles import sent


def commune(recall: Recall, **more: Any) -> str:
    given = {"tier": "commune", "kinds": ["approve"], "communes": ["07001"], "unit": "u-c"}
    return recall.token(**{**given, **more})


async def test_pages_show_what_was_counted_last_and_count_nothing(province: Recall) -> None:
    await province.know(lot("ru1"))
    drill = await begun(province, "ru1")
    db = province.db

    async def counted() -> bool:
        return await db.collection(FIGURES).count_documents({"_id": drill}) == 1

    await eventually(counted)
    assert (await detail(province, drill))["figures"]["complete"] == 0.0
    later = {"$set": {"at": now() + timedelta(hours=1)}}
    await db.collection(FIGURES).update_one({"_id": drill}, later)
    await state(province, drill, "f1", "ru1", held="100")
    seen = await detail(province, drill)
    assert seen["figures"]["complete"] == 0.0, "nobody has counted since"
    assert [(one["stated"], one["asked"]) for one in seen["places"]] == [(1, 1)], "rows are read"
    assert await drill_standing.refresh(db, now() + timedelta(hours=2)) >= 1
    assert (await detail(province, drill))["figures"]["complete"] == 100.0
    await province.post(f"/drills/{drill}/end")
    await drill_standing.count(db, drill, 0, now())
    await db.collection(ROWS).delete_many({"drill": drill})
    kept = await detail(province, drill)
    assert (kept["figures"]["complete"], kept["figures"]["grade"]) == (100.0, "good")
    assert (await province.browser(province.token()).get(f"{HOME}/{drill}")).status_code == 200


async def test_looking_at_a_large_drill_reads_one_page_of_it(province: Recall) -> None:
    lots = [lot(f"rl{n:03}") for n in range(120)]
    await province.know(*lots)
    drill = await begun(province, "p1", target_kind="product")
    await standing(province, drill)
    token = facility_token(province)
    first = await detail(province, drill, token)
    assert len(first["lots_asked"]) == 50
    assert first["lots_asked_total"] >= 120
    last = -(-first["lots_asked_total"] // 50)
    ids = {one["lot_id"] for one in first["lots_asked"]}
    for number in range(2, last + 1):
        more = ok(await province.get(f"/drills/{drill}?page={number}", token))
        ids |= {one["lot_id"] for one in more["lots_asked"]}
    assert len(ids) == first["lots_asked_total"]
    page = (await province.browser(token).get(f"{HOME}/{drill}?page=999")).text
    assert f"{HOME}/{drill}/lots/" in page, "beyond the last page is the last"
    told = Asked()
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    await db.ping()
    told.commands.clear()
    await drill_page.shown(OFFICER, drill, db=db)
    assert not {"find lots", "find shipments", "aggregate lots"} & set(told.commands)
    await db.close()
    await province.post(f"/drills/{drill}/end")


FACILITY = Principal(
    account_id="fa",
    name="An",
    tier="facility",
    kinds=frozenset({"system"}),
    unit_id="",
    session_id="s2",
    facility_id="f1",
)


async def test_many_lots_are_stated_in_one_go_and_after_their_turn(province: Recall) -> None:
    """Of two who answer at once, one starts anew before it has done anything."""
    await province.know(*(lot(f"rm{n}", inputs=("rm0",) if n else ()) for n in range(40)))
    drill = await begun(province, "rm0")
    told = Asked()
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    await db.ping()
    told.commands.clear()
    said = {f"rm{n}": Statement(held=Decimal(1)) for n in range(40)}
    await drills.answer(drill, said, who=FACILITY, db=db, at=now())
    writes = [one for one in told.commands if one.startswith("update drill")]
    assert writes == ["update drills", "update drill_rows", "update drill_places"]
    await db.close()
    await province.post(f"/drills/{drill}/end")


async def test_answers_of_many_at_once_are_all_kept(province: Recall) -> None:
    others = [f"fr{n}" for n in range(8)]
    await province.know(*(facility(id_) for id_ in others), lot("rn1"))
    await province.know(
        *(shipment(f"rns{n}", "rn1", id_, quantity=Decimal(5)) for n, id_ in enumerate(others))
    )
    drill = await begun(province, "rn1")
    await asyncio.gather(*(state(province, drill, id_, "rn1", held="5") for id_ in others))
    await province.post(f"/drills/{drill}/end")
    figures = (await detail(province, drill))["figures"]
    assert figures["answered"] == 8


async def test_a_page_that_is_loaded_anew_has_nothing_to_type_in(province: Recall) -> None:
    await province.know(lot("rt1"))
    drill = await begun(province, "rt1")
    browser = province.browser(province.token())
    page = (await browser.get(f"{HOME}/{drill}")).text
    assert 'http-equiv="refresh"' in page
    assert f'action="{HOME}/{drill}' not in page
    assert f'href="{HOME}/{drill}/end"' in page
    ending = (await browser.get(f"{HOME}/{drill}/end")).text
    assert 'http-equiv="refresh"' not in ending
    path = f"POST {HOME}/{drill}/call-off"
    empty = await sent(province, province.token(), path, {"reason": ""})
    assert empty.status_code == 422
    off = await sent(province, province.token(), path, {"reason": "Bão số 5"})
    assert off.status_code == 303
    late = await sent(province, province.token(), path, {"reason": "Bão số 6 nữa"})
    assert late.status_code == 409
    assert "Bão số 6 nữa" in late.text, "what was typed is not lost"


async def test_who_stands_below_who_began_it_neither_ends_nor_calls_it_off(
    province: Recall,
) -> None:
    await province.know(lot("rw1"))
    drill = await begun(province, "rw1", token=province.token(tier="department", unit="u-d"))
    below = commune(province)
    for act, why in (("end", None), ("call-off", {"reason": "x"})):
        refused = await province.post(f"/drills/{drill}/{act}", why, token=below)
        assert (refused.status_code, refused.json()["code"]) == (403, "decided_above"), act
    browser = province.browser(below)
    assert f"{HOME}/{drill}/end" not in (await browser.get(f"{HOME}/{drill}")).text
    assert (await browser.get(f"{HOME}/{drill}/end")).status_code == 403
    same = province.token(tier="department", unit="u-other")
    assert (await province.post(f"/drills/{drill}/end", token=same)).status_code == 200
    own = await begun(province, "rw1", token=below)
    above = province.token(tier="department", unit="u-d")
    assert (await province.post(f"/drills/{own}/end", token=above)).status_code == 200


async def test_a_unit_has_rehearsed_when_somebody_answered(province: Recall) -> None:
    await province.know(lot("rv1"))
    token = province.token(unit="u-rehearsing")
    drill = await begun(province, "rv1", token=token)
    await province.post(f"/drills/{drill}/end", token=token)
    [fact] = await over(province, drill)
    assert fact.unit_id == ""
    again = await begun(province, "rv1", token=token)
    await state(province, again, "f1", "rv1", held="100")
    await province.post(f"/drills/{again}/end", token=token)
    [fact] = await over(province, again)
    assert fact.unit_id == "u-rehearsing"


async def test_who_began_it_has_rehearsed_when_another_answered_too(province: Recall) -> None:
    await province.know(lot("rv2"), shipment("rvs", "rv2", quantity=Decimal(10)))
    drill = await begun(province, "rv2", token=facility_token(province))
    await state(province, drill, "f1", "rv2", held="90", sent=[{"to": "Bếp", "quantity": "10"}])
    await state(province, drill, "f2", "rv2", held="10")
    await province.post(f"/drills/{drill}/end", token=facility_token(province))
    [fact] = await over(province, drill)
    assert fact.rehearsed == ("f1", "f2")


async def test_a_facility_begins_three_a_day_and_keeps_nobody_from_its_goods(
    province: Recall,
) -> None:
    await province.know(facility("fd3"), lot("ry1", "fd3", "p1"))
    token = facility_token(province, "fd3")
    for _ in range(domain.MOST_A_DAY):
        drill = await begun(province, "ry1", token=token)
        official = await begun(province, "ry1")
        await province.post(f"/drills/{official}/end")
        await province.post(f"/drills/{drill}/call-off", {"reason": "x"}, token=token)
    refused = await province.post("/drills", body("ry1"), token=token)
    assert (refused.status_code, refused.json()["code"]) == (429, "drills_enough_today")


async def test_a_target_that_is_too_large_is_refused_before_its_shipments_are_read(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await province.know(lot("rz1"), *(lot(f"rz1{n}", inputs=("rz1",)) for n in range(3)))
    told = Asked()
    db = Database(province.settings.mongo_url, province.db.name, "recall")
    await db.ping()
    told.commands.clear()
    monkeypatch.setattr(domain, "MOST_LOTS", 3)
    with pytest.raises(DrillTooLarge):
        await drill_scope.look(db, Target(TargetKind.LOT, "rz1"), OFFICER, drills.DRILL, {})
    assert "find shipments" not in told.commands
    await db.close()
    monkeypatch.setattr(domain, "MOST_LOTS", 20_000)
    monkeypatch.setattr(domain, "MOST_FACILITIES", 1)
    await province.know(shipment("rzs", "rz1"))
    refused = await province.post("/drills", body("rz1"))
    assert refused.json()["code"] == "drill_reaches_too_many"


async def test_what_is_filled_in_for_a_facility_is_taken_as_it_is(province: Recall) -> None:
    """Ten boxes of 3 kg, one kilogram of which was sent: 3.333333333 boxes."""
    await province.know(lot("rx1", quantity=Decimal(10), unit="hộp", kilograms=Decimal(3)))
    await province.know(
        shipment("rxs", "rx1", quantity=Decimal(1), unit="kg"),
        shipment("rxs2", "rx1", "f3", quantity=Decimal("0.0001"), unit="kg"),
    )
    drill = await begun(province, "rx1")
    token, at = facility_token(province), f"{HOME}/{drill}/lots/rx1"
    page = (await province.browser(token).get(at)).text
    filled = dict(re.findall(r'name="([\w.]+)"[^>]*?value="([^"]*)"', page))
    assert filled["sent.0.quantity"] == "3,333"
    assert filled.get("sent.1.quantity", "") == "", "nothing that a form can say"
    given = {name: filled[name] for name in filled if name.startswith("sent.")}
    taken = await sent(province, token, f"POST {at}", {**given, "held": "6,666"})
    assert taken.status_code == 303, taken.text
    await province.post(f"/drills/{drill}/end")


async def test_every_receiver_keeps_a_row_of_its_own(province: Recall) -> None:
    await province.know(lot("rr1"))
    drill = await begun(province, "rr1")
    rows = [{"to": f"Cửa hàng số {n}, đường Lê Lợi", "quantity": "2"} for n in range(12)]
    await state(province, drill, "f1", "rr1", held="10", sent=rows)
    token, at = facility_token(province), f"{HOME}/{drill}/lots/rr1"
    page = (await province.browser(token).get(at)).text
    filled = dict(re.findall(r'name="(sent[\w.]+)"[^>]*?value="([^"]*)"', page))
    assert (await sent(province, token, f"POST {at}", {**filled, "held": "10"})).status_code == 303
    kept = await province.db.collection(ROWS).find_one({"_id": f"{drill}/f1/rr1"})
    assert kept
    assert [one["to"] for one in kept["sent"]] == [one["to"] for one in rows]
    half = await sent(province, token, f"POST {at}", {"held": "1", "sent.2.to": "Chợ"})
    assert half.status_code == 422
    assert 'id="f-sent-2-quantity-error"' in half.text
    await province.post(f"/drills/{drill}/end")


async def test_goods_that_came_back_are_not_counted_as_sent(province: Recall) -> None:
    await province.know(lot("rb1"))
    line = ShippedLot(
        lot_id="rb1", quantity=Decimal(40), unit="kg", received=Decimal(40), returned=Decimal(30)
    )
    await province.know(
        ShipmentPublished(
            subject="rbs", version=1, time=AT, code="RBS", kind="transfer", status="received",
            from_facility_id="f1", to_facility_id="f2", lots=(line,), sent_at=AT,
        )
    )  # fmt: skip
    drill = await begun(province, "rb1")
    assert (await standing(province, drill))["units"][0]["traced"] == "10"
    [asked] = (await detail(province, drill, facility_token(province, "f2")))["lots_asked"]
    assert Decimal(asked["had"]) == 10
    await province.post(f"/drills/{drill}/end")


async def test_lots_that_books_and_words_tell_differently_are_shown_with_both(
    province: Recall,
) -> None:
    await province.know(lot("rc1"), shipment("rcs", "rc1", quantity=Decimal(60)))
    drill = await begun(province, "rc1")
    await state(province, drill, "f1", "rc1", held="60")
    figures = await standing(province, drill)
    assert (figures["complete"], figures["contradicted"]) == (60.0, 1)
    browser = province.browser(province.token())

    async def shows() -> None:
        page = (await browser.get(f"{HOME}/{drill}")).text
        for words in ("Hai nguồn trái nhau", "đã gửi 60, bán hoặc hao hụt 0", "còn 60, dùng 0"):
            assert words in page, words

    await shows()
    await province.post(f"/drills/{drill}/end")
    await shows()


async def test_who_is_to_be_sent_something_later_is_not_asked(province: Recall) -> None:
    await province.know(lot("rp1"), shipment("rps", "rp1", status="planned"))
    drill = await begun(province, "rp1")
    assert (await detail(province, drill))["facilities"] == 1
    await province.post(f"/drills/{drill}/end")


async def test_what_nobody_agrees_to_comes_to_nothing_after_a_week(province: Recall) -> None:
    await province.know(lot("rg1"), batch(891, 6_000), segment(891, (0, 5_999, "rg1", "active")))
    drill = await begun(province, "rg1")
    week = now() + domain.LONGEST_WAIT
    await drill_endings.sweep(province.db, week - timedelta(minutes=5))
    assert (await detail(province, drill))["state"] == "awaiting_confirmation"
    await drill_endings.sweep(province.db, week + timedelta(minutes=5))
    assert (await detail(province, drill))["state"] == "declined"
    again = await begun(province, "rg1")
    ask = {"$set": {"begun_at": now() - timedelta(hours=5)}}
    await province.db.collection(DRILLS).update_one({"_id": again}, ask)
    second = province.token(account="second", name="Người thứ hai")
    agreed = ok(await province.post(f"/drills/{again}/confirm", token=second))
    assert agreed["scoped_at"] == agreed["ordered_at"], "its reach is found anew"
    figures = await standing(province, again)
    assert figures["order_seconds"] >= 5 * 3600
    await province.post(f"/drills/{again}/end", token=second)
    assert (await detail(province, again))["figures"]["grade"] == "poor"


async def test_lists_of_an_area_need_not_look_at_whom_drills_ask(province: Recall) -> None:
    await province.know(lot("rk1"), shipment("rks", "rk1", "f2"))
    drill = await begun(province, "rk1")
    receiver = commune(province, communes=["07002"])
    stranger = commune(province, communes=["07098"])
    health = commune(province, communes=["07002"], sector="health")
    for token, sees in ((receiver, True), (stranger, False), (health, False)):
        listed = ok(await province.get("/drills", token))
        assert (drill in {one["id"] for one in listed["items"]}) == sees
    await province.db.collection(PLACES).update_many({"drill": drill}, {"$set": {"name": ""}})
    await province.post(f"/drills/{drill}/end")
