"""Ordering, confirming and lifting need a fresh proof; without one nothing happens or is lost."""

import re
import time
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from services.recall.store.decision_drafts import DRAFTS
from shared.days import today
from shared.ids import now
from shared.permissions import matrix
from tests.answers import token_in
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall, order
from tests.recall.test_pages import WORDS, Browser, radius_of
from tests.recall.test_recoveries import PDF
from tests.tokens import VALID_SECONDS

LONG_AGO = int(time.time()) - 2 * VALID_SECONDS


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_the_matrix_marks_what_needs_a_fresh_proof() -> None:
    fresh = {action for action, rule in matrix().items() if rule.fresh}
    assert fresh == {"recall.order", "recall.correct", "recall.lift", "account.remove_factor"}


@pytest.mark.parametrize("proven", [LONG_AGO, None], ids=["too long ago", "never"])
async def test_an_order_without_a_fresh_proof_is_refused_and_changes_nothing(
    province: Recall, proven: int | None
) -> None:
    await province.know(lot("fp1"))
    token = province.token(auth_time=proven)
    answer = await province.post("/recalls", order("fp1"), token=token)
    assert told(answer) == (401, "fresh_proof_needed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer error=")
    listed = (await province.get("/recalls?q=fp1")).json()
    assert listed["total"] == 0
    refused = await province.db.collection("outbox").count_documents(
        {"body.data.outcome": "fresh_proof_needed", "body.data.action": "recall.order"}
    )
    assert refused
    # Looking needs no proof, and the one who may not is told so rather than asked for a code.
    target = {"target_kind": "lot", "target": "fp1"}
    assert (await province.post("/previews", target, token=token)).status_code == 200
    stranger = province.token(auth_time=proven, kinds=["report"])
    answer = await province.post("/recalls", order("fp1"), token=stranger)
    assert told(answer) == (403, "forbidden")


async def test_asking_for_a_lift_and_confirming_it_need_a_fresh_proof(province: Recall) -> None:
    await province.know(lot("fp2"))
    case = await province.order("fp2")
    path, because = f"/recalls/{case['id']}/lift", {"reason": "Kết quả kiểm nghiệm đạt"}
    stale = province.token(auth_time=LONG_AGO)
    assert told(await province.post(path, because, token=stale)) == (401, "fresh_proof_needed")
    assert (await province.post(path, because)).status_code == 200
    confirm = f"{path}/confirm"
    answer = await province.post(confirm, token=province.token(auth_time=LONG_AGO))
    assert told(answer) == (401, "fresh_proof_needed")
    # Keeping a notice is the safe side, so it needs none.
    answer = await province.post(f"{path}/decline", because, token=stale)
    assert answer.status_code == 200, answer.text


async def test_confirming_a_large_order_needs_a_fresh_proof(province: Recall) -> None:
    await province.know(lot("fp3"))
    await province.know(batch(930, 6_000), segment(930, (0, 5_999, "fp3", "active")))
    case = await province.order("fp3")
    assert case["state"] == "awaiting_confirmation"
    path = f"/recalls/{case['id']}/confirm"
    stale = province.token(auth_time=LONG_AGO)
    assert told(await province.post(path, token=stale)) == (401, "fresh_proof_needed")
    assert (await province.post(path)).status_code == 200


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', html, re.S)
    return {name: unescape(text) for name, text in found}


async def test_the_page_asks_for_a_code_and_keeps_everything_that_was_typed(
    province: Recall,
) -> None:
    await province.know(lot("fp4"))
    stale = {"auth_time": LONG_AGO, "account": "fp-account", "session": "fp-session"}
    browser = Browser(province, **stale)
    page = radius_of("fp4")
    typed = {**WORDS, "key": "fp4", "reason": 'Nấm mốc <độc> & "lạ"', "instruction": "Một\nHai"}
    asked = await browser.send(page, page, **typed)
    assert asked.status_code == 401
    assert "6 chữ số" in asked.text
    assert hidden(asked.text) == typed
    action = re.search(r'action="(/account/proof\?next=[^"]+)"', asked.text)
    assert action
    following = parse_qs(urlsplit(unescape(action[1])).query)["next"]
    assert following == [page]
    # identity has checked the code: the browser sends the form on, the used code still in it.
    fresh = Browser(province, **{**stale, "auth_time": int(time.time())})
    csrf = token_in(asked.text)
    data: dict[str, Any] = {**hidden(asked.text), "csrf": csrf, "proof_code": "123456"}
    sent = await province.client.post(page, data=data, headers=fresh.headers)
    assert sent.status_code == 303, sent.text
    case = await fresh.get(sent.headers["location"])
    assert "Nấm mốc &lt;độc&gt;" in case.text


async def test_without_a_second_factor_the_page_asks_for_the_password(province: Recall) -> None:
    await province.know(lot("fp5"))
    browser = Browser(
        province,
        auth_time=LONG_AGO,
        amr=["pwd"],
        tier="facility",
        kinds=["system"],
        facility="f1",
        communes=[],
    )
    page = radius_of("fp5")
    asked = await browser.send(page, page, **{**WORDS, "key": "fp5"})
    assert asked.status_code == 401
    assert 'type="password"' in asked.text


async def test_the_lift_on_the_page_asks_for_the_code_too(province: Recall) -> None:
    await province.know(lot("fp6"))
    case = await province.order("fp6")
    browser = Browser(province, auth_time=LONG_AGO)
    page = f"/console/recall/{case['id']}"
    asked = await browser.send(page, f"{page}/lift", reason="Hết nguy cơ")
    assert asked.status_code == 401
    assert hidden(asked.text) == {"reason": "Hết nguy cơ"}


async def proof_for_file(province: Recall, case_id: str, data: bytes, **claims: Any) -> Any:
    """What a browser is answered that sends a decision with its file."""
    page = f"/console/recall/{case_id}/decision"
    browser = Browser(province, **claims)
    csrf = token_in((await browser.get(page)).text)
    typed = {"csrf": csrf, "version": "0", "number": "5/QĐ", "day": str(today()), "kept": ""}
    return await province.client.post(
        page,
        data={**typed, "issued_by": "Sở"},
        files={"file": ("qd.pdf", data)},
        headers=browser.headers,
    )


async def test_a_chosen_file_is_kept_over_the_page_that_asks_for_a_code(province: Recall) -> None:
    await province.know(lot("fp7"))
    case_id = (await province.order("fp7"))["id"]
    page = f"/console/recall/{case_id}/decision"
    stale = {"auth_time": LONG_AGO, "account": "fp7-account"}
    asked = await proof_for_file(province, case_id, PDF, **stale)
    assert asked.status_code == 401
    assert "Tệp đính kèm không được giữ lại" not in asked.text
    typed = hidden(asked.text)
    assert typed["kept"]
    assert "file" not in typed
    # Another person, and another case, get nothing of it.
    await province.know(lot("fp7b"))
    other = (await province.order("fp7b"))["id"]
    now_ = {"auth_time": int(time.time())}
    mine = Browser(province, **{**stale, **now_})
    for who, case in ((Browser(province, account="fp7-other", **now_), case_id), (mine, other)):
        taken = await who.send(page, f"/console/recall/{case}/decision", **typed)
        assert taken.status_code == 422
        assert "Tệp đã chọn chỉ được giữ một giờ" in taken.text
    done = await mine.send(page, page, **typed)
    assert done.status_code == 303, done.text
    found = await province.get(f"/recalls/{case_id}/decision/file", province.token(**now_))
    assert found.content == PDF
    drafts = province.db.collection(DRAFTS)
    assert await drafts.count_documents({"account": "fp7-account"}) == 0, "it is used"


async def test_a_file_is_judged_before_a_code_is_asked_for_and_one_is_kept_for_an_hour(
    province: Recall,
) -> None:
    await province.know(lot("fp8"))
    case_id = (await province.order("fp8"))["id"]
    stale = {"auth_time": LONG_AGO, "account": "fp8-account"}
    wrong = await proof_for_file(province, case_id, b"MZ" + PDF, **stale)
    assert wrong.status_code == 422
    assert 'href="#f-file"' in wrong.text
    for _ in range(2):
        assert (await proof_for_file(province, case_id, PDF, **stale)).status_code == 401
    drafts = province.db.collection(DRAFTS)
    [draft] = [row async for row in drafts.find({"account": "fp8-account"})]
    assert timedelta(0) < draft["goes_at"] - now() <= timedelta(hours=1)
    assert (await drafts.index_information())["goes_at_1"]["expireAfterSeconds"] == 0
    # Who may not supply it has nothing kept.
    stranger = {**stale, "account": "fp8-stranger", "kinds": ["report"]}
    page = f"/console/recall/{case_id}/decision"
    browser = Browser(province, **stranger)
    csrf = token_in((await browser.get("/console/recall")).text)
    typed = {"csrf": csrf, "version": "0", "number": "5", "day": str(today()), "issued_by": "x"}
    sent = await province.client.post(
        page, data=typed, files={"file": ("qd.pdf", PDF)}, headers=browser.headers
    )
    assert sent.status_code == 403, sent.text
    assert await drafts.count_documents({"account": "fp8-stranger"}) == 0


async def test_a_kept_file_stays_when_the_form_comes_back_for_something_else(
    province: Recall,
) -> None:
    await province.know(lot("fp9"))
    case_id = (await province.order("fp9"))["id"]
    page = f"/console/recall/{case_id}/decision"
    stale = {"auth_time": LONG_AGO, "account": "fp9-account"}
    typed = hidden((await proof_for_file(province, case_id, PDF, **stale)).text)
    mine = Browser(province, **{**stale, "auth_time": int(time.time())})
    ahead = {**typed, "day": str(today() + timedelta(days=3))}
    back = await mine.send(page, page, **ahead)
    assert back.status_code == 422
    assert "qd.pdf, còn được giữ" in back.text
    assert f'name="kept" value="{typed["kept"]}"' in back.text
    assert (await mine.send(page, page, **typed)).status_code == 303
