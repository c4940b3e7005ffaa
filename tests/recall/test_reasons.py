"""The catalogue of reasons, and levels: who may give which, what it fills in, what is refused."""

from typing import Any

import httpx2
import pytest

from services.recall import catalogue
from services.recall.domain.terms import Kind, LegalBasis, Level
from shared.permissions import delivered
from tests.recall.builders import lot
from tests.recall.conftest import Recall, order
from tests.recall.test_pages import Browser, radius_of

FACILITY: dict[str, Any] = {
    "tier": "facility",
    "kinds": ["system"],
    "communes": [],
    "facility": "f1",
}
COMMUNE: dict[str, Any] = {"tier": "commune", "kinds": ["approve"], "communes": ["07001"]}


def without_words(target: str, key: str, **more: Any) -> dict[str, Any]:
    body = {**order(target, reason_key=key), **more}
    return {name: value for name, value in body.items() if name not in ("reason", "instruction")}


def code_of(answer: httpx2.Response) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["code"], told.get("errors", [{}])[0].get("field", "")


def test_everybody_named_in_the_catalogue_may_order_at_all() -> None:
    orderers = {f"{tier}:{kind}" for tier, kind in delivered()["recall.order"].who}
    for one in catalogue.reasons().values():
        assert set(one.who) <= orderers | {"*:*"}, one.key
        assert one.law, one.key


def test_everybody_who_may_order_may_say_why_in_their_own_words() -> None:
    assert catalogue.reasons()["other"].who == ("*:*",)


@pytest.mark.parametrize("one", catalogue.reasons().values(), ids=lambda one: one.key)
def test_a_reason_has_its_words_in_three_languages_or_in_none(one: Any) -> None:
    texts = [*map(one.reason.__getattribute__, ("vi", "en", "zh"))]
    texts += map(one.instruction.__getattribute__, ("vi", "en", "zh"))
    assert all(texts) or not any(texts)
    assert all((one.name.vi, one.name.en, one.name.zh))


@pytest.mark.parametrize("one", catalogue.reasons().values(), ids=lambda one: one.key)
@pytest.mark.parametrize("kind", Kind)
def test_what_is_proposed_goes_with_the_kind(one: Any, kind: Kind) -> None:
    assert one.level_for(kind) in kind.levels


def test_a_reason_for_orders_only_is_no_reason_for_a_facility() -> None:
    for one in catalogue.reasons().values():
        if one.may_be_given_by("facility", ["system"]):
            assert LegalBasis.VOLUNTARY in one.bases, one.key


async def test_what_is_left_empty_is_said_as_the_catalogue_says_it(province: Recall) -> None:
    await province.know(lot("r1"))
    answer = await province.post("/recalls", without_words("r1", "microbial"))
    assert answer.status_code == 201, answer.text
    case, known = answer.json(), catalogue.reasons()["microbial"]
    assert (case["reason_key"], case["level"]) == ("microbial", "critical")
    assert (case["reason"], case["instruction"]) == (known.reason.vi, known.instruction.vi)
    assert (case["reason_en"], case["instruction_zh"]) == (known.reason.en, known.instruction.zh)
    (notice,) = await province.notices(case["id"])
    assert notice["data"]["level"] == "critical"
    assert notice["data"]["reason_key"] == "microbial"


async def test_own_words_and_an_own_level_go_before_those_of_the_catalogue(
    province: Recall,
) -> None:
    await province.know(lot("r2"))
    body = order("r2", reason_key="microbial", level="serious", reason_zh="沙门氏菌")
    case = (await province.post("/recalls", body)).json()
    assert case["reason"] == body["reason"]
    assert (case["reason_zh"], case["level"]) == ("沙门氏菌", "serious")
    assert case["reason_en"] == "", "what the catalogue says in English is not what was ordered"
    assert case["instruction_en"] == ""


async def test_the_catalogues_own_words_keep_its_translations(province: Recall) -> None:
    """As the form sends them back, with line ends of its own."""
    await province.know(lot("r2b"))
    known = catalogue.reasons()["microbial"]
    body = order("r2b", reason_key="microbial", reason=known.reason.vi + "\r\n")
    case = (await province.post("/recalls", body)).json()
    assert (case["reason_en"], case["reason_zh"]) == (known.reason.en, known.reason.zh)
    assert case["instruction"] == body["instruction"]
    assert case["instruction_zh"] == ""


async def test_an_order_of_no_reason_and_no_level_has_the_usual_ones(province: Recall) -> None:
    await province.know(lot("r3"))
    case = await province.order("r3")
    assert (case["reason_key"], case["level"]) == ("other", "serious")


async def test_a_reason_of_others_is_refused_and_the_refusal_recorded(province: Recall) -> None:
    await province.know(lot("r4"))
    commune = province.token(**COMMUNE)
    answer = await province.post("/recalls", without_words("r4", "outbreak"), token=commune)
    assert code_of(answer) == (403, "reason_not_yours", "reason_key")
    events = (await province.feed())["events"]
    acts = [e["data"] for e in events if e["type"] == "recall.act_recorded.v1"]
    assert (acts[-1]["action"], acts[-1]["outcome"]) == ("recall.order", "reason_not_yours")
    taken = await province.post("/recalls", without_words("r4", "wrong_label"), token=commune)
    assert taken.status_code == 201


@pytest.mark.parametrize(
    ("key", "more", "refused"),
    [
        ("no_such_reason", {}, (422, "reason_unknown", "reason_key")),
        ("other", {}, (422, "words_missing", "reason")),
        ("other", {"reason": "Vì sao"}, (422, "words_missing", "instruction")),
        ("counterfeit", {"legal_basis": "voluntary"}, (422, "reason_does_not_fit", "reason_key")),
        ("microbial", {"level": "information"}, (422, "level_does_not_fit", "level")),
        (
            "microbial",
            {"kind": "withdrawal", "level": "critical"},
            (422, "level_does_not_fit", "level"),
        ),
    ],
)
async def test_an_order_whose_reason_or_level_makes_no_sense_is_refused(
    province: Recall, key: str, more: dict[str, Any], refused: tuple[int, str, str]
) -> None:
    await province.know(lot("r5"))
    body = without_words("r5", key)
    answer = await province.post("/recalls", {**body, **more})
    assert code_of(answer) == refused
    assert not (await province.get("/recalls?q=R5")).json()["items"]


async def test_the_form_offers_only_the_reasons_of_who_looks(province: Recall) -> None:
    await province.know(lot("r6"))
    page = await Browser(province, **COMMUNE).get(radius_of("r6"))
    assert 'value="wrong_label"' in page.text
    assert 'value="outbreak"' not in page.text
    page = await Browser(province, **FACILITY).get(radius_of("r6"))
    assert 'value="precaution"' in page.text
    assert 'value="poisoning"' not in page.text


async def test_the_chosen_reason_fills_in_its_words_and_never_writes_over_others(
    province: Recall,
) -> None:
    await province.know(lot("r7"))
    browser, known = Browser(province), catalogue.reasons()
    sent = {"kind": "recall", "key": "r7", "step": "fill", "reason_key": "allergen"}
    page = await browser.send(
        radius_of("r7"), radius_of("r7"), **{**sent, "reason": "", "instruction": "Lời của tôi"}
    )
    assert page.status_code == 200
    assert known["allergen"].reason.vi in page.text
    assert known["allergen"].reason.zh in page.text
    # A translation of other words than those that stand there would tell something else.
    assert known["allergen"].instruction.zh not in page.text
    assert "Lời của tôi" in page.text
    assert known["allergen"].instruction.vi not in page.text
    again = {**sent, "reason_key": "mycotoxin", "reason": known["allergen"].reason.vi}
    page = await browser.send(radius_of("r7"), radius_of("r7"), **{**again, "instruction": ""})
    assert known["mycotoxin"].reason.vi in page.text
    assert known["allergen"].reason.vi not in page.text
    page = await browser.get(f"{radius_of('r7')}&reason_key=allergen")
    assert known["allergen"].reason.vi in page.text


async def test_a_preview_shows_each_language_and_orders_nothing(province: Recall) -> None:
    await province.know(lot("r8"))
    browser = Browser(province)
    sent = {"kind": "warning", "key": "r8", "step": "preview", "reason_key": "allergen"}
    page = await browser.send(
        radius_of("r8"), radius_of("r8"), **{**sent, "reason": "Có lạc", "instruction": "Đừng ăn"}
    )
    assert page.status_code == 200
    shown = page.text.split('id="draft"')[1].split("</form>")[0]
    for text in ("Cảnh báo về", "Có lạc", "Warning about", "预警", "Tiếng Việt", "中文"):
        assert text in shown
    assert catalogue.reasons()["allergen"].instruction.en not in shown
    assert "Có câu chưa có bản tiếng Anh" in shown
    assert not (await province.get("/recalls?q=R8")).json()["items"]
    done = await browser.send(
        radius_of("r8"),
        radius_of("r8"),
        **{**sent, "step": "order", "reason": "Có lạc", "instruction": "Đừng ăn"},
    )
    assert done.status_code == 303


async def test_a_form_with_a_reason_of_others_comes_back_as_it_was_typed(province: Recall) -> None:
    await province.know(lot("r9"))
    browser = Browser(province, **COMMUNE)
    sent = {"kind": "recall", "key": "r9", "reason_key": "outbreak", "level": "serious"}
    page = await browser.send(
        radius_of("r9"), radius_of("r9"), **{**sent, "reason": "Dịch tả", "instruction": "Chờ"}
    )
    assert page.status_code == 403
    assert "Dịch tả" in page.text
    assert "không thuộc thẩm quyền" in page.text


async def test_the_level_stands_on_every_page_list_and_feed(province: Recall) -> None:
    await province.know(lot("r10"))
    case = (await province.post("/recalls", without_words("r10", "banned_substance"))).json()
    browser = Browser(province)
    for path in (f"/console/recall/{case['id']}", "/console/recall"):
        assert "Đặc biệt nghiêm trọng" in (await browser.get(path)).text
    for path in (f"/recalls/{case['id']}", "/recalls"):
        assert "Đặc biệt nghiêm trọng" in (await province.client.get(path)).text
    items = (await province.client.get("/recalls.json")).json()["items"]
    (item,) = [one for one in items if one["id"] == case["id"]]
    assert (item["level"], item["reason_key"]) == ("critical", "banned_substance")
    assert 'term="critical"' in (await province.client.get("/recalls.atom")).text


async def test_the_table_of_reasons_says_who_may_give_which(province: Recall) -> None:
    page = await Browser(province, **COMMUNE).get("/console/recall/reasons")
    assert page.status_code == 200
    for one in catalogue.reasons().values():
        assert one.name.vi in page.text
        assert one.law in page.text
    assert page.text.count("Bạn dùng được") == len(
        [one for one in catalogue.reasons().values() if one.may_be_given_by("commune", ["approve"])]
    )
    told = (await province.client.get("/api/recall/v1/reasons")).json()["items"]
    assert [one["key"] for one in told] == list(catalogue.reasons())


async def test_a_case_of_the_time_before_levels_is_read(province: Recall) -> None:
    await province.know(lot("r11"))
    case = await province.order("r11", kind="withdrawal")
    await province.db.collection("cases").update_one(
        {"_id": case["id"]}, {"$unset": {"level": "", "reason_key": ""}}
    )
    told = (await province.get(f"/recalls/{case['id']}")).json()
    assert (told["level"], told["reason_key"]) == (Level.CAUTION, "")
    assert (await province.client.get(f"/recalls/{case['id']}")).status_code == 200
