"""What nginx itself refuses: a problem document for programs, a page of ours for people."""

import asyncio
import json
import re

import httpx2
import pytest

from deploy.local.layout import ROOT
from tests.deploy.conftest import Front


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/registry/v1/lots", 1_000_000),
        ("/api/recall/v1/recalls", 1_000_000),
        ("/api/recall/v1/recalls/x/evidence", 32_000_000),
        ("/console/recall/x/recovery/lots/y", 32_000_000),
        ("/api/identity/v1/tokens", 16_000),
        ("/api/identity/v1/password", 16_000),
        ("/api/identity/v1/claims/password", 16_000),
        ("/api/registry/v1/media", 10_000_000),
        ("/api/registry/v1/documents", 10_000_000),
        ("/console/registry/facilities/x/papers", 10_000_000),
        ("/console/stamps/requests/new", 1_000_000),
        ("/console/registry/products/new", 10_000_000),
        ("/session/refresh", 40_000_000),
        ("/sign-in", 16_000),
    ],
)
async def test_each_address_takes_no_larger_body_than_it_needs(
    front: Front, path: str, most: int
) -> None:
    fits = await front.client.post(path, content=b"x" * most)
    assert fits.status_code == 200
    answer = await front.client.post(path, content=b"x" * (most + most // 10))
    assert answer.status_code == 413
    must_be_of_our_own(answer, path, "body_too_large")


UNREADABLE = ["%00", "%zz", "a%00b", "%"]
PLACES = ["/api/registry/v1/lots/", "/v1/verdicts/", "/session/", "/products/", "/"]


def must_be_of_our_own(answer: httpx2.Response, path: str, code: str) -> None:
    """A problem document at an API's address, a page in all three languages elsewhere."""
    if path.startswith(("/api/", "/v1/", "/session/")):
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["status"], problem["code"]) == (answer.status_code, code)
    else:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert '<div lang="en">' in answer.text
        assert '<div lang="zh-Hans">' in answer.text
    assert "nginx" not in answer.text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", UNREADABLE)
async def test_an_address_that_cannot_be_read_is_answered_as_its_place_wants(
    front: Front, place: str, what: str
) -> None:
    status, headers, body = await raw(front, f"GET {place}{what} HTTP/1.1\r\nHost: x")
    assert status == 400
    must_be_of_our_own(httpx2.Response(status, headers=headers, content=body), place, MALFORMED)


MALFORMED = "malformed_request"
LONG = "x" * 70_000
ODD: list[tuple[str, int, str]] = [
    ("GET {path} HTTP/1.1", 400, MALFORMED),  # no Host
    ("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Length: -1", 400, MALFORMED),
    ("GET {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd", 400, MALFORMED),
    ("GET {path} HTTP/7.0\r\nHost: x", 400, MALFORMED),
    (f"GET {{path}}?{LONG} HTTP/1.1\r\nHost: x", 414, "address_too_long"),
    (f"GET {{path}} HTTP/1.1\r\nHost: x\r\nCookie: {LONG}", 431, "headers_too_large"),
    ("FOO {path} HTTP/1.1\r\nHost: x", 405, "method_not_allowed"),
    ("TRACE {path} HTTP/1.1\r\nHost: x", 405, "method_not_allowed"),
]


@pytest.mark.parametrize(("head", "status", "code"), ODD, ids=[odd[0][:60] for odd in ODD])
@pytest.mark.parametrize("path", ["/api/registry/v1/lots", "/products"])
async def test_what_nginx_refuses_by_itself_is_told_in_our_words(
    front: Front, head: str, status: int, code: str, path: str
) -> None:
    said, headers, body = await raw(front, head.format(path=path))
    assert said == status
    answer = httpx2.Response(said, headers=headers, content=body)
    must_be_of_our_own(answer, path, code)
    assert ("allow" in answer.headers) == (status == 405)


async def raw(front: Front, head: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to what no client would send."""
    port = front.layout.ports["nginx"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode())
    try:
        answer = await reader.read()
    finally:
        writer.close()
    said, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = said.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


async def test_a_folder_of_static_files_is_not_shown(front: Front) -> None:
    answer = await front.client.get("/static/")
    assert answer.status_code == 404
    must_be_of_our_own(answer, "/static/", "not_found")


def test_every_error_answer_says_its_own_status() -> None:
    folder = ROOT / "deploy" / "nginx" / "errors"
    problems = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    assert problems.keys() == {path.stem for path in folder.glob("*.html")}
    for status, problem in problems.items():
        assert problem["status"] == int(status)
        assert problem.keys() == {"type", "title", "status", "code", "detail"}
    template = (ROOT / "deploy/nginx/txng.conf.template").read_text()
    used = set(re.findall(r"/\.errors/(\d+)\.", template))
    assert used == problems.keys()
