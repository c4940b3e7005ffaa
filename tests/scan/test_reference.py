"""The OpenAPI document of verdicts, held against what the hot route really answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from services.scan import main
from services.scan.answering.words import DOUBTS
from services.scan.answering.words import VERDICTS as WORDS
from shared.contracts.registry import ChainParty, Recording
from shared.contracts.scan import VERDICTS
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, hold, name, notice, product

PATH = "/v1/verdicts/{code}"


@pytest.fixture(scope="module")
async def behind(world: World, scans: Scans) -> AsyncIterator[httpx2.AsyncClient]:
    """The application behind the hot route, as the program has it."""
    app = main.behind(scans.replica, world.settings)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture(scope="module")
async def document(behind: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await behind.get("/api/scan/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def validator(document: dict[str, Any], *way: str) -> jsonschema_rs.Validator:
    """Of the schema at this place, with the components that it refers to."""
    found: Any = document
    for step in way:
        found = found[step]
    schema = {**found, "components": document["components"]}
    return jsonschema_rs.validator_for(schema)


def of_verdicts(document: dict[str, Any]) -> jsonschema_rs.Validator:
    way = ("paths", PATH, "get", "responses", "200", "content", "application/json", "schema")
    return validator(document, *way)


def of_problems(document: dict[str, Any], status: int) -> jsonschema_rs.Validator:
    content = ("content", "application/problem+json", "schema")
    return validator(document, "paths", PATH, "get", "responses", str(status), *content)


async def test_every_real_verdict_is_as_described(
    world: World, scans: Scans, document: dict[str, Any]
) -> None:
    described = of_verdicts(document)
    seen = set()
    genuine, stopped, recalled = Goods(), Goods(), Goods()
    rich = product(
        genuine.product,
        genuine.facility,
        version=2,
        chain=(ChainParty(role="packer", name="Xưởng đóng gói"),),
        recordings=(
            Recording(
                kind="video", title="Phim", description="Hái na", address="/media/recordings/x.mp4",
                media_type="video/mp4", size=5,
            ),
        ),
    )  # fmt: skip
    await world.tell(*genuine.events(), rich, *stopped.events(), *recalled.events())
    await world.tell(
        hold(name("hold"), "batch", str(stopped.batch)), notice(name("case"), lots=(recalled.lot,))
    )
    await becomes(scans, genuine.batch, 7, "genuine")
    await becomes(scans, stopped.batch, 7, "suspended")
    await becomes(scans, recalled.batch, 7, "recalled")
    codes = [scans.code(one.batch, 7) for one in (genuine, stopped, recalled)]

    async def told_all() -> bool:
        answer = await scans.http.get(f"/v1/verdicts/{codes[0]}")
        return bool(answer.json()["product"]["recordings"])

    await eventually(told_all)
    for code in [*codes, "0" * 20]:
        for lang in ("vi", "en", "zh"):
            answer = await scans.http.get(f"/v1/verdicts/{code}?lang={lang}")
            assert answer.status_code == 200
            described.validate(answer.json())
            seen.add(answer.json()["verdict"])
        by_address = await scans.http.get(f"/{code}", headers={"Accept": "application/json"})
        described.validate(by_address.json())
    assert seen == {"genuine", "suspended", "recalled", "unknown"}


async def test_what_is_not_described_is_a_fault(scans: Scans, document: dict[str, Any]) -> None:
    """Else the test above could not fail."""
    told = (await scans.http.get(f"/v1/verdicts/{'0' * 20}")).json()
    described = of_verdicts(document)
    for wrong in ({"secret": "x"}, {"verdict": "fine"}, {"code": "short"}, {"as_of": 5}):
        assert not described.is_valid({**told, **wrong})
    assert not described.is_valid({k: v for k, v in told.items() if k != "confirmed"})


async def test_refusals_are_problem_documents_as_described(
    scans: Scans, document: dict[str, Any]
) -> None:
    answers = {
        404: await scans.http.get("/v1/verdicts/no-code"),
        405: await scans.http.post(f"/v1/verdicts/{'0' * 20}"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        of_problems(document, status).validate(answer.json())
        shown = document["paths"][PATH]["get"]["responses"][str(status)]
        example = shown["content"]["application/problem+json"]["example"]
        assert example["code"] == answer.json()["code"]
        of_problems(document, status).validate(example)


async def test_the_examples_are_as_described_and_the_page_shows_them(
    behind: httpx2.AsyncClient, document: dict[str, Any]
) -> None:
    answer = document["paths"][PATH]["get"]["responses"]["200"]
    for example in answer["content"]["application/json"]["examples"].values():
        of_verdicts(document).validate(example["value"])
    page = await behind.get("/api/scan/v1/docs")
    assert page.status_code == 200
    assert "/v1/verdicts/{code}" in page.text


def test_every_word_of_the_vocabulary_is_described() -> None:
    assert set(VERDICTS) == set(WORDS)
    assert set(DOUBTS) == {"not_confirmed", "incomplete", "genealogy", "address", "scans"}
