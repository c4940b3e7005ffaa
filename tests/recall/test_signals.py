"""Early warning: facts that others told raise signals, in any order; an official decides."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from services.recall.actions import signal_rounds
from services.recall.store.signal_facts import FACTS, LOTS, MARKS, PLACES
from services.recall.store.signals import SIGNALS
from services.recall.store.suspicions import SUSPICIONS
from shared.contracts.event import Event
from shared.contracts.recall import InspectionWanted, SignalDecided, SignalRaised
from shared.contracts.registry import Certificate, InputUsed, LotTested
from shared.contracts.scan import SuspicionPublished
from shared.days import today
from shared.ids import now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.builders import facility, lot
from tests.recall.conftest import Recall
from tests.recall.test_complaints import filed
from tests.roles import sent

HOME = "/console/recall/signals"


def used(substance: str = "Chlorpyrifos") -> InputUsed:
    days = {"first": date(2026, 9, 1), "last": date(2026, 9, 2)}
    return InputUsed(
        key=f"thuoc {substance}".lower(),
        kind="pesticide",
        name=f"Thuốc {substance} 40EC",
        active_substance=substance,
        **days,
    )


def failed(id_: str, lot_id: str, facility_id: str, version: int = 1, **more: Any) -> LotTested:
    given: dict[str, Any] = {
        **{"parameter": "Dư lượng Chlorpyrifos", "laboratory": "Phòng 1", "decision": "waiting"},
        **{"sampled_on": today() - timedelta(days=3), "verdict": "failed", **more},
    }
    return LotTested(
        subject=id_, version=version, time=now(), lot_id=lot_id, facility_id=facility_id, **given
    )


def copy_of(serial: int, product: str, state: str = "suspected", version: int = 1) -> Event:
    return SuspicionPublished(
        subject=f"77/{serial}",
        version=version,
        time=now(),
        batch=77,
        serial=serial,
        facility_id="f1",
        product_id=product,
        lot_id="",
        state=state,
        day=str(today()),
        points=5,
        findings=(),
    )


async def signal(recall: Recall, **wanted: Any) -> dict[str, Any]:
    """The one signal like this, as soon as it is there and nothing waits to be looked at."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        if await recall.db.collection(MARKS).count_documents({}):
            return False
        found[:] = [row async for row in recall.db.collection(SIGNALS).find(wanted)]
        return len(found) == 1

    await eventually(there)
    return found[0]


async def settled(recall: Recall, *ids: str) -> None:
    """These facts are there, and every rule was gone through for them."""

    async def over() -> bool:
        facts = await recall.db.collection(FACTS).count_documents({"_id": {"$in": [*ids]}})
        left = await recall.db.collection(MARKS).count_documents({})
        return bool(facts == len(set(ids)) and not left)

    await eventually(over)


async def a_cluster(recall: Recall, name: str, count: int = 3) -> str:
    """The id of a signal about a lot of f1 of which so many stamps were reported."""
    await recall.know(lot(name))
    reports = [filed(f"{name}-{n}", lot_id=name, serial=500 + n) for n in range(count)]
    await recall.tell(*reports)
    await settled(recall, *(f"complaint:{one.subject}" for one in reports))
    return str((await signal(recall, key=f"complaints_lot|{name}", state="open"))["_id"])


async def three_farms(recall: Recall, name: str, substance: str) -> list[str]:
    """The same residue in lots of three facilities that used the same substance."""
    lots = [f"{name}{n}" for n in (1, 2, 3)]
    told = [
        lot(one, f"f{n}", f"p{n}", used=(used(substance),)) for n, one in enumerate(lots, start=1)
    ]
    await recall.know(*told)
    what: dict[str, Any] = {"parameter": f"Dư lượng {substance}"}
    tests = [failed(f"t-{one}", one, f"f{n}", **what) for n, one in enumerate(lots, start=1)]
    await recall.tell(*tests)
    await settled(recall, *(f"test:{one.subject}" for one in tests))
    return lots


async def test_three_farms_fail_for_one_residue_and_the_order_on_it_decides_the_signal(
    province: Recall,
) -> None:
    await three_farms(province, "sgi", "Fipronil")
    key = "laboratory_input|du luong fipronil|substance:fipronil"
    found = await signal(province, key=key)
    assert (found["state"], found["count"], found["needed"]) == ("open", 3, 3)
    assert [place["facility_id"] for place in found["places"]] == ["f1", "f2", "f3"]
    [told] = await province.events(found["_id"], SignalRaised)
    assert (told.open, told.severity, told.count) == (True, "serious", 3)
    assert "f1" not in told.model_dump_json(exclude={"id"}), "it names no facility"
    browser = province.browser(province.token())
    page = (await browser.get(f"{HOME}/{found['_id']}")).text
    for shown in ("Dư lượng Fipronil", "Fipronil", "SGI1", "/console/registry/lots/sgi2", "<svg"):
        assert shown in page
    assert found["_id"] in (await browser.get("/console/recall")).text, "on the first screen"
    aim = "target_kind=input&target=substance%3Afipronil"
    href = f"/console/recall/radius?{aim}&signal={found['_id']}"
    assert href.replace("&", "&amp;") in page
    order_page = (await browser.get(href)).text
    assert "Cùng chỉ tiêu không đạt" in order_page, "the reason is begun"
    case = await province.order("substance:fipronil", target_kind="input")
    decided = await signal(province, _id=found["_id"], state="recall")
    assert decided["decision"]["case_id"] == case["id"]
    [event] = await province.events(found["_id"], SignalDecided)
    assert (event.decision, event.case_id) == ("recall", case["id"])


async def test_a_recall_that_reaches_only_some_of_it_leaves_the_signal_open(
    province: Recall,
) -> None:
    await three_farms(province, "sgp", "Carbendazim")
    key = "laboratory_input|du luong carbendazim|substance:carbendazim"
    found = await signal(province, key=key)
    away = province.token(communes=["07001"])
    await province.order("substance:carbendazim", target_kind="input", token=away)
    # A warning takes no goods back, and a facility's own recall is no word of an official.
    warned, own = await a_cluster(province, "sgp-warned"), await a_cluster(province, "sgp-own")
    await province.order("sgp-warned", kind="warning")
    facility = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    await province.order("sgp-own", token=facility)
    # An order that is told after these, and has been heard.
    later = await a_cluster(province, "sgp-later")
    await province.order("sgp-later")
    await signal(province, _id=later, state="recall")
    for open_one in (found["_id"], warned, own):
        assert (await signal(province, _id=open_one))["state"] == "open"


async def test_an_official_of_a_part_sees_that_part_and_does_not_decide(province: Recall) -> None:
    await three_farms(province, "sgs", "Metaldehyde")
    key = "laboratory_input|du luong metaldehyde|substance:metaldehyde"
    id_ = (await signal(province, key=key))["_id"]
    part = province.token(tier="unit", kinds=["check"], communes=["07001"], sector="agriculture")
    seen = ok(await province.get(f"/signals/{id_}", part))
    assert [one["facility_id"] for one in seen["facts"]] == ["f1"]
    assert (seen["whole"], seen["elsewhere"], seen["communes"]) == (False, 2, ["07001"])
    body = {"decision": "dismissed", "words": "x", "version": seen["version"]}
    answer = await province.post(f"/signals/{id_}/decision", body, token=part)
    refused(answer, 403, "signal_wider_than_area")
    for claims in ({"communes": ["07044"]}, {"communes": ["07003"], "sector": "agriculture"}):
        away = province.token(tier="commune", kinds=["approve"], **claims)
        assert (await province.get(f"/signals/{id_}", away)).status_code == 404
        answer = await province.post(f"/signals/{id_}/decision", body, token=away)
        assert answer.status_code == 404
        assert id_ not in (await province.browser(away).get(HOME)).text
    commune = province.token(tier="commune", kinds=["approve"])
    refused(
        await province.post(f"/signals/{id_}/decision", body, token=commune),
        403,
        "signal_decided_by_others",
    )
    theirs = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    assert (await province.get(f"/signals/{id_}", theirs)).status_code in {403, 404}


async def test_reports_of_one_stamp_are_one_and_one_lot_is_not_told_of_its_product_too(
    province: Recall,
) -> None:
    await province.know(lot("sgc"))
    same = [filed(f"sgc-{n}", lot_id="sgc", serial=9, product_id="p-sgc") for n in range(6)]
    await province.tell(*same)
    await settled(province, *(f"complaint:{one.subject}" for one in same))
    assert not await province.db.collection(SIGNALS).count_documents({"key": "complaints_lot|sgc"})
    more = [filed(f"sgd-{n}", lot_id="sgc", serial=20 + n, product_id="p-sgc") for n in range(5)]
    await province.tell(*more)
    await settled(province, *(f"complaint:{one.subject}" for one in more))
    found = await signal(province, key="complaints_lot|sgc")
    assert (found["count"], found["severity"]) == (6, "critical"), "twice what is needed"
    wider = {"key": "complaints_product|p-sgc"}
    assert not await province.db.collection(SIGNALS).count_documents(wider)
    kept = await province.db.collection(FACTS).find_one({"_id": "complaint:sgc-0"})
    assert "mùi lạ" not in str(kept), "nothing of what the reporter wrote"
    assert "Chợ" not in str(kept)


async def test_after_a_dismissal_only_new_evidence_counted_anew_raises_it_again(
    province: Recall,
) -> None:
    id_ = await a_cluster(province, "sgn")
    seen = ok(await province.get(f"/signals/{id_}"))
    body = {"decision": "dismissed", "words": "Đã kiểm tra, không có", "version": seen["version"]}
    ok(await province.post(f"/signals/{id_}/decision", body))
    refused(await province.post(f"/signals/{id_}/decision", body), 409, "signal_decided")
    more = [filed(f"sgn-more-{n}", lot_id="sgn", serial=600 + n) for n in range(2)]
    await province.tell(*more)
    await settled(province, *(f"complaint:{one.subject}" for one in more))
    assert (await signal(province, key="complaints_lot|sgn"))["state"] == "dismissed"
    await province.tell(filed("sgn-more-2", lot_id="sgn", serial=602))
    again = await signal(province, key="complaints_lot|sgn", state="open")
    assert (again["count"], again["_id"] != id_) == (3, True)


async def test_a_suspicion_and_an_inspection_begin_with_the_evidence(province: Recall) -> None:
    id_ = await a_cluster(province, "sgo")
    token = province.token(account="one")
    until = str(today() + timedelta(days=3))
    body = {"reason": "Lấy mẫu lô này", "goods": "lot:sgo", "until": until, "key": "sgo"}
    version = (await signal(province, _id=id_))["version"]
    page = f"POST {HOME}/{id_}/inspection"
    made = await sent(province, token, page, {**body, "version": version})
    assert made.status_code == 303, made.text
    again = await sent(province, token, page, {**body, "version": version})
    assert again.headers["location"] == made.headers["location"], "a form sent twice is one"
    suspicion = made.headers["location"].rpartition("/")[2]
    row = await province.db.collection(SUSPICIONS).find_one({"_id": suspicion})
    assert row
    assert row["complaints"] == ["sgo-0", "sgo-1", "sgo-2"]
    assert (row["target"]["kind"], row["target"]["id"], row["state"]) == (
        "lot",
        "sgo",
        "inspection_wanted",
    )
    [wanted] = await province.events(suspicion, InspectionWanted)
    assert wanted.lot_id == "sgo"
    decided = await signal(province, _id=id_)
    assert (decided["state"], decided["decision"]["suspicion_id"]) == ("inspection", suspicion)
    back = await province.browser(province.token()).get(f"/console/recall/suspicions/{suspicion}")
    assert f"/console/recall/signals/{id_}" in back.text
    other = {"decision": "suspicion", "words": "x", "goods": "lot:sgn", "version": 1}
    id_ = await a_cluster(province, "sgo2")
    version = (await signal(province, _id=id_))["version"]
    answer = await province.post(f"/signals/{id_}/decision", {**other, "version": version})
    refused(answer, 422, "signal_of_other_goods")


async def test_an_input_that_those_who_passed_used_too_is_no_cause(province: Recall) -> None:
    await three_farms(province, "sgl", "Atrazin")
    key = "laboratory_input|du luong atrazin|substance:atrazin"
    id_ = (await signal(province, key=key, state="open"))["_id"]
    what: dict[str, Any] = {"parameter": "Dư lượng Atrazin", "verdict": "passed"}
    for n in range(4):
        owner, name = f"fl{n}", f"sgl-ok{n}"
        passed = failed(f"t-{name}", name, owner, decision="approved", **what)
        # Its lot comes after it, and says what was used only then.
        await province.tell(passed)
        await settled(province, f"test:{passed.subject}")
        await province.know(lot(name, owner, "p1", used=(used("Atrazin"),)))
    assert (await signal(province, key=key, state="subsided"))["_id"] == id_


async def test_reports_that_an_official_closed_as_unfounded_are_no_evidence(
    province: Recall,
) -> None:
    id_ = await a_cluster(province, "sgf", 4)
    for n, outcome in enumerate(("spam", "unfounded")):
        read = ok(await province.get(f"/complaints/sgf-{n}"))
        if read["state"] != "closed":  # The group of the first is closed with it.
            answer = {"answer": "Không phải sản phẩm này", "outcome": outcome}
            answer |= {"version": read["version"]}
            ok(await province.post(f"/complaints/sgf-{n}/answer", answer))
    await signal(province, _id=id_, state="subsided")


async def test_while_a_recall_of_it_runs_further_reports_are_the_case_s(province: Recall) -> None:
    id_ = await a_cluster(province, "sgj")
    case = await province.order("sgj")
    await signal(province, _id=id_, state="recall")
    reports = [filed(f"sgj-more-{n}", lot_id="sgj", serial=900 + n) for n in range(3)]
    await province.tell(*reports)
    await settled(province, *(f"complaint:{one.subject}" for one in reports))
    assert (await signal(province, key="complaints_lot|sgj"))["_id"] == id_
    # Once it is over they are news again.
    await province.account_for(case["id"], "sgj")
    ended = {"finding": "Đã bán hết", "handling": "destroy"}
    ok(await province.post(f"/recalls/{case['id']}/close", ended))
    again = await signal(province, key="complaints_lot|sgj", state="open")
    assert again["count"] == 3


async def test_what_is_taken_back_falls_away_by_itself(province: Recall) -> None:
    await province.tell(*(copy_of(n, "p-sgt") for n in range(5)))
    id_ = (await signal(province, key="copies_product|p-sgt", state="open"))["_id"]
    await province.tell(copy_of(3, "p-sgt", "cleared", version=2))
    gone = await signal(province, key="copies_product|p-sgt", state="subsided")
    assert gone["_id"] == id_
    await province.tell(copy_of(9, "p-sgt"), copy_of(3, "p-sgt"))
    assert (await signal(province, key="copies_product|p-sgt", state="open"))["_id"] == id_
    told = [one.open for one in await province.events(id_, SignalRaised)]
    assert told == [True, False, True]


async def test_the_rules_page_says_how_often_each_rule_was_right(province: Recall) -> None:
    found = ok(await province.get("/signals/rules"))
    rows = {one["rule"]["key"]: one for one in found["items"]}
    one = rows["complaints_lot"]
    assert one["dismissed"] >= 1
    assert one["precision"] == (one["decided"] - one["dismissed"]) / one["decided"]
    page = (await province.browser(province.token()).get(f"{HOME}/rules")).text
    assert "Nhiều phản ánh về một lô" in page
    empty = province.token(communes=["07099"])
    assert "Đang theo dõi từ" in (await province.browser(empty).get(HOME)).text


def paper(until: date, since: date = date(2023, 1, 1), number: str = "ATTP-1") -> Certificate:
    given = {"kind": "attp", "issuer": "Chi cục", "food_safety": True, "number": number}
    return Certificate(**given, issued_on=since, expires_on=until, holds_until=until)


async def test_goods_made_after_the_paper_ran_out_are_told_whichever_came_first(
    province: Recall,
) -> None:
    over, made = today() - timedelta(days=20), today() - timedelta(days=5)
    await province.know(lot("sge1", "fe1", "pe", produced_on=made))
    await province.know(facility("fe1", certificates=(paper(over),)))
    await province.know(facility("fe2", certificates=(paper(over),)))
    for name, day in (("sge2", made), ("sge3", over)):
        await province.know(lot(name, "fe2", "pe", produced_on=day))
    await province.know(facility("fe3"), lot("sge4", "fe3", "pe", produced_on=made))
    for owner, name in (("fe1", "sge1"), ("fe2", "sge2")):
        found = await signal(province, key=f"expired_certificate|{owner}", state="open")
        assert [one["lot_id"] for one in found["facts"]] == [name]
        assert found["facts"][0]["label"] == "ATTP-1"
    assert not await province.db.collection(FACTS).count_documents({"lot_id": "sge4"})
    renewed = paper(today() + timedelta(days=900), over, "ATTP-2")
    await province.know(facility("fe1", version=2, certificates=(paper(over), renewed)))
    await signal(province, key="expired_certificate|fe1", state="subsided")


def story(name: str) -> list[Event]:
    """Facilities, lots and results, of which one was allowed and one told anew; papers of which one
    was taken back, and a lot that was."""
    what: dict[str, Any] = {"parameter": f"Chì {name}"}
    over = paper(today() - timedelta(days=100))
    told: list[Event] = []
    for n in range(1, 5):
        owner = f"{name}f{n}"
        told += [
            facility(owner, commune=f"0710{n}", certificates=(over,) if n < 3 else ()),
            lot(f"{name}l{n}", owner, f"{name}p{n}", used=(used(),)),
            failed(f"{name}t{n}", f"{name}l{n}", owner, **what),
        ]
    told.append(failed(f"{name}t4", f"{name}l4", f"{name}f4", 2, decision="allowed", **what))
    told.append(failed(f"{name}t1", f"{name}l1", f"{name}f1", 2, decision="confirmed", **what))
    # A week late, and the earliest of all.
    told.append(lot(f"{name}l5", f"{name}f2", f"{name}p2", used=(used(),)))
    old = today() - timedelta(days=80)
    told.append(failed(f"{name}t5", f"{name}l5", f"{name}f2", sampled_on=old, **what))
    told.append(facility(f"{name}f2", commune="07102", version=2))
    gone: dict[str, Any] = {"produced_on": today() - timedelta(days=9)}
    told.append(lot(f"{name}l6", f"{name}f1", f"{name}p1", **gone))
    told.append(lot(f"{name}l6", f"{name}f1", f"{name}p1", version=2, status="withdrawn", **gone))
    return told


def shaken(name: str, seed: int) -> list[Event]:
    chosen = random.Random(seed)
    told = story(name)
    told += chosen.sample(told, 6)
    chosen.shuffle(told)
    return told


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_in_any_order_and_told_twice_the_same_signals_come_out(
    province: Recall, seed: int
) -> None:
    def plain(name: str) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        def of(row: dict[str, Any]) -> tuple[Any, ...]:
            facts = sorted(
                (one["id"].replace(name, ""), one["product_id"].replace(name, ""))
                for one in row["facts"]
            )
            places = [(p["commune"], p["sector"]) for p in row["places"]]
            return (row["start"], row["severity"], row["count"], facts, places)

        return of

    async def outcome(name: str, told: Sequence[Event]) -> list[tuple[Any, ...]]:
        for at in range(0, len(told), 4):
            await province.tell(*told[at : at + 4])
            # Two at once, besides the service's own.
            await signal_rounds.sweep(province.db, now())
        wanted = {"_id": {"$regex": f"^test:{name}"}, "keys": {"$ne": []}}
        newest = {f"test:{name}t1": 2, f"test:{name}t4": 2}

        async def all_there() -> bool:
            rows = [row async for row in province.db.collection(FACTS).find(wanted)]
            versions = {row["_id"]: row["version"] for row in rows}
            lots = await province.db.collection(LOTS).count_documents(
                {"_id": {"$regex": f"^{name}l"}}
            )
            left = await province.db.collection(MARKS).count_documents({})
            told_inputs = all(row["inputs"] for row in rows)
            full = len(rows) == 5 and lots == 6 and told_inputs
            taken_back = {"version": 2, "_id": {"$in": [f"{name}l6", f"{name}f2"]}}
            gone = [
                await province.db.collection(one).count_documents(taken_back)
                for one in (LOTS, PLACES)
            ]
            whole = full and gone == [1, 1]
            return bool(whole and newest.items() <= versions.items() and not left)

        await eventually(all_there, 60)
        rows = province.db.collection(SIGNALS).find(
            {"key": {"$regex": f"chi {name}|\\|{name}f"}, "state": "open"}
        )
        return sorted([plain(name)(row) async for row in rows])

    straight = await outcome(f"o{seed}", story(f"o{seed}"))
    assert await outcome(f"q{seed}", shaken(f"q{seed}", seed)) == straight
    assert len(straight) == 3, "across facilities, one that failed twice, one without a paper"
