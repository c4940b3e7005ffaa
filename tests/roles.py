"""Who may do what at every address of a service: what its role × endpoint test is made of.

A service's table gives each of its addresses ("GET /requests/{request_id}") its cells. A cell names
the action of `shared/permissions.toml` that decides there, and what is sent, so that nothing but
the permission can be what refuses. Tables are compared with the running application's routes, by
`missing_in` and `not_there`: a new address is refused until somebody says who may use it.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from services.identity.domain.clients import grantable
from services.identity.tiers import tiers
from shared.permissions import matrix
from shared.web.csrf import session_token
from shared.web.routes import PROBES, all_routes, is_api
from tests.in_process import InProcess
from tests.tokens import bearer, mint

ROLES: Final = [(tier.name, kind) for tier in tiers().values() for kind in tier.kinds]
# Programs of partner systems, one granted all that can be granted, one nothing of these services.
READER, STRANGER = ("client", "read"), ("client", "nothing")
GRANTED: Final = {READER: tuple(grantable()), STRANGER: ("unit.read",)}
SIGNED_IN, PUBLIC = "signed in", "public"
# What an act answers to whoever may do it: done, or not as things stand.
LET_IN: Final = frozenset({200, 201, 202, 204, 303, 409, 413, 422})
# Every service has these: its looks, and what it tells the other services.
EVERYWHERE: Final = ("/static", "/v1/feed")
DOCUMENTS: Final = ("/docs", "/openapi.json")

Tokens = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Cell:
    """`at` fills the parts of the address that are no ids, `also` is a second right that is needed.

    `facility` is what a facility's account is answered where the service lets only officials do
    what the matrix names it for; `gone` says that there is nothing there for whoever is let in;
    `undone` names the collection whose row the act changes, which is put back after each try.
    """

    action: str
    body: Any = None
    at: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    also: str = ""
    facility: int = 0
    query: str = ""
    gone: bool = False
    undone: str = ""


Table = Mapping[str, tuple[Cell, ...]]


def named(action: str, tier: str, kind: str) -> bool:
    """What the matrix says, read without the code under test."""
    if (tier, kind) in GRANTED and action not in GRANTED[tier, kind]:
        return False
    pairs = {(tier, kind), (tier, "*"), ("*", kind), ("*", "*")}
    return not pairs.isdisjoint(matrix()[action].who)


def is_facility(tier: str) -> bool:
    return tier in tiers() and tiers()[tier].facility


def expected(cell: Cell, tier: str, kind: str) -> set[int]:
    """The statuses that may be answered: let in, forbidden, or as if there were no such thing."""
    facility = is_facility(tier)
    if cell.action in (SIGNED_IN, PUBLIC):
        if tier == "client":
            # There is no person behind it, so there may be nothing of its own.
            return set(LET_IN) | {403, 404}
        return {cell.facility} if facility and cell.facility else set(LET_IN)
    actions = cell.action.split(" or ")
    mine = [one for one in actions if named(one, tier, kind)]
    if not mine or (cell.also and not named(cell.also, tier, kind)):
        return {403, 404} if facility or cell.gone or tier == "client" else {403}
    if facility and cell.facility:
        return {cell.facility}
    if cell.gone:
        return {404}
    reach = {"none", "own", "own|area"} if facility else {"none", "area", "own|area"}
    return set(LET_IN) if any(matrix()[one].scope in reach for one in mine) else {403, 404}


def cases(table: Table) -> Iterator[Any]:
    """The parameters of a test, one for each cell."""
    for address, cells in table.items():
        for number, cell in enumerate(cells):
            yield pytest.param(address, cell, id=f"{address} {number} {cell.action}")


def one_of_each(service: InProcess, facility_id: str, commune: str) -> Tokens:
    """A token for every tier and kind, in whose scope lies what this facility in `commune` has,
    and for two programs of the whole province."""
    found = {}
    for tier, kind in ROLES:
        where: dict[str, Any] = {"communes": ["*"]}
        if tiers()[tier].facility:
            where = {"communes": [], "facility": facility_id}
        elif tier in ("commune", "district"):
            where = {"communes": [commune]}
        claims = {"account": f"{tier}-{kind}", "tier": tier, "kinds": [kind], **where}
        found[tier, kind] = mint(service.settings.secrets_dir, **claims)
    for program, actions in GRANTED.items():
        claims = {"account": program[1], "tier": "client", "kinds": ["read"], "auth_time": None}
        claims |= {"amr": None, "scope": " ".join(actions)}
        found[program] = mint(service.settings.secrets_dir, **claims)
    return found


def served(app: FastAPI | APIRouter) -> set[str]:
    """Every address there is, as the tables name them."""
    found = set()
    for route in all_routes(app):
        path = getattr(route, "path_format", "") or getattr(route, "path", "")
        methods = getattr(route, "methods", None) or set()
        if (
            path in PROBES
            or path.startswith(EVERYWHERE)
            or path.endswith(("/docs", "/openapi.json"))
        ):
            continue
        found |= {f"{method} {path}" for method in methods - {"HEAD"}}
    return found


def missing_in(tables: Iterable[Iterable[str]], there: set[str]) -> set[str]:
    """Addresses there are that no table says anything of."""
    return there - {address for table in tables for address in table}


def not_there(tables: Iterable[Iterable[str]], there: set[str]) -> set[str]:
    """Addresses of the tables that there are not, or not any more."""
    return {address for table in tables for address in table} - there


async def sent(
    service: InProcess, token: str, address: str, body: Any, files: dict[str, Any] | None = None
) -> httpx2.Response:
    """One request to an address with its ids filled in, as a program's or as a page's form."""
    method, _, path = address.partition(" ")
    more: dict[str, Any] = {}
    if is_api(path):
        if files:
            more = {"files": files, "data": body or {}}
        elif body is not None:
            more = {"json": body}
        return await service.client.request(method, path, headers=bearer(token), **more)
    if method == "POST":
        who = await service.app.state.service.verifier.verify(token)
        csrf = session_token(service.app.state.web.keys.csrf, who)
        more = {"data": {"csrf": csrf, **(body or {})}}
        if files:
            more["files"] = files
    async with service.browser(token) as browser:
        return await browser.request(method, path, **more)


async def nothing() -> None:
    """What follows a try that changed nothing."""


async def tried_by_all(
    service: InProcess,
    tokens: Tokens,
    address: str,
    cell: Cell,
    body: Callable[[], Any],
    after: Callable[[], Awaitable[Any]] = nothing,
) -> None:
    """Every role at this address, with its ids filled in: answered as the matrix says. Programs
    are tried at the API, for they have no browser."""
    for (tier, kind), token in tokens.items():
        if tier == "client" and not is_api(address.partition(" ")[2]):
            continue
        answer = await sent(service, token, address, body(), cell.files)
        await after()
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[-600:]
        wanted = expected(cell, tier, kind)
        assert answer.status_code in wanted, f"{tier}:{kind} {answer.status_code} {said}"


async def sends_strangers_away(service: InProcess, address: str) -> None:
    """Whoever is not signed in: programs are told, browsers are sent to sign in."""
    method, _, path = address.partition(" ")
    async with service.browser() as stranger:
        answer = await stranger.request(method, path)
    if is_api(path):
        assert answer.status_code == 401, answer.text
        return
    assert answer.status_code == 307, answer.text
    assert answer.headers["location"].startswith("/session/refresh")
