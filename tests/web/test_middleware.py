"""What holds for every answer: ids, headers, limits, figures, and the start of the application."""

import asyncio
import json
from urllib.parse import urlsplit

import httpx2
import pytest
from prometheus_client import REGISTRY

MEGABYTE = 1_000_000


async def test_the_proxys_request_id_is_kept_and_logged(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/api/demo/v1/lots/7", headers={"X-Request-ID": "f00d-1234"})
    assert answer.headers["x-request-id"] == "f00d-1234"
    entry = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert entry["request_id"] == "f00d-1234"
    assert entry["route"] == "/api/demo/v1/lots/{number}"
    assert entry["status"] == 200


@pytest.mark.parametrize("given", ["", "short", "a" * 65, 'x"y<script>', "a b c d e f"])
async def test_an_odd_request_id_is_replaced(client: httpx2.AsyncClient, given: str) -> None:
    answer = await client.get("/", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 36


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/demo/v1/broken", "/static/app.css"])
async def test_every_answer_has_the_security_headers(client: httpx2.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


async def test_consoles_and_apis_are_kept_by_no_cache(officer: httpx2.AsyncClient) -> None:
    for path in ("/console/demo", "/api/demo/v1/lots/7", "/sign-in"):
        assert (await officer.get(path)).headers["cache-control"] == "no-store"


async def test_pages_have_nothing_inline_that_the_policy_would_block(
    officer: httpx2.AsyncClient,
) -> None:
    for path in ("/", "/console/demo", "/api/demo/v1/docs", "/nothing"):
        page = (await officer.get(path)).text
        assert "<style" not in page
        assert "style=" not in page
        assert "onclick" not in page
        assert page.count("<script") == page.count("<script src=") == 1


async def test_static_files_keep_for_ever_under_their_hash(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = await client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert (await client.get("/static/../app.py")).status_code == 404
    assert (await client.get("/static/%2e%2e/app.py")).status_code == 404


async def test_head_is_answered_as_get_without_the_body(server: str) -> None:
    async with httpx2.AsyncClient(base_url=server) as real:
        for path, status in (("/", 200), ("/nothing", 404), ("/api/demo/v1/lots/7", 200)):
            answer = await real.head(path)
            assert (answer.status_code, answer.content) == (status, b"")


async def test_a_body_that_says_it_is_too_large_is_not_read(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/api/demo/v1/lots",
        content=b"x" * (10 * MEGABYTE + 1),
        headers={"Authorization": "Bearer officer", "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_that_does_not_say_its_length_is_counted_as_it_comes(
    client: httpx2.AsyncClient,
) -> None:
    sent = 0

    async def endless() -> object:
        nonlocal sent
        while True:
            sent += MEGABYTE
            yield b"x" * MEGABYTE

    for path in ("/api/demo/v1/lots", "/console/demo", "/sign-in"):
        sent = 0
        client.cookies.set("txng_access", "officer")
        answer = await client.post(
            path,
            content=endless(),  # type: ignore[arg-type]
            headers={
                "Authorization": "Bearer officer",
                "Content-Type": "application/json"
                if path.startswith("/api")
                else "application/x-www-form-urlencoded",
            },
        )
        assert answer.status_code == 413
        assert "body_too_large" in answer.text
        assert sent <= 12 * MEGABYTE


async def test_a_lying_length_does_not_help_over_a_real_connection(server: str) -> None:
    """Chunked, without a length, against uvicorn itself."""
    address = urlsplit(server)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        b"POST /api/demo/v1/lots HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer officer\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    try:
        for _ in range(11):
            writer.write(chunk)
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    except ConnectionError:
        pass
    status = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert b" 413 " in status


async def test_requests_are_counted_by_template_method_and_status(
    client: httpx2.AsyncClient,
) -> None:
    labels = {
        "service": "demo",
        "route": "/api/demo/v1/lots/{number}",
        "method": "GET",
        "status": "200",
    }
    before = REGISTRY.get_sample_value("http_requests_total", labels) or 0
    await client.get("/api/demo/v1/lots/7")
    await client.get("/api/demo/v1/lots/8")
    assert REGISTRY.get_sample_value("http_requests_total", labels) == before + 2
    await client.get("/no/such/page")
    await client.request("BREW", "/no/such/pot")
    routes = {
        sample.labels["route"]
        for metric in REGISTRY.collect()
        if metric.name == "http_requests"
        for sample in metric.samples
    }
    assert "unmatched" in routes
    assert not any("such" in route for route in routes)


async def test_the_api_reference_tells_of_the_api_alone(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/api/demo/v1/openapi.json")).json()
    assert set(document["paths"]) >= {"/api/demo/v1/lots", "/api/demo/v1/lots/{number}"}
    assert all(path.startswith("/api/") for path in document["paths"])
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    page = (await client.get("/api/demo/v1/docs")).text
    assert "/api/demo/v1/lots/{number}" in page
    assert 'id="schema-Lot"' in page
