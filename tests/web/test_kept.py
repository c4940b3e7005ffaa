"""A form that no page takes back is not lost: its words are shown, and it may be sent again."""

import httpx2
import pytest

from shared.web.formdata import is_secret
from tests.web.conftest import token_on

TYPED = {"quantity": "7", "note": "Giữ <lại> nhé", "password": "con trâu gặm cỏ"}


async def sent(browser: httpx2.AsyncClient, code: str, **more: str) -> httpx2.Response:
    token = more.pop("token", "") or await token_on(browser, "/console/demo")
    data = {"csrf": token, "code": code, **TYPED}
    return await browser.post("/console/demo/kept?n=1", data=data, **more)  # type: ignore[arg-type]


async def test_with_the_database_away_it_is_sent_again_by_one_press(
    officer: httpx2.AsyncClient,
) -> None:
    answer = await sent(officer, "AWAY")
    assert answer.status_code == 503
    assert '<p class="as-typed">Giữ &lt;lại&gt; nhé</p>' in answer.text
    assert 'action="/console/demo/kept?n=1"' in answer.text
    assert '<textarea name="note" hidden>\nGiữ &lt;lại&gt; nhé</textarea>' in answer.text
    assert '<textarea name="code" hidden>\nAWAY</textarea>' in answer.text


async def test_what_cannot_be_done_is_not_offered_again_but_its_words_are_shown(
    officer: httpx2.AsyncClient,
) -> None:
    for code in ("BROKEN", "GONE"):
        answer = await sent(officer, code)
        assert answer.status_code in (404, 500)
        assert '<p class="as-typed">Giữ &lt;lại&gt; nhé</p>' in answer.text
        assert "<textarea" not in answer.text


async def test_nobodys_password_is_shown(officer: httpx2.AsyncClient) -> None:
    for code in ("AWAY", "BROKEN"):
        assert "con trâu" not in (await sent(officer, code)).text


async def test_a_form_that_has_grown_old_is_sent_again_with_a_new_token(
    officer: httpx2.AsyncClient,
) -> None:
    answer = await sent(officer, "OLD", token="0" * 64)
    assert answer.status_code == 403
    assert '<textarea name="note" hidden>' in answer.text


async def test_what_another_site_sent_is_not_shown_as_if_it_had_been_typed(
    officer: httpx2.AsyncClient,
) -> None:
    token = await token_on(officer, "/console/demo")
    officer.headers["Origin"] = "https://elsewhere.example"
    answer = await sent(officer, "AWAY", token=token)
    assert answer.status_code == 403
    assert "Giữ" not in answer.text


@pytest.mark.parametrize(
    ("name", "path", "secret"),
    [
        ("password", "/console/registry/lots/new", True),
        ("code", "/account/second-factor", True),
        ("code", "/sign-in/second-factor", True),
        ("code", "/console/registry/lots/new", False),
        ("reason", "/account/second-factor", False),
    ],
)
def test_the_code_of_a_lot_is_no_secret(name: str, path: str, secret: bool) -> None:
    assert is_secret(name, path) is secret
