"""The real nginx with our configuration, before stand-ins for the services."""

import asyncio
import json
import re

import pytest

from deploy.nginx import render
from services.scan.answering.spoken import address_of
from tests.deploy.conftest import Front
from tests.polling import eventually

CODE = "0123456789ABCDEFGHJK"


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "registry"),
        ("/facilities/7", "registry"),
        ("/products", "registry"),
        ("/growing-areas", "registry"),
        ("/transport/x/y", "registry"),
        ("/media/abc", "registry"),
        ("/media/recordings/abc.mp4", "registry"),
        ("/news/feed.atom", "registry"),
        ("/inquiries/ABCD-EFGH", "registry"),
        ("/console/registry/lots", "registry"),
        ("/api/registry/v1/lots", "registry"),
        ("/about", "registry"),
        ("/sign-in", "identity"),
        ("/sign-out", "identity"),
        ("/session/refresh", "identity"),
        ("/account", "identity"),
        ("/apply", "identity"),
        ("/api/identity/v1/applications", "identity"),
        ("/api/registry/v1/articles", "registry"),
        ("/api/identity/v1/applications/tracked/7K3M-Q9RT-2WXY-5ABC/papers", "identity"),
        ("/console/identity", "identity"),
        ("/api/identity/v1/accounts", "identity"),
        ("/api/identity/v1/tokens", "identity"),
        ("/console/stamps/batches", "stamps"),
        ("/api/stamps/v1/batches", "stamps"),
        ("/recalls", "recall"),
        ("/recalls/feed", "recall"),
        ("/console/recall", "recall"),
        ("/api/recall/v1/recalls", "recall"),
        ("/console", "reporting"),
        ("/console/", "reporting"),
        ("/console/reporting/ledger", "reporting"),
        ("/api/reporting/v1/figures", "reporting"),
        (f"/{CODE}", "scan"),
        (f"/{CODE.lower()}", "scan"),
        ("/01234-56789-ABCDE-FGHJK", "scan"),
        ("/01234%2056789%20ABCDE%20FGHJK", "scan"),
        ("/01234+56789+ABCDE+FGHJK", "scan"),
        (f"/v1/verdicts/{CODE}", "scan"),
        ("/v1/verdicts/x", "scan"),
        (f"/01/09506000134352/21/{CODE}", "scan"),
        ("/00/106141411234567897", "scan"),
        ("/414/9506000134376/254/1", "scan"),
        ("/8006/095060001343520102", "scan"),
        ("/417/9506000134376", "scan"),
        ("/8013/1987654Ad4X4bL5ttr2310c2K", "scan"),
        ("/ARFKk4XBoA", "scan"),
        ("/QUIqJOTrRQ", "scan"),
        ("/CxFKk4XBoE1Xm95CCgAMmWDXYZ8M-25LE6wrTbn2o", "scan"),
        ("/nYqJOTrRSFZssK_E", "scan"),
        ("/01/09506000134352/LzEeqxml_IA", "scan"),
        ("/.well-known/gs1resolver", "scan"),
    ],
)
async def test_each_address_reaches_its_service(front: Front, path: str, service: str) -> None:
    assert await front.who(path) == service


async def test_the_path_arrives_as_it_was_sent(front: Front) -> None:
    answer = await front.client.get("/01/09506000134352/10/a%2Fb?17=261231&x=%20")
    assert answer.json()["request"] == "GET /01/09506000134352/10/a%2Fb?17=261231&x=%20 HTTP/1.1"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/v1/feed?after=0"])
async def test_what_is_for_operators_is_not_public(front: Front, path: str) -> None:
    answer = await front.client.get(path)
    assert answer.status_code == 404
    assert "name" not in answer.text.partition("<head>")[0]


async def test_a_service_is_told_who_asks_and_by_which_request(front: Front) -> None:
    forged = {"X-Request-ID": "mine", "X-Real-IP": "9.9.9.9", "X-Forwarded-For": "9.9.9.9"}
    headers = (await front.client.get("/recalls", headers=forged)).json()["headers"]
    assert headers["x-real-ip"] == "127.0.0.1"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == f"127.0.0.1:{front.layout.ports['nginx']}"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])


async def test_a_scan_goes_to_the_other_replica_when_one_is_gone(front: Front) -> None:
    await front.upstreams["scan-1"].stop()
    try:
        names = [(await front.client.get(f"/{CODE}")).json()["name"] for _ in range(6)]
    finally:
        await front.upstreams["scan-1"].start()
    assert names == ["scan-2"] * 6


async def test_a_scan_cut_off_half_way_is_repeated_with_the_same_request_id(front: Front) -> None:
    front.upstreams["scan-1"].hangs_up = True
    try:
        answers = [await front.client.get(f"/{CODE}") for _ in range(4)]
    finally:
        front.upstreams["scan-1"].hangs_up = False
    assert {answer.status_code for answer in answers} == {200}


async def test_a_post_is_never_sent_twice(front: Front) -> None:
    stamps = front.upstreams["stamps"]
    stamps.hangs_up = True
    stamps.seen.clear()
    try:
        answer = await front.client.post("/api/stamps/v1/requests", json={})
    finally:
        stamps.hangs_up = False
    assert answer.status_code == 503
    assert len(stamps.seen) == 1


async def test_a_service_that_is_down_gives_an_api_a_problem_document(front: Front) -> None:
    await front.upstreams["recall"].stop()
    try:
        answer = await front.client.get("/api/recall/v1/recalls")
    finally:
        await front.upstreams["recall"].start()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (503, "unavailable")


async def test_a_service_that_is_down_gives_people_a_page_in_both_languages(front: Front) -> None:
    await front.upstreams["recall"].stop()
    try:
        page = await front.client.get("/recalls")
        wanted = await front.client.get("/recalls", headers={"Accept": "application/json"})
    finally:
        await front.upstreams["recall"].start()
    assert page.status_code == 503
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Hệ thống tạm thời chưa trả lời được" in page.text
    assert "The system cannot answer just now" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert wanted.json()["code"] == "unavailable"


async def test_a_flood_of_sign_ins_is_slowed_and_reading_is_not(front: Front) -> None:
    statuses = [(await front.client.post("/sign-in")).status_code for _ in range(90)]
    assert statuses[:40] == [200] * 40
    assert 429 in statuses
    assert (await front.client.get("/sign-in")).status_code == 200


async def test_the_log_holds_no_address_and_no_whole_code(front: Front) -> None:
    await front.client.get(f"/{CODE}")
    await front.client.get(f"/v1/verdicts/{CODE}")
    await front.client.get(f"/apply/{CODE[:16]}")
    await front.client.post(f"/apply/{CODE[:16]}/papers")
    await front.client.get(f"/api/identity/v1/applications/tracked/{CODE[:16]}")
    await front.client.get(f"/inquiries/{CODE[:16]}")
    await front.client.post(f"/inquiries/{CODE[:16]}/messages")
    await front.client.get(f"/bao-van-de/{CODE}?v=genuine")
    await front.client.post(f"/bao-van-de/--{CODE[:2]}-{CODE[2:]}")
    await front.client.get(f"/pin/{CODE}")
    await front.client.get(f"/pin/--{CODE[:2]}-{CODE[2:]}")
    await front.client.get(f"/log/stamps/{CODE}")
    await front.client.get(f"/log/stamps/--{CODE[:2]}-{CODE[2:]}")
    await front.client.get(f"/api/stamps/v1/log/stamps/{CODE}?size=3")
    await front.client.get(f"/01/09506000134352/21/{CODE}")
    await front.client.get(f"/{CODE[:6]}_{CODE}-compressed")
    log = front.folder / "access.log"
    await eventually(lambda: "/01/09506000134352" in log.read_text())
    text = log.read_text()
    assert CODE[:4] in text
    assert CODE[:8] not in text
    assert not any("127.0.0.1" in json.loads(line)["path"] for line in text.splitlines())
    assert all("remote" not in json.loads(line) for line in text.splitlines())


async def test_the_log_holds_no_transporters_link(front: Front) -> None:
    secret = "5f0e8b2c9d" * 3
    await front.client.get(f"/transport/0198f1-a/{secret}?lang=en")
    await front.client.post(f"/transport/0198f1-a/{secret}/pick-up")
    log = front.folder / "access.log"
    await eventually(lambda: "/pick-up" in log.read_text())
    assert secret[:6] not in log.read_text()
    assert "/transport/0198f1-a/…/pick-up" in log.read_text()


async def test_static_files_come_from_nginx_and_versioned_ones_are_kept(front: Front) -> None:
    plain = await front.client.get("/static/app.css")
    versioned = await front.client.get("/static/app.css?v=1")
    assert plain.status_code == 200
    assert plain.headers["content-type"].startswith("text/css")
    assert plain.headers["cache-control"] == "public, max-age=3600"
    assert "immutable" in versioned.headers["cache-control"]
    missing = await front.client.get("/static/../render.py")
    assert missing.status_code in {200, 404}
    assert "def " not in missing.text


async def test_a_spoken_verdict_comes_in_parts_as_old_telephones_ask_for_it(front: Front) -> None:
    address = address_of("recalled", "vi")
    whole = await front.client.get(address)
    assert whole.headers["content-type"].startswith("audio/mpeg")
    assert "immutable" in whole.headers["cache-control"]
    part = await front.client.get(address, headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, whole.content[:2])


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        render.fill("listen ${TXNG_NOT_THERE};", {})


async def test_megabytes_for_inspectors_have_a_limit_of_their_own(front: Front) -> None:
    asked = [front.client.get("/api/scan/v1/snapshot") for _ in range(90)]
    statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert 429 in statuses
    assert (await front.client.get("/api/scan/v1/snapshot/key")).status_code != 429
