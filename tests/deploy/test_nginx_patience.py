"""How long nginx waits for a service that takes a request and never answers."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.layout import ROOT, Layout
from deploy.local.ports import free_port
from deploy.nginx import render
from tests.deploy.conftest import Front, standing
from tests.deploy.test_nginx_locations import TEMPLATE, chosen, locations
from tests.deploy.upstream import Upstream

READ = ["/", "/products", "/products/7", "/facilities", "/growing-areas", "/news", "/about"]
READ += ["/inquiries/ABCD-EFGH", "/recalls", "/recalls/7"]
WRITTEN = ["/inquiries", "/inquiries/ABCD-EFGH/messages", "/facilities/7/inquiry?product=8"]
WORKED_WITH = ["/console/registry/lots", "/api/registry/v1/lots", "/console", "/sign-in"]


@pytest_asyncio.fixture
async def hanging(front: Front) -> AsyncIterator[Front]:
    for upstream in front.upstreams.values():
        upstream.hangs = True
    yield front
    for upstream in front.upstreams.values():
        upstream.hangs = False


@pytest.mark.parametrize("path", READ)
async def test_who_reads_a_public_page_is_soon_told_that_it_takes_too_long(
    hanging: Front, path: str
) -> None:
    began = time.monotonic()
    answer = await hanging.client.get(path, timeout=30)
    assert answer.status_code == 504
    assert time.monotonic() - began < 15
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Hệ thống trả lời quá chậm" in answer.text
    assert "If you were only reading" in answer.text
    wanted = await hanging.client.get(path, headers={"Accept": "application/json"}, timeout=30)
    assert wanted.json()["code"] == "gateway_timeout"


async def test_who_works_with_a_service_is_waited_for_longer(hanging: Front) -> None:
    waiting = [asyncio.create_task(hanging.client.get(path, timeout=30)) for path in WORKED_WITH]
    try:
        # The public page gives up first, though it asked last.
        assert (await hanging.client.get("/products", timeout=30)).status_code == 504
        assert not any(task.done() for task in waiting)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_writes_to_a_facility_is_waited_for_as_long(hanging: Front) -> None:
    """Told too early, they would not know whether it was sent."""
    waiting = [
        asyncio.create_task(hanging.client.post(path, data={"text": "Hỏi"}, timeout=30))
        for path in WRITTEN
    ]
    try:
        assert (await hanging.client.get("/inquiries", timeout=30)).status_code == 504
        assert (await hanging.client.get("/facilities/7/inquiry", timeout=30)).status_code == 504
        assert not any(task.done() for task in waiting)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("path", WRITTEN)
async def test_what_is_written_arrives_as_it_was_sent(front: Front, path: str) -> None:
    upstream = front.upstreams["registry"]
    before = len(upstream.seen)
    headers = {"Cookie": "a=b", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await front.client.post(path, content=b"x" * 900_000, headers=headers)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["name"], told["request"]) == ("registry", f"POST {path} HTTP/1.1")
    assert told["headers"]["content-length"] == "900000"
    assert (told["headers"]["cookie"], told["headers"]["x-real-ip"]) == ("a=b", "127.0.0.1")
    assert len(upstream.seen) == before + 1
    too_large = await front.client.post(path, content=b"x" * 1_100_000, headers=headers)
    assert too_large.status_code == 413
    assert '<div lang="en">' in too_large.text


@pytest.mark.parametrize("path", WRITTEN)
async def test_who_writes_is_told_on_a_page_that_nobody_answers(front: Front, path: str) -> None:
    """As who reads is; nginx's own bare page names neither the trouble nor what to do."""
    upstream = front.upstreams["registry"]
    upstream.hangs_up = True
    try:
        answer = await front.client.post(path, data={"text": "Hỏi"})
    finally:
        upstream.hangs_up = False
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<div lang="en">' in answer.text


async def test_of_two_replicas_that_never_answer_the_reader_waits_for_one(tmp_path: Path) -> None:
    layout = Layout.on_free_ports(
        tmp_path, mongo_url="", amqp_url="", db_prefix="", bus_prefix="", secrets=tmp_path
    )
    pair = Front(tmp_path, layout)
    one, other = pair.upstreams["registry"], Upstream("registry-2", free_port())
    pair.upstreams[other.name] = other
    async with standing(pair, {**layout.upstreams(), "registry": [one.port, other.port]}):
        one.hangs = other.hangs = True
        assert (await pair.client.get("/products", timeout=30)).status_code == 504
        assert len(one.seen) + len(other.seen) == 1
        # One that hangs up at once is no reason to wait: the other is asked.
        one.hangs, other.hangs, one.hangs_up = False, False, True
        for _ in range(4):
            assert await pair.who("/products") == "registry"
        assert len(one.seen) + len(other.seen) > 5


def test_every_public_address_has_the_shorter_patience() -> None:
    read = locations()
    patient = set(
        re.findall(r"location ([^{]*\S) \{\n +proxy_read_timeout \$\{TXNG_PUBLIC", TEMPLATE)
    )
    for path in READ:
        one = chosen(path, read)
        assert f"{one.how} {one.path}".strip() in patient, path


def test_both_ways_of_running_it_agree_on_the_patience() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"TXNG_PUBLIC_TIMEOUT: ${{TXNG_PUBLIC_TIMEOUT:-{render.PUBLIC_TIMEOUT}}}" in compose
