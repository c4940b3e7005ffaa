"""What must hold of every answer to a wrong request, whoever sent it."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pymongo.database import Database

from shared.ids import new_id
from tests.tokens import bearer, mint
from tests.unasked import unasked
from tests.web.wrong_input import (
    JSON,
    MULTIPART,
    Case,
    Operation,
    example_body,
    full_body,
    wrong_requests,
)

AT_ONCE = 8
INSIDE = re.compile(
    r"Traceback|File \"|\.py\b|[A-Z][a-z]+Error\b|Exception|pydantic|pymongo|motor\b|mongo|bson|"
    r"starlette|fastapi|asyncio|/tmp/|/usr/|/home/|site-packages|<class|object at 0x|"
    r"Input should|Value error|invalid literal|Field required|Expecting|codec"
)
# It answers as RFC 6749, 5.2 says, and not with a problem document.
OAUTH = "/api/identity/v1/oauth/token"
MOST_NAMED = 50
# Who sends a body with all fields there are, besides the one with those that are needed.
ALL_FIELDS = ("a department", "a facility")
# What another program makes from time to time, and no request is to blame for missing.
NOT_YET = {"no_snapshot_yet"}
# More than any address takes.
TOO_MUCH = 10**9


@dataclass
class Asked:
    """One service as it is asked."""

    url: str
    operations: list[Operation]
    client: httpx2.AsyncClient
    people: Mapping[str, str]
    db: Database[dict[str, Any]]

    def contents(self) -> dict[str, str]:
        """A digest of each collection's contents, but of those that change unasked."""
        names = sorted(set(self.db.list_collection_names()) - unasked())
        return dict(self.db.command("dbHash", collections=names)["collections"])

    def written(self) -> int:
        """How many events there are, by the collection's own count."""
        return self.db["outbox"].estimated_document_count()

    def acts_after(self, count: int) -> list[dict[str, Any]]:
        """The events but for the first so many."""
        rows = self.db["outbox"].find({}).sort("_id", 1).skip(count)
        return [row["body"] for row in rows]

    def collections(self) -> set[str]:
        """Names that nobody outside knows: those that are no plain word."""
        return {name for name in self.db.list_collection_names() if "_" in name}

    async def send(self, operation: Operation, case: Case, who: str = "") -> httpx2.Response:
        headers = {**case.headers, **(bearer(self.people[who]) if who else {})}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return await self.client.request(
            operation.method, self.url + case.path, content=case.content, headers=raw
        )


def people(secrets: Path) -> dict[str, str]:
    """Accounts that between them may do everything, and one that may do nothing."""
    every = ["system", "approve", "check", "operate", "report"]
    return {
        "a department": mint(secrets, kinds=every),
        "a province": mint(secrets, tier="province", unit="tinh-quang-ninh", kinds=every),
        "a commune": mint(secrets, tier="commune", kinds=every, communes=["07090"]),
        "a facility": mint(
            secrets, tier="facility", kinds=every, facility=new_id(), communes=[], unit=None
        ),
        "a bystander": mint(secrets, tier="ministry", kinds=["none"], unit="bo"),
        "a forger": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    }


async def faults_of_wrong_requests(asked: Asked, operation: Operation) -> list[str]:
    """Sends everything wrong, several at once, and looks at answers, contents and events."""
    before, written = asked.contents(), asked.written()
    gate, hidden = asyncio.Semaphore(AT_ONCE), asked.collections()

    async def one(case: Case) -> list[str]:
        async with gate:
            answer = await asked.send(operation, case, "a department")
        where = f"{operation.name} [{case.name}] {answer.status_code}"
        return [f"{where}: {fault}" for fault in faults_of_answer(case, answer, hidden)]

    answers = await asyncio.gather(*map(one, wrong_requests(operation)))
    found = [fault for faults in answers for fault in faults]
    if changed := _changed(before, asked.contents()):
        found.append(f"{operation.name}: {changed} changed")
    for event in asked.acts_after(written):
        if event["data"].get("outcome", "accepted") == "accepted":
            found.append(f"{operation.name}: {event['type']} was written")
    return found


def faults_of_answer(case: Case, answer: httpx2.Response, hidden: set[str]) -> list[str]:
    """What is wrong with an answer to a wrong request; empty if nothing is."""
    if answer.status_code not in case.statuses:
        return [f"answered {answer.text[:300]}"]
    found = faults_of_refusal(answer, hidden)
    if answer.status_code != 422 or found or OAUTH in case.path:
        return found
    errors = answer.json().get("errors", [])
    if not errors:
        return [f"no field is named: {answer.text[:200]}"]
    if len(errors) == MOST_NAMED:
        return []
    named = {error["field"].lower() for error in errors}
    return [
        f"{place} is not named, only {sorted(named)[:8]}"
        for place in case.fields
        if not any(_names(one, place.lower()) for one in named)
    ]


def _names(told: str, place: str) -> bool:
    """`lots.0` or `lots.0.code.x` for `lots.0.code`: the field, what holds it, or a part of it."""
    return told == place or place.startswith(f"{told}.") or told.startswith(f"{place}.")


def faults_of_refusal(answer: httpx2.Response, hidden: set[str]) -> list[str]:
    """What is wrong with a refusal whatever it refuses."""
    if answer.status_code >= 500 and not _is_not_yet(answer):
        return [f"fails: {answer.text[:300]}"]
    told = answer.json()
    if answer.url.path == OAUTH and "error" in told:
        return [f"{told} tells what is inside"] if INSIDE.search(answer.text) else []
    if answer.headers.get("content-type") != "application/problem+json":
        return [f"is no problem document but {answer.headers.get('content-type')}"]
    errors = told.get("errors", [])
    codes = [told["code"], *(error["code"] for error in errors)]
    found = [f"{code!r} is no code" for code in codes if not re.fullmatch(r"[a-z][a-z0-9_]+", code)]
    texts = [told["title"], told["detail"], *(error["message"] for error in errors)]
    if not all(texts):
        found.append(f"leaves something unsaid: {texts}")
    for text in texts:
        if INSIDE.search(text) or any(name in text for name in hidden):
            found.append(f"tells what is inside: {text}")
    return found


def _is_not_yet(answer: httpx2.Response) -> bool:
    """Whether it says that what everybody may have has not been made yet."""
    return answer.status_code == 503 and answer.json().get("code") in NOT_YET


async def faults_by_account(asked: Asked, operation: Operation) -> list[str]:
    """A well-formed request about what does not exist, by nobody and by everybody."""
    content, headers = example_body(operation)
    lies = operation.body_type == MULTIPART
    cases = [Case("well formed", operation.path(), content, headers, lies=lies)]
    if whole := full_body(operation):
        cases.append(Case("all fields", operation.path(), whole, headers))
    writes = operation.method != "GET"
    before = asked.contents() if writes else {}
    found, refused = [], []
    for case in cases:
        for who in ("", *asked.people) if case is cases[0] else ALL_FIELDS:
            faults, status = await _faults_by(asked, operation, case, who)
            found += [f"{_told(operation, case, who)}: {fault}" for fault in faults]
            if status >= 400:
                refused.append((case, who))
    if writes and _changed(before, asked.contents()):
        # By what was accepted, or by one that was refused? Each of these is sent once more.
        for case, who in refused:
            found += await _traces_of(asked, operation, case, who)
    return found


def _told(operation: Operation, case: Case, who: str) -> str:
    return f"{operation.name} [{case.name}] by {who or 'nobody'}"


async def _faults_by(
    asked: Asked, operation: Operation, case: Case, who: str
) -> tuple[list[str], int]:
    """What is wrong with the answer to this account, and its status."""
    written = asked.written()
    answer = await asked.send(operation, case, who)
    status = answer.status_code
    if not operation.public and who in ("", "a forger") and operation.template != OAUTH:
        return [] if status == 401 else [f"{status} without a sound token"], status
    if status < 400:
        return ["a file that lies about its type is taken"] if case.lies else [], status
    found = faults_of_refusal(answer, set())
    if operation.method == "GET":
        return found, status
    outcomes = [
        event["data"]["outcome"]
        for event in asked.acts_after(written)
        if event["type"].endswith(".act_recorded.v1")
    ]
    if "accepted" in outcomes:
        found.append(f"{status}, yet an act was recorded as accepted")
    if status == 403 and not outcomes:
        found.append("the refusal is not recorded")
    return found, status


async def _traces_of(asked: Asked, operation: Operation, case: Case, who: str) -> list[str]:
    """What a refused request changes, each time it is sent."""
    kept = [asked.contents()]
    for _ in range(2):
        answer = await asked.send(operation, case, who)
        if answer.status_code < 400:
            return []  # What others had made meanwhile is there for this one, too.
        kept.append(asked.contents())
    changed = set(_changed(kept[0], kept[1])) & set(_changed(kept[1], kept[2]))
    told = f"{_told(operation, case, who)}: {answer.status_code}, yet {sorted(changed)} changed"
    return [told] if changed else []


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))


async def faults_of_size(asked: Asked, operation: Operation) -> list[str]:
    """Claims a body that is too large, and sends nothing of it."""
    if not operation.body_type:
        return []
    size = 10_000_001 if operation.body_type == JSON else TOO_MUCH
    address = urlsplit(asked.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"{operation.method} {operation.path()} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {asked.people['a department']}\r\n"
        f"Content-Type: {example_body(operation)[1]['Content-Type']}\r\n"
        f"Content-Length: {size}\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(20):
        told = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    right = told.startswith("HTTP/1.1 413 ") and "application/problem+json" in told
    return [] if right else [f"{operation.name}: {told.splitlines()[0]}"]
