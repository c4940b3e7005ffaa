"""A drill asks real people about real goods, is scored by itself, and shows consumers nothing."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from services.recall.actions import drill_endings, drill_standing
from services.recall.store.drills import DRILLS, LOTS
from shared.contracts.recall import NoticePublished, RecallDrillEnded, RecallDrillStarted
from shared.ids import now
from tests.recall.builders import batch, lot, segment, shipment
from tests.recall.conftest import Recall
from tests.recall.telling import facility_token
from tests.roles import sent

HOME = "/console/recall/drills"


def body(target: str, **more: Any) -> dict[str, Any]:
    given = {"target_kind": "lot", "target": target, "scenario": "Giả định nhiễm khuẩn"}
    return {**given, "hours": 2, **more}


async def begun(recall: Recall, target: str, **more: Any) -> str:
    token = more.pop("token", None)
    made = await recall.post("/drills", body(target, **more), token=token)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def detail(recall: Recall, drill: str, token: str | None = None) -> dict[str, Any]:
    found = await recall.get(f"/drills/{drill}", token)
    assert found.status_code == 200, found.text
    return dict(found.json())


async def standing(recall: Recall, drill: str) -> dict[str, Any]:
    """The figures, counted now: the sweep does so after a while."""
    await drill_standing.count(recall.db, drill, 0, now())
    return dict((await detail(recall, drill))["figures"])


async def state(recall: Recall, drill: str, facility: str, lot_id: str, **said: Any) -> None:
    answers = {"lots": [{"lot_id": lot_id, **said}]}
    token = facility_token(recall, facility)
    answer = await recall.post(f"/drills/{drill}/answers", answers, token=token)
    assert answer.status_code == 200, answer.text


async def told(recall: Recall, drill: str) -> list[RecallDrillStarted]:
    return await recall.events(f"{drill}/1", RecallDrillStarted)


async def over(recall: Recall, drill: str) -> list[RecallDrillEnded]:
    return await recall.events(f"{drill}/1", RecallDrillEnded)


async def test_a_drill_goes_from_scope_to_score_by_what_facilities_say(province: Recall) -> None:
    await province.know(lot("dr1"), lot("dr1b", "f2", "p2", inputs=("dr1",)))
    await province.know(shipment("drs1", "dr1", quantity=Decimal(40), status="received"))
    drill = await begun(province, "dr1")
    seen = await detail(province, drill)
    assert (seen["state"], seen["lots"], seen["facilities"]) == ("running", 2, 2)
    assert seen["scope_seconds"] >= 0
    assert seen["known_number"] > 0
    assert "không phải thu hồi thật" in seen["mark"]
    [started] = await told(province, drill)
    assert started.facilities == ("f1", "f2")
    # The books know of 40 of 100; of the second lot nothing.
    figures = await standing(province, drill)
    assert [one["percent"] for one in figures["units"]] == [20.0]

    token = facility_token(province, "f1")
    assert (await province.post(f"/drills/{drill}/acknowledge", token=token)).status_code == 200
    await state(province, drill, "f1", "dr1", held="55", sent=[{"to": "f2", "quantity": "40"}])
    await state(province, drill, "f2", "dr1", held="10", used="30")
    await state(province, drill, "f2", "dr1b", held="60", sold="40")
    ended = await province.post(f"/drills/{drill}/end")
    assert ended.status_code == 200, ended.text
    figures = (await detail(province, drill))["figures"]
    assert figures["complete"] == 97.5
    assert (figures["told"], figures["acknowledged"], figures["answered"]) == (2, 2, 2)
    assert figures["short"] == 1
    assert figures["minutes_100"] is not None
    assert figures["grade"] == "fair"
    [fact] = await over(province, drill)
    assert (fact.counted, fact.rehearsed, fact.complete_percent) == (True, ("f1", "f2"), 97.5)
    page = (await province.browser(province.token()).get(f"{HOME}/{drill}")).text
    assert "DIỄN TẬP – không phải thu hồi thật" in page
    assert "DR1" in page


async def test_an_official_of_a_receiver_sees_that_receiver_and_numbers_of_the_rest(
    province: Recall,
) -> None:
    await province.know(lot("drq"), shipment("drqs", "drq", "f2"))
    drill = await begun(province, "drq")
    away = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    seen = await detail(province, drill, away)
    assert [one["facility_id"] for one in seen["places"]] == ["f2"]
    assert seen["facilities"] == 2
    await standing(province, drill)
    page = (await province.browser(away).get(f"{HOME}/{drill}")).text
    assert "Bếp ăn Cẩm Phả" in page
    for theirs in ("Lô cần xem lại", "Cơ sở chả mực"):
        assert theirs not in page
    whole = await detail(province, drill)
    assert {one["facility_id"] for one in whole["places"]} == {"f1", "f2"}
    page = (await province.browser(province.token()).get(f"{HOME}/{drill}")).text
    assert "Lô cần xem lại" in page
    await province.post(f"/drills/{drill}/end")


async def test_nothing_of_a_drill_reaches_consumers(province: Recall) -> None:
    await province.know(lot("drc"), batch(881, 100), segment(881, (0, 99, "drc", "active")))
    before = await province.feed()
    cases = await province.db.collection("cases").count_documents({})
    public = [(await province.client.get(f"/recalls{end}")).text for end in ("", ".json")]
    drill = await begun(province, "drc", scenario="Chỉ để thử drc-secret")
    await state(province, drill, "f1", "drc", held="100")
    await province.post(f"/drills/{drill}/end")
    for end in ("", ".json", ".atom", ".rss", ".feed.json"):
        shown = (await province.client.get(f"/recalls{end}")).text
        assert "drc-secret" not in shown
        assert drill not in shown
    after = await province.feed(before["head"])
    assert [e for e in after["events"] if e["type"] == NoticePublished.type] == []
    assert await province.db.collection("cases").count_documents({}) == cases
    assert await province.db.collection("notices").count_documents({"lots": "drc"}) == 0
    assert [(await province.client.get(f"/recalls{end}")).text for end in ("", ".json")] == public
    assert (await province.client.get(f"/recalls/{drill}")).status_code == 404


async def test_two_sweepers_end_it_once(province: Recall) -> None:
    await province.know(lot("drs"))
    drill = await begun(province, "drs", hours=1)
    later = now() + timedelta(hours=1, minutes=1)
    await asyncio.gather(*(drill_endings.sweep(province.db, later) for _ in range(3)))
    await drill_endings.sweep(province.db, later + timedelta(seconds=1))
    found = await province.db.collection(DRILLS).find_one({"_id": drill})
    assert found
    assert found["state"] == "ended"
    assert found["ended_at"] == found["ends_at"]
    assert found["score"]["acknowledged"] == 0
    assert found["score"]["grade"] == "poor"
    assert len(await over(province, drill)) == 1
    assert await province.db.collection(LOTS).count_documents({"drill": drill}) == 1


async def test_an_end_whose_process_died_is_scored_by_the_sweep(province: Recall) -> None:
    await province.know(lot("drd"))
    drill = await begun(province, "drd")
    ended = {"state": "ended", "ended_at": now(), "score": None}
    await province.db.collection(DRILLS).update_one(
        {"_id": drill}, {"$set": ended, "$unset": {"open_keys": ""}}
    )
    await drill_endings.sweep(province.db, now())
    await drill_endings.score(province.db, drill)
    assert len(await over(province, drill)) == 1
    assert (await detail(province, drill))["figures"]["grade"] == "poor"


async def test_answers_come_in_any_order_and_again_with_the_same_result(province: Recall) -> None:
    await province.know(lot("dro1"), lot("dro2", inputs=("dro1",)))
    found: list[dict[str, Any]] = []
    first = await begun(province, "dro1")
    for order in (("dro1", "dro2", "dro2"), ("dro2", "dro1", "dro1")):
        drill = first if not found else await begun(province, "dro1")
        for one in order:
            await state(province, drill, "f1", one, held="30" if one == "dro1" else "70")
        await province.post(f"/drills/{drill}/end")
        figures = (await detail(province, drill))["figures"]
        found.append({key: figures[key] for key in ("complete", "units", "stated", "answered")})
    assert found[0] == found[1]
    assert found[0]["complete"] == 50.0


async def test_it_takes_nothing_that_cannot_be(province: Recall) -> None:
    await province.know(lot("drb"), lot("drb2"))
    drill = await begun(province, "drb")
    again = await province.post("/drills", body("drb"))
    assert (again.status_code, again.json()["code"]) == (409, "drill_running")
    token = facility_token(province, "f1")

    async def said(**lots: Any) -> httpx2.Response:
        answers = {"lots": [{"lot_id": "drb", **lots}]}
        return await province.post(f"/drills/{drill}/answers", answers, token=token)

    too_much = await said(held="60", sold="41")
    assert (too_much.status_code, too_much.json()["code"]) == (422, "drill_more_than_had")
    nobody = await said(sent=[{"to": "x", "quantity": "0"}])
    assert (nobody.status_code, nobody.json()["code"]) == (422, "drill_receiver_missing")
    assert (await said(held="-1")).status_code == 422
    assert (await said(held="1", stolen="1")).status_code == 422
    other = {"lots": [{"lot_id": "drb2", "held": "1"}]}
    assert (
        await province.post(f"/drills/{drill}/answers", other, token=token)
    ).status_code == 404, "a lot that nobody asked about"
    upside_down = body("p1", target_kind="product", **{"from": "2026-10-05", "to": "2026-10-01"})
    assert (await province.post("/drills", upside_down)).status_code == 422
    empty = body("p1", target_kind="product", **{"from": "2001-10-05", "to": "2001-10-06"})
    assert (await province.post("/drills", empty)).json()["code"] == "target_empty"
    assert (await province.post("/drills", body("nowhere"))).status_code == 404
    assert (await province.post("/drills", body("drb2", hours=0))).status_code == 422
    assert (await province.post("/drills", body("drb2", hours=169))).status_code == 422
    assert (await province.post("/drills", body("drb2", scenario=""))).status_code == 422
    await province.post(f"/drills/{drill}/end")
    late = await said(held="1")
    assert (late.status_code, late.json()["code"]) == (409, "drill_over")
    twice = await province.post(f"/drills/{drill}/end")
    assert (twice.status_code, twice.json()["code"]) == (409, "drill_over")


async def test_others_have_no_such_drill(province: Recall) -> None:
    await province.know(lot("drf"))
    drill = await begun(province, "drf")
    strangers = (
        facility_token(province, "f3"),
        province.token(tier="commune", kinds=["approve"], communes=["07099"], unit="u-9"),
        province.token(tier="department", kinds=["approve"], sector="health", unit="u-8"),
    )
    for token in strangers:
        assert (await province.get(f"/drills/{drill}", token)).status_code == 404
        browser = province.browser(token)
        assert (await browser.get(f"{HOME}/{drill}")).status_code == 404
        assert drill not in (await browser.get(HOME)).text
        for act in ("acknowledge", "end", "confirm"):
            refused = await province.post(f"/drills/{drill}/{act}", token=token)
            assert refused.status_code in {403, 404}, act
        assert (await province.post("/drills", body("drf"), token=token)).status_code == 404
    asked = facility_token(province, "f1")
    assert (await province.post(f"/drills/{drill}/end", token=asked)).status_code == 404, (
        "who is asked decides nothing"
    )


async def test_a_large_drill_tells_nobody_before_a_second_person_agrees(province: Recall) -> None:
    await province.know(lot("drl"), batch(882, 6_000), segment(882, (0, 5_999, "drl", "active")))
    first = province.token(account="first", name="Người thứ nhất")
    drill = await begun(province, "drl", token=first)
    assert (await detail(province, drill))["state"] == "awaiting_confirmation"
    assert await told(province, drill) == []
    asked = facility_token(province, "f1")
    assert (await province.get(f"/drills/{drill}", asked)).status_code == 404
    own = await province.post(f"/drills/{drill}/confirm", token=first)
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    second = province.token(account="second", name="Người thứ hai")
    agreed = await province.post(f"/drills/{drill}/confirm", token=second)
    assert agreed.status_code == 200, agreed.text
    assert len(await told(province, drill)) == 1
    assert (await detail(province, drill, asked))["state"] == "running"
    off = {"reason": "Bão"}
    assert (await province.post(f"/drills/{drill}/call-off", off)).json()["state"] == "called_off"
    [fact] = await over(province, drill)
    assert (fact.counted, fact.rehearsed, fact.grade) == (False, (), "")


async def test_the_same_key_begins_one_drill(province: Recall) -> None:
    await province.know(lot("drk"))
    token = province.token(account="one")
    given = {"headers": {"Idempotency-Key": "drill-key-1"}, "token": token}
    made = [await province.post("/drills", body("drk"), **given) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"]


async def test_a_facility_rehearses_its_own_goods_and_reads_numbers_of_others(
    province: Recall,
) -> None:
    await province.know(lot("dro"), shipment("drso", "dro", quantity=Decimal(10)))
    token = facility_token(province, "f1")
    drill = await begun(province, "dro", token=token)
    seen = await detail(province, drill, token)
    assert [one["facility_id"] for one in seen["places"]] == ["f1"]
    assert (await standing(province, drill))["told"] == 2
    second = await province.post("/drills", body("dr1"), token=token)
    assert second.status_code == 409, "one at a time"
    assert (await province.post("/drills", body("dr1b"), token=token)).status_code == 404
    assert (await province.post(f"/drills/{drill}/end", token=token)).status_code == 200
    [fact] = await over(province, drill)
    assert fact.rehearsed == (), "nobody answered: nothing was rehearsed"


async def test_the_facility_answers_on_the_page(province: Recall) -> None:
    await province.know(lot("drp"), shipment("drsp", "drp", quantity=Decimal(25)))
    drill = await begun(province, "drp")
    token = facility_token(province, "f1")
    browser = province.browser(token)
    for first in ("/console/recall", HOME):
        page = (await browser.get(first)).text
        assert "DIỄN TẬP – không phải thu hồi thật" in page
        assert f"{HOME}/{drill}/acknowledge" in page
    assert (await sent(province, token, f"POST {HOME}/{drill}/acknowledge", {})).status_code == 303
    at = f"{HOME}/{drill}/lots/drp"
    begun_with = (await browser.get(at)).text
    assert 'value="25"' in begun_with
    wrong = await sent(province, token, f"POST {at}", {"held": "101"})
    assert wrong.status_code == 422
    assert "101" in wrong.text
    given = {"held": "75", "sent.0.to": "Bếp ăn", "sent.0.quantity": "25"}
    assert (await sent(province, token, f"POST {at}", given)).status_code == 303
    figures = await standing(province, drill)
    assert figures["complete"] == 100.0
    assert f"{HOME}/{drill}/acknowledge" not in (await browser.get("/console/recall")).text


@pytest.mark.parametrize("path", ["", "/new?target_kind=lot&target=dr1"])
async def test_pages_of_officials(province: Recall, path: str) -> None:
    page = await province.browser(province.token()).get(f"{HOME}{path}")
    assert page.status_code == 200, page.text
    assert "Diễn tập" in page.text
