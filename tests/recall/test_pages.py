"""The pages: found, previewed, ordered, watched, lifted and closed without any script."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest

from shared.accepted_reads import ROWS
from shared.ids import new_id
from shared.stampcode import Keyring, encode
from shared.web.cookies import ACCESS
from tests.answers import token_in
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall
from tests.refusals_told import refused_addresses

ATOM = {"a": "http://www.w3.org/2005/Atom"}
WORDS = {"kind": "recall", "reason": "Nhiễm khuẩn", "instruction": "Không ăn", "key": "k"}


class Browser:
    """A signed-in person's browser: keeps the session, fills the hidden fields of forms."""

    def __init__(self, recall: Recall, **claims: Any) -> None:
        self.recall = recall
        self.headers = {
            "Cookie": f"{ACCESS}={recall.token(**claims)}",
            "Origin": recall.settings.public_origin,
            "Accept-Language": claims.get("lang", "vi"),
        }

    async def get(self, path: str) -> httpx2.Response:
        return await self.recall.client.get(path, headers=self.headers)

    async def send(self, page: str, action: str, **fields: str) -> httpx2.Response:
        """Post a form of a page as the browser would, with the page's CSRF token."""
        data = {"csrf": token_in((await self.get(page)).text), **fields}
        return await self.recall.client.post(action, data=data, headers=self.headers)


def radius_of(lot_id: str) -> str:
    return f"/console/recall/radius?target_kind=lot&target={lot_id}"


async def ordered(browser: Browser, lot_id: str, **words: str) -> str:
    page = radius_of(lot_id)
    sent = await browser.send(page, page, **{**WORDS, "key": f"key-{lot_id}", **words})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


async def test_a_recall_is_found_previewed_ordered_and_watched(province: Recall) -> None:
    await province.know(
        lot("pg1", code="CM-7788"), lot("pg2", "f2", "p2", inputs=("pg1",), code="SA-9")
    )
    browser = Browser(province)
    found = await browser.get("/console/recall/new?q=cm-7788")
    assert "CM-7788 · Chả mực Hạ Long" in found.text
    assert "target=pg1" in found.text
    radius = await browser.get(radius_of("pg1"))
    assert radius.status_code == 200
    assert "SA-9" in radius.text
    assert "<svg" in radius.text
    case = await ordered(browser, "pg1")
    page = await browser.get(case)
    assert "Thu hồi Chả mực Hạ Long, lô CM-7788" in page.text
    assert 'http-equiv="refresh"' in page.text, "it looks again while nobody shows the notice"
    listed = await browser.get("/console/recall?q=7788")
    assert "CM-7788" in listed.text


async def test_a_case_that_was_opened_is_a_read_of_the_facility_whose_goods_it_is_about(
    province: Recall,
) -> None:
    await province.know(lot("read-1", code="CM-7789"))
    case = await ordered(Browser(province), "read-1")
    account = new_id()
    assert (await Browser(province, account=account).get(case)).status_code == 200
    await province.app.state.reads.flush()
    row = await province.db.collection(ROWS).find_one({"account_id": account})
    assert row is not None
    assert set(row["read"]) == {case.rpartition("/")[2], "f1"}


async def test_a_form_sent_twice_is_one_case(province: Recall) -> None:
    await province.know(lot("pg3"))
    browser = Browser(province)
    assert await ordered(browser, "pg3") == await ordered(browser, "pg3")


async def test_a_refused_form_comes_back_with_what_was_typed(province: Recall) -> None:
    await province.know(lot("pg4"))
    browser = Browser(province)
    page = radius_of("pg4")
    sent = await browser.send(page, page, kind="recall", reason="Đã gõ", instruction="", key="k4")
    assert sent.status_code == 422
    assert "Đã gõ</textarea>" in sent.text
    await ordered(browser, "pg4")
    again = await browser.send(page, page, **{**WORDS, "key": "other"})
    assert again.status_code == 409
    assert "chưa kết thúc" in again.text


async def test_a_form_without_its_token_changes_nothing(province: Recall) -> None:
    await province.know(lot("pg5"))
    browser = Browser(province)
    sent = await province.client.post(radius_of("pg5"), data=WORDS, headers=browser.headers)
    assert sent.status_code == 403
    assert await province.db.collection("cases").count_documents({"target.id": "pg5"}) == 0


async def test_a_lift_is_asked_by_one_and_confirmed_by_another_on_the_page(
    province: Recall,
) -> None:
    await province.know(lot("pg6"))
    anna, binh = Browser(province, name="An"), Browser(province, name="Bình")
    case = await ordered(anna, "pg6")
    empty = await anna.send(case, f"{case}/lift", reason="")
    assert empty.status_code == 422
    asked = await anna.send(case, f"{case}/lift", reason="Kiểm nghiệm lại đạt")
    assert asked.status_code == 303
    assert "lift/confirm" not in (await anna.get(case)).text, "not offered to who asked"
    assert "lift/confirm" in (await binh.get(case)).text
    alone = await anna.send(case, f"{case}/lift/confirm")
    assert alone.status_code == 403
    assert "người thứ hai" in alone.text
    assert (await binh.send(case, f"{case}/lift/confirm")).status_code == 303
    assert "Đã dỡ bỏ" in (await binh.get(case)).text


async def test_a_case_is_closed_on_the_page_and_its_notice_stays(province: Recall) -> None:
    await province.know(lot("pg7"))
    browser = Browser(province)
    case = await ordered(browser, "pg7")
    case_id = case.rpartition("/")[2]
    row = {"lot_id": "pg7", "fate": "recovered", "handling": "correct", "quantity": "12.5"}
    row |= {"day": "2026-10-02", "facility_id": "f1"}
    assert (await province.post(f"/recalls/{case_id}/recovery", row)).status_code == 201
    fields = {"finding": "Xong", "handling": "destroy"}
    open_ = await browser.send(case, f"{case}/close", **fields)
    assert (open_.status_code, "PG7: 87,5 kg" in open_.text) == (409, True)
    await province.account_for(case_id, "pg7", "87.5")
    closed = await browser.send(case, f"{case}/close", **fields)
    assert closed.status_code == 303, closed.text
    page = await browser.get(case)
    assert "12,5 kg" in page.text
    public = await province.client.get(case.replace("/console/recall", "/recalls"))
    assert "Không ăn" in public.text


async def test_a_large_order_waits_for_another_on_the_page(province: Recall) -> None:
    await province.know(lot("pg8"))
    await province.know(batch(700, 6_000), segment(700, (0, 5_999, "pg8", "active")))
    anna, binh = Browser(province), Browser(province)
    case = await ordered(anna, "pg8")
    assert "Chưa có gì được công bố" in (await anna.get(case)).text
    assert (
        await province.client.get(case.replace("/console/recall", "/recalls"))
    ).status_code == 404
    assert (await binh.send(case, f"{case}/confirm")).status_code == 303
    assert 'http-equiv="refresh"' in (await binh.get(case)).text


async def test_a_stamp_code_leads_to_its_lot(province: Recall) -> None:
    await province.know(lot("pg9", code="LOT-OF-STAMP"))
    await province.know(
        batch(701, 100), segment(701, (0, 49, "pg9", "active"), (50, 99, "", "issued"))
    )
    keyring: Keyring = province.app.state.stamp_keys.ring
    browser = Browser(province)
    found = await browser.get(f"/console/recall/new?q={encode(keyring, 701, 7).lower()}")
    assert "LOT-OF-STAMP" in found.text
    assert "target=701&amp;first=7&amp;last=7" in found.text
    unused = await browser.get(f"/console/recall/new?q={encode(keyring, 701, 60)}")
    assert "LOT-OF-STAMP" not in unused.text
    assert "target_kind=stamps" in unused.text
    elsewhere = Browser(province, tier="commune", communes=["07003"])
    foreign = await elsewhere.get(f"/console/recall/new?q={encode(keyring, 701, 7)}")
    assert "LOT-OF-STAMP" not in foreign.text
    assert "target_kind" not in foreign.text


async def test_searching_stays_within_the_scope(province: Recall) -> None:
    await province.know(lot("pg10", "f2", "p2", code="SCOPE-10"))
    commune = Browser(province, tier="commune", kinds=["approve"], communes=["07001"])
    assert "target=pg10" not in (await commune.get("/console/recall/new?q=scope-10")).text
    assert "target=pg10" in (await Browser(province).get("/console/recall/new?q=scope-10")).text
    assert (await commune.get(radius_of("pg10"))).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "target_kind=product&target=p1&since=2026-05-01&until=2026-04-01",
        "target_kind=product&target=p1&since=not-a-day",
        "target_kind=stamps&target=701&first=9&last=3",
        "target_kind=stamps&target=701&first=9",
        "target_kind=stamps&target=701&first=0&last=99999",
    ],
)
async def test_a_range_that_makes_no_sense_comes_back_as_a_form(
    province: Recall, query: str
) -> None:
    if await province.db.collection("batches").find_one({"_id": 701}) is None:
        await province.know(batch(701, 100))
    answer = await Browser(province).get(f"/console/recall/radius?{query}")
    assert answer.status_code == 422
    assert "field-error" in answer.text or 'id="errors"' in answer.text


@pytest.mark.parametrize("query", ["", "target_kind=ship&target=x", "target_kind=lot&target=none"])
async def test_an_address_without_a_target_is_not_found(province: Recall, query: str) -> None:
    assert (await Browser(province).get(f"/console/recall/radius?{query}")).status_code == 404


async def test_who_may_not_order_sees_no_order_form(province: Recall) -> None:
    await province.know(lot("pg11"))
    reader = Browser(province, kinds=["report"])
    assert (await reader.get("/console/recall")).status_code == 200
    assert (await reader.get("/console/recall/new")).status_code == 403
    assert (await reader.get(radius_of("pg11"))).status_code == 403


async def test_everybody_reads_the_public_list_in_three_languages(province: Recall) -> None:
    await province.know(lot("pb1", code="PB-1"))
    case = await province.order(
        "pb1",
        reason_en="Bacteria found",
        instruction_en="Do not eat",
        reason_zh="检出细菌",
    )
    vi = await province.client.get("/recalls?q=pb-1", headers={"Accept-Language": "vi"})
    assert "Thu hồi Chả mực Hạ Long, lô PB-1" in vi.text
    en = await province.client.get(f"/recalls/{case['id']}", headers={"Accept-Language": "en"})
    assert "Recall of Ha Long squid cake, lot PB-1" in en.text
    assert "Bacteria found" in en.text
    assert 'lang="en"' in en.text
    zh = await province.client.get(f"/recalls/{case['id']}", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="zh-Hans">' in zh.text
    assert zh.headers["content-language"] == "zh-Hans"
    assert "召回：Ha Long squid cake，批次PB-1" in zh.text
    assert "检出细菌" in zh.text
    assert "Do not eat" in zh.text
    nothing = await province.client.get("/recalls?q=khong-co-gi-nhu-the")
    assert nothing.status_code == 200
    assert "empty" in nothing.text


async def test_a_lifted_notice_leaves_the_list_but_keeps_its_page(province: Recall) -> None:
    await province.know(lot("pb2", code="PB-2"))
    case = await province.order("pb2")
    await province.post(f"/recalls/{case['id']}/lift", {"reason": "Nhầm"})
    await province.post(f"/recalls/{case['id']}/lift/confirm")
    assert "lô PB-2" not in (await province.client.get("/recalls?q=pb-2")).text
    assert "lô PB-2" in (await province.client.get("/recalls?q=pb-2&all=1")).text
    page = await province.client.get(f"/recalls/{case['id']}")
    assert "Đã dỡ bỏ" in page.text


async def test_machines_read_the_same_as_json_and_atom(province: Recall) -> None:
    await province.know(lot("pb3", code="PB-3"))
    case = await province.order("pb3", reason="Lý do <&> đặc biệt")
    listed = json.loads((await province.client.get("/recalls.json")).text)
    item = next(item for item in listed["items"] if item["id"] == case["id"])
    assert (item["kind"], item["active"], item["lots"]) == ("recall", True, 1)
    atom = await province.client.get("/recalls.atom")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(atom.content)
    for required in ("id", "title", "updated"):
        assert feed.find(f"a:{required}", ATOM) is not None
    entry = next(
        e for e in feed.findall("a:entry", ATOM) if case["id"] in (e.findtext("a:id", "", ATOM))
    )
    assert "Lý do <&> đặc biệt" in (entry.findtext("a:summary", "", ATOM))
    assert entry.findtext("a:updated", "", ATOM)


async def test_an_unknown_public_recall_is_not_found(province: Recall) -> None:
    assert (await province.client.get("/recalls/nothing")).status_code == 404


async def test_another_s_target_looked_at_is_recorded_and_one_that_there_is_not_is_no_entry(
    province: Recall,
) -> None:
    await province.know(lot("seen-1", "f2", "p2"))
    account = new_id()
    stranger = Browser(province, communes=["07001"], tier="commune", account=account)
    looked = await stranger.get(radius_of("seen-1"))
    nothing = await stranger.get(radius_of("seen-none"))
    assert (looked.status_code, nothing.status_code) == (404, 404)
    assert await refused_addresses(province.db, account) == ["/console/recall/radius"]


async def test_a_cases_page_names_its_parts_and_each_name_leads_to_one(province: Recall) -> None:
    """A long page: without a script, by keyboard and on a phone, each part is one press away."""
    await province.know(lot("toc1"))
    case = await province.order("toc1")
    for token in (province.token(), province.token(tier="facility", facility="f1", communes=[])):
        page = (await province.browser(token).get(f"/console/recall/{case['id']}")).text
        contents = page[page.index('<nav class="contents') :]
        contents = contents[: contents.index("</nav>")]
        leaps = re.findall(r'href="#([^"]+)"', contents)
        assert {"words", "scope", "history", "told-section"} <= set(leaps)
        for one in leaps:
            assert page.count(f' id="{one}"') == 1, one
        folded = page[page.index('<details class="contents folded') :]
        assert re.findall(r'href="#([^"]+)"', folded[: folded.index("</details>")]) == leaps
