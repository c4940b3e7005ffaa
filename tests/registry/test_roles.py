"""Every role at the endpoints of inquiries, news and recordings: what the matrix says, no more."""

import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.identity.tiers import tiers
from shared import auth
from shared.ids import new_id
from tests.answers import ok
from tests.registry import builders, clips
from tests.registry.conftest import API, Registry
from tests.registry.test_inquiries import asked, the_one
from tests.registry.test_news import article
from tests.registry.test_recordings import WORDS
from tests.tokens import bearer

ROLES = [(tier.name, kind) for tier in tiers().values() for kind in tier.kinds]
TOML = Path(auth.__file__).parent / "permissions.toml"
RULES: dict[str, dict[str, Any]] = tomllib.loads(TOML.read_text(encoding="utf-8"))
BECAUSE = {"reason": "Kiểm thử quyền"}
FILE = {"file": ("a.mp3", clips.mp3(3), "audio/mpeg")}

# Endpoint → what it needs of a facility's account, what of an official's, and a right body.
READ, NEWS = ("inquiry.read", "inquiry.moderate"), ("article.write", "article.publish")
ENDPOINTS: dict[tuple[str, str], tuple[tuple[str, ...], Any]] = {
    ("GET", "/inquiries"): (READ, None),
    ("GET", "/inquiries/{inquiry}"): (READ, None),
    ("POST", "/inquiries/{inquiry}/answer"): (
        ("inquiry.answer",),
        {"version": 1, "text": "Xin chào"},
    ),
    ("POST", "/inquiries/{inquiry}/close"): (("inquiry.answer",), {"version": 1}),
    ("POST", "/inquiries/{inquiry}/report"): (("inquiry.answer",), BECAUSE),
    ("POST", "/inquiries/{inquiry}/moderation"): (
        ("inquiry.moderate",),
        {"decision": "clear", **BECAUSE},
    ),
    ("GET", "/articles"): (NEWS, None),
    ("GET", "/articles/{article}"): (NEWS, None),
    ("POST", "/articles"): (("article.write",), article()),
    ("PUT", "/articles/{article}"): (("article.write",), article(version=1)),
    ("POST", "/articles/{article}/remove"): (("article.write",), {"version": 1}),
    ("POST", "/articles/{article}/submit"): (("article.write",), {"version": 1}),
    ("POST", "/articles/{article}/pictures"): (("article.write",), {"file": builders.picture()}),
    ("POST", "/articles/{article}/publish"): (("article.publish",), {"version": 1}),
    ("POST", "/articles/{article}/reject"): (("article.publish",), {"version": 1, **BECAUSE}),
    ("POST", "/articles/{article}/take-down"): (("article.publish",), BECAUSE),
    ("GET", "/articles/{article}/recordings"): (NEWS, None),
    ("POST", "/recordings"): (("product.enter",), {"file": clips.mp3(3)}),
    ("GET", "/facilities/{facility}/recordings"): (("product.read",), None),
    ("POST", "/recordings/{recording}/remove"): (("product.enter",), {}),
}


def named(action: str, tier: str, kind: str) -> bool:
    """What the file says, read without the code under test."""
    return any(
        who in (f"{tier}:{kind}", f"{tier}:*", f"*:{kind}", "*:*") for who in RULES[action]["who"]
    )


def allowed(actions: tuple[str, ...], tier: str, kind: str) -> bool:
    facility = tiers()[tier].facility
    where = "own" if facility else "area"
    return any(
        named(action, tier, kind) and where in RULES[action]["scope"].split("|")
        for action in actions
    )


@pytest.fixture(scope="module")
async def things(registry: Registry) -> dict[str, str]:
    """One of each, in reach of every role; the inquiry is reported, so officials may know of it."""
    facility = await registry.a_facility()
    await asked(registry, facility["id"])
    inquiry = await the_one(registry, facility["id"])
    operator = registry.operator(facility["id"])
    ok(await registry.post(f"/inquiries/{inquiry['id']}/report", BECAUSE, operator))
    made = ok(await registry.post("/articles", article(), registry.approver()), 201)
    return {
        "facility": facility["id"],
        "inquiry": inquiry["id"],
        "article": made["id"],
        "recording": await a_recording(registry, facility["id"]),
    }


async def a_recording(registry: Registry, facility: str) -> str:
    answer = await registry.client.post(
        f"{API}/recordings",
        data={"title": "Nghe kể", "description": WORDS},
        files=FILE,
        headers=bearer(registry.operator(facility)),
    )
    return str(ok(answer, 201)["id"])


async def send(
    registry: Registry, method: str, path: str, body: Any, token: str, facility: str
) -> httpx2.Response:
    headers = bearer(token)
    if body is not None and "file" in body:
        about = {"title": "Nghe kể", "description": WORDS, "facility_id": facility}
        data = about if path == "/recordings" else {}
        files = {"file": ("a", body["file"], "application/octet-stream")}
        return await registry.client.post(f"{API}{path}", data=data, files=files, headers=headers)
    return await registry.client.request(method, f"{API}{path}", json=body, headers=headers)


@pytest.mark.parametrize(("method", "path"), sorted(ENDPOINTS))
async def test_every_role_at_every_endpoint(
    method: str, path: str, registry: Registry, things: dict[str, str]
) -> None:
    actions, body = ENDPOINTS[method, path]
    kept = {
        name: await registry.db.collection(name).find_one({"_id": things[key]})
        for name, key in (("inquiries", "inquiry"), ("articles", "article"))
    }
    for tier, kind in ROLES:
        facility = tiers()[tier].facility
        token = registry.token(
            tier,
            kind,
            account=new_id(),
            facility=things["facility"] if facility else None,
            communes=[] if facility else ["*"],
            sector="*",
        )
        filled = path.format(**things)
        answer = await send(registry, method, filled, body, token, things["facility"])
        code = answer.json().get("code", "") if answer.status_code >= 400 else ""
        # What officials alone may touch does not even exist for a facility.
        barred = code == "forbidden" or (code == "not_found" and facility)
        assert barred != allowed(actions, tier, kind), (tier, kind, answer.text)
        for name, row in kept.items():
            assert row is not None
            await registry.db.collection(name).replace_one({"_id": row["_id"]}, row, upsert=True)
        if answer.status_code == 204 and "/recordings/" in path:
            things["recording"] = await a_recording(registry, things["facility"])


async def test_the_table_names_every_endpoint_of_these_three(registry: Registry) -> None:
    served = set()
    for path, operations in registry.app.openapi()["paths"].items():
        if any(word in path for word in ("/inquiries", "/articles", "/recordings")):
            short = path.removeprefix(API)
            for long, name in (
                ("inquiry_id", "inquiry"),
                ("article_id", "article"),
                ("recording_id", "recording"),
                ("record_id", "facility"),
            ):
                short = short.replace(f"{{{long}}}", f"{{{name}}}")
            served |= {(method.upper(), short) for method in operations}
    assert served == set(ENDPOINTS)


async def test_without_a_token_none_of_them_answers(
    registry: Registry, things: dict[str, str]
) -> None:
    for method, path in ENDPOINTS:
        answer = await registry.client.request(method, f"{API}{path.format(**things)}", json={})
        assert answer.status_code == 401, path
