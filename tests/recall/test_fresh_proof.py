"""Ordering, confirming and lifting need a fresh proof; without one nothing happens or is lost."""

import re
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from shared.permissions import matrix
from tests.answers import token_in
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall, order
from tests.recall.test_pages import WORDS, Browser, radius_of
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
