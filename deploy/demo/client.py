"""A small client of the public APIs: signs in, waits where it is told to, says what was refused."""

import asyncio
import os
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2

from deploy.demo.codes import DemoSeeds, present_step, seconds_until

IDENTITY = "/api/identity/v1"
REGISTRY = "/api/registry/v1"
STAMPS = "/api/stamps/v1"
RECALL = "/api/recall/v1"
REPORTING = "/api/reporting/v1"

# What one service has published is known to the others within milliseconds; under load, seconds.
KNOWN_WITHIN_SECONDS = 60.0
# How often a request is repeated that was put off (429) or met a service that was just away.
MOST_REPEATS = 40
# Ids and numbers in addresses: requests are told by what they ask, not of whom.
_ID = re.compile(r"/[0-9a-f-]{20,}|/[0-9]+(?=/|$)|\?.*")
AWAY = (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError)


class Refused(Exception):
    """An API said no. `code` is the stable code of its problem document."""

    def __init__(self, asked: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{asked}: {status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail


@dataclass
class Spent:
    """How often something was asked for, and how long that took altogether."""

    times: int = 0
    seconds: float = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.times += 1
            self.seconds += time.monotonic() - began


class Api:
    """The public origin, asked by at most `at_once` requests at a time."""

    def __init__(self, origin: str, *, seeds: DemoSeeds | None = None, at_once: int = 8) -> None:
        self.origin = origin.rstrip("/")
        self.seeds = seeds
        self._accounts: dict[tuple[str, str], Account] = {}
        self._client = httpx2.AsyncClient(
            base_url=self.origin,
            timeout=60,
            headers={"Accept": "application/json", "Accept-Language": "vi"},
            limits=httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once),
        )
        self._free = asyncio.Semaphore(at_once)
        self.spent: dict[str, Spent] = defaultdict(Spent)
        self.put_off = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        token: str = "",
        repeatable: bool = False,
        **content: Any,
    ) -> httpx2.Response:
        """The answer, whatever its status. `key` makes an act that is sent twice happen once."""
        headers = dict(content.pop("headers", {}))
        if key is not None:
            headers["Idempotency-Key"] = key
        if token:
            headers["Authorization"] = f"Bearer {token}"
        repeatable = repeatable or method == "GET" or key is not None
        for attempt in range(MOST_REPEATS):
            pause = min(0.1 * 2**attempt, 2.0)
            try:
                async with self._free:
                    with self.spent[f"{method} {_ID.sub('/…', path)}"].measured():
                        answer = await self._client.request(
                            method, path, headers=headers, **content
                        )
            except AWAY:
                if not repeatable or attempt > 5:
                    raise
            else:
                if answer.status_code != 429 and not (answer.status_code == 503 and repeatable):
                    break
                self.put_off += answer.status_code == 429
                pause = float(answer.headers.get("Retry-After") or pause)
            await asyncio.sleep(pause)
        return answer

    async def call(self, method: str, path: str, **content: Any) -> Any:
        """What a successful answer says; raises Refused."""
        answer = await self.send(method, path, **content)
        if answer.is_success:
            is_json = "json" in answer.headers.get("content-type", "")
            return answer.json() if is_json else answer.content
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        detail = problem.get("detail", answer.text[:300])
        wrong = "; ".join(
            f"{error.get('field')}: {error['message']}"
            for error in problem.get("errors", [])
            if error["message"] != detail
        )
        raise Refused(
            f"{method} {path}",
            answer.status_code,
            problem.get("code", ""),
            f"{detail} {wrong}".strip(),
        )

    def account(self, username: str, password: str) -> "Account":
        """Somebody who signs in when they first ask for something; the same one every time."""
        known = self._accounts.get((username, password))
        if known is None:
            known = self._accounts[username, password] = Account(self, username, password)
        return known


@dataclass
class Account:
    """One account's way to the APIs; it signs in by itself, and again when its token runs out."""

    api: Api
    username: str
    password: str = field(repr=False)
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _last_step: int = 0
    _signing_in: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def sign_in(self) -> None:
        body = {"username": self.username, "password": self.password}
        grant = await self.api.call("POST", f"{IDENTITY}/tokens", json=body, repeatable=True)
        if "ticket" in grant:
            grant = await self._second_step(grant)
        self._token = grant["access_token"]
        self._until = time.monotonic() + 0.8 * grant["expires_in"]

    async def _second_step(self, asked: Any) -> Any:
        """With the code of a step not used yet: each works once, also for the last sign-in."""
        path, seeds = f"{IDENTITY}/tokens/code", self.api.seeds
        if asked["step"] != "code" or seeds is None:
            what = f"{self.username} has a second factor whose seed is not known here"
            raise Refused(f"POST {path}", 401, "second_factor_not_known", what)
        step = max(present_step(), self._last_step + 1)
        while True:
            await asyncio.sleep(seconds_until(step))
            body = {"ticket": asked["ticket"], "code": seeds.code(self.username, step)}
            self._last_step = step
            try:
                return await self.api.call("POST", path, json=body)
            except Refused as refused:
                if refused.code != "code_already_used":
                    raise
            step += 1

    async def get(self, path: str, **content: Any) -> Any:
        return await self.api.call("GET", path, token=await self._valid(), **content)

    async def post(self, path: str, body: Any = None, **content: Any) -> Any:
        if body is not None:
            content["json"] = body
        return await self.api.call("POST", path, token=await self._valid(), **content)

    async def put(self, path: str, body: Any) -> Any:
        return await self.api.call("PUT", path, token=await self._valid(), json=body)

    async def _valid(self) -> str:
        async with self._signing_in:
            if time.monotonic() >= self._until:
                await self.sign_in()
        return self._token


def replicas() -> dict[str, str]:
    """Base URLs of the scan replicas' own ports, where they are known (TXNG_SCAN_URLS)."""
    urls = [url.strip() for url in os.environ.get("TXNG_SCAN_URLS", "").split(",") if url.strip()]
    return {f"replica {number}": url for number, url in enumerate(urls, 1)}


async def when_known(ask: Callable[[], Awaitable[Any]], codes: Collection[str]) -> Any:
    """Ask again while the answer is one of these refusals: what it needs is still on its way."""
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    pause = 0.02
    while True:
        try:
            return await ask()
        except Refused as refused:
            if refused.code not in codes or time.monotonic() > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.6, 0.5)


async def published(
    record: Any, kind: str, *, enters: Account, checks: Account, approves: Account | None
) -> Any:
    """Bring a record of registry from wherever it stands to its publication.

    A lot is published by its check, so nobody approves it.
    """
    path = f"{REGISTRY}/{kind}/{record['id']}"
    while record["state"] != "published":
        version = {"version": record["version"]}
        try:
            if record["state"] == "draft":
                record = await enters.post(f"{path}/submit", version)
            elif record["state"] == "submitted":
                record = await checks.post(f"{path}/decisions", {**version, "decision": "accept"})
            else:
                assert approves is not None  # Only what needs an approval is ever just checked.
                body = {**version, "decision": "publish"}
                record = await approves.post(f"{path}/decisions", body)
        except Refused as refused:
            # It has got further since: by a run that was broken off, or by another person.
            if refused.code != "edit_conflict":
                raise
            record = await enters.get(path)
    return record
