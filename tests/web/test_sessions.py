"""APIs take Bearer tokens alone; pages take the cookie, renew sessions, and guard their forms."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request

from shared.settings import Settings
from shared.web.app import create_app
from shared.web.session import PagePrincipal, safe_next
from tests.answers import token_in
from tests.web.conftest import ORIGIN, browser, token_on
from tests.web.demo import demo_app

LOT = {"code": "L-1", "quantity": 5}
FORM = {"code": "L-1", "quantity": "5"}


async def test_an_api_takes_the_bearer_token(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/api/demo/v1/lots", json=LOT, headers={"Authorization": "Bearer officer"}
    )
    assert answer.status_code == 201
    assert answer.json() == {"code": "L-1", "by": "a-1"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nobody", "Basic b2ZmaWNlcg=="])
async def test_an_api_takes_nothing_else(officer: httpx2.AsyncClient, header: str) -> None:
    """Least of all the cookie, which the browser would send for any site."""
    headers = {"Authorization": header} if header else {}
    answer = await officer.post("/api/demo/v1/lots", json=LOT, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_page_without_a_session_sends_the_browser_to_renew_it(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.get("/console/demo?page=2&q=Hạ")
    assert answer.status_code == 307
    target = urlsplit(answer.headers["location"])
    assert target.path == "/session/refresh"
    assert parse_qs(target.query)["next"] == ["/console/demo?page=2&q=H%E1%BA%A1"]
    assert answer.headers["cache-control"] == "no-store"


async def test_an_expired_session_keeps_method_and_body_of_a_form(
    client: httpx2.AsyncClient,
) -> None:
    """307, before the form is judged: its token is judged when it comes again."""
    answer = await client.post("/console/demo", data=FORM)
    assert answer.status_code == 307
    assert answer.headers["location"] == "/session/refresh?next=/console/demo"


async def test_renewing_does_not_go_in_circles(client: httpx2.AsyncClient) -> None:
    client.cookies.set("txng_access", "of-a-key-not-known-here")
    for _ in range(3):
        assert (await client.get("/console/demo")).status_code == 307
    assert (await client.get("/console/demo")).status_code == 503


async def test_with_tls_only_the_host_cookie_counts(secrets_dir: Path) -> None:
    app = demo_app(secrets_dir, public_origin="https://example.test")
    async with browser(app, cookies={"txng_access": "officer"}) as plain:
        assert (await plain.get("/console/demo")).status_code == 307
    async with browser(app, cookies={"__Host-txng_access": "officer"}) as bound:
        answer = await bound.get("/console/demo")
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        sign_in = await bound.get("/sign-in")
        cookie = sign_in.headers["set-cookie"]
        assert cookie.startswith("__Host-txng_visit=")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test",
        "/\\evil.test",
        "https://evil.test/",
        "javascript:alert(1)",
        "/\t/evil.test",
        "/ok\r\nSet-Cookie: a=b",
        "evil",
        "",
        "/" + "a" * 3000,
    ],
)
def test_only_addresses_of_this_site_are_gone_to(path: str) -> None:
    assert safe_next(path) == "/console"


def test_addresses_of_this_site_are_kept() -> None:
    assert safe_next("/console/recall?page=2#x") == "/console/recall?page=2#x"


async def test_a_redirect_never_leaves_the_site(client: httpx2.AsyncClient) -> None:
    token = await token_on(client, "/sign-in")
    answer = await client.post("/sign-in?next=//evil.test/", data={"csrf": token})
    assert answer.headers["location"] == "/console"


async def test_a_form_with_its_token_is_taken_and_the_next_page_says_so_once(
    officer: httpx2.AsyncClient,
) -> None:
    token = await token_on(officer, "/console/demo")
    answer = await officer.post("/console/demo/approve", data={"csrf": token})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/demo"
    assert "Đã duyệt." in (await officer.get("/console/demo")).text
    assert "Đã duyệt." not in (await officer.get("/console/demo")).text


async def test_a_forged_message_is_not_shown(officer: httpx2.AsyncClient) -> None:
    officer.cookies.set("txng_flash", '["good","Send money"]')
    assert "Send money" not in (await officer.get("/console/demo")).text


@pytest.mark.parametrize("token", [None, "", "0" * 64, "khác"])
async def test_a_form_without_its_token_is_refused(
    officer: httpx2.AsyncClient, token: str | None
) -> None:
    data = {} if token is None else {"csrf": token}
    answer = await officer.post("/console/demo/approve", data=data)
    assert answer.status_code == 403
    assert "csrf_failed" in answer.text


async def test_the_token_of_another_person_is_refused(
    app: FastAPI, officer: httpx2.AsyncClient
) -> None:
    async with browser(app, cookies={"txng_access": "farmer"}) as farmer:
        foreign = await token_on(farmer, "/console/demo")
    answer = await officer.post("/console/demo/approve", data={"csrf": foreign})
    assert answer.status_code == 403


async def test_a_visitors_token_opens_no_form_of_a_signed_in_person(
    app: FastAPI, officer: httpx2.AsyncClient
) -> None:
    async with browser(app) as visitor:
        page = await visitor.get("/sign-in")
    officer.cookies.set("txng_visit", visitor.cookies["txng_visit"])
    answer = await officer.post("/console/demo/approve", data={"csrf": token_in(page.text)})
    assert answer.status_code == 403


async def test_a_doubled_token_is_refused(officer: httpx2.AsyncClient) -> None:
    token = await token_on(officer, "/console/demo")
    answer = await officer.post("/console/demo/approve", data={"csrf": [token, "0" * 64]})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080.evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_is_refused_even_with_its_token(
    officer: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    token = await token_on(officer, "/console/demo")
    answer = await officer.post("/console/demo/approve", data={"csrf": token}, headers=headers)
    assert answer.status_code == 403


async def test_a_form_from_here_is_taken(officer: httpx2.AsyncClient) -> None:
    token = await token_on(officer, "/console/demo")
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    answer = await officer.post("/console/demo/approve", data={"csrf": token}, headers=headers)
    assert answer.status_code == 303


async def test_signing_in_needs_the_visitors_own_token(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    """Else an attacker could sign a victim in to the attacker's account."""
    async with browser(app) as attacker:
        foreign = await token_on(attacker, "/sign-in")
    assert (await client.post("/sign-in", data={"csrf": foreign})).status_code == 403
    own = await token_on(client, "/sign-in")
    assert (await client.post("/sign-in", data={"csrf": foreign})).status_code == 403
    assert (await client.post("/sign-in", data={"csrf": own})).status_code == 303


def test_a_page_that_takes_forms_without_the_guard_stops_the_start(secrets_dir: Path) -> None:
    router = APIRouter(prefix="/console")

    @router.post("/careless")
    async def careless(request: Request, who: PagePrincipal) -> None: ...

    with pytest.raises(RuntimeError, match="/console/careless takes POST without PageForm"):
        create_app(
            "demo",
            title="x",
            routers=[router],
            lifespan=None,
            settings=Settings(secrets_dir=secrets_dir),
        )
