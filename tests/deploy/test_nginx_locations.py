"""nginx's locations against the routes of all services, read without starting either.

A location that ends with a slash answers its address without the slash by 301, to POST too, and a
form's contents are then lost. So no such location may begin where a service answers, and every
route must be reached at the service that has it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.nginx import render
from services.identity.main import make_app as identity
from services.identity.settings import IdentitySettings
from services.recall.main import build as recall
from services.recall.settings import RecallSettings
from services.registry.main import build as registry
from services.reporting.main import build as reporting
from services.scan.desk.main import build as desk
from services.stamps.main import build as stamps
from services.stamps.settings import StampsSettings
from shared.settings import Settings
from shared.web.routes import PROBES, all_routes
from tests.scan.test_desk import desk_settings

TEMPLATE = (Path(render.__file__).parent / "txng.conf.template").read_text(encoding="utf-8")
LOCATION = re.compile(r'^    location (=|\^~|~)? ?("[^"]+"|\S+) +\{', re.MULTILINE)
PARAMETER = re.compile(r"\{[a-z_]+\}")
# Answered by each service on its own port only, and the folders that nginx serves itself.
INSIDE = PROBES | {"/v1/feed"}
STATIC = "/static"


@dataclass(frozen=True)
class Location:
    """`how` is "=", "^~", "~" or ""; `service` is "" where nginx answers by itself."""

    how: str
    path: str
    service: str

    @property
    def redirects(self) -> str:
        """The address without the slash, that nginx leads here by 301."""
        leads = self.how in ("^~", "") and self.service and len(self.path) > 1
        return self.path.removesuffix("/") if leads and self.path.endswith("/") else ""


def locations(text: str = TEMPLATE) -> list[Location]:
    found = list(LOCATION.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    made = []
    for one, end in zip(found, ends, strict=True):
        service = re.search(r"proxy_pass http://([a-z]+);", text[one.end() : end])
        made.append(Location(one[1] or "", one[2].strip('"'), service[1] if service else ""))
    return made


def chosen(path: str, of: list[Location]) -> Location:
    """The location that nginx takes: the exact one, the longest prefix, or before it a pattern."""
    for one in of:
        if one.how == "=" and one.path == path:
            return one
    prefixes = [one for one in of if one.how in ("^~", "") and path.startswith(one.path)]
    best = max(prefixes, key=lambda one: len(one.path))
    if best.how != "^~":
        for one in of:
            if one.how == "~" and re.search(one.path, path):
                return one
    return best


@pytest.fixture(scope="module")
def apps(secrets_dir: Path) -> dict[str, FastAPI]:
    settings = Settings(secrets_dir=secrets_dir)
    given = settings.model_dump()
    return {
        "identity": identity(IdentitySettings(**given)),
        "registry": registry(settings),
        "stamps": stamps(StampsSettings(**given)),
        "recall": recall(RecallSettings(**given)),
        "reporting": reporting(settings),
        "desk": desk(desk_settings(settings)),
    }


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and address of each route, its parameters filled with something short."""
    for route in all_routes(app):
        template = getattr(route, "path_format", "")
        if template in INSIDE or template.startswith(STATIC) or not template:
            continue
        for method in sorted(getattr(route, "methods", None) or ()):
            yield method, PARAMETER.sub("7", template)


def led_away(apps: dict[str, FastAPI], text: str = TEMPLATE) -> set[str]:
    """Addresses of routes that nginx answers with 301 to the same with a slash."""
    served = {path for app in apps.values() for _, path in routes(app)}
    read = locations(text)
    exact = {one.path for one in read if one.how == "="}
    return {one.redirects for one in read} & served - exact


def test_no_location_leads_the_address_of_a_route_away(apps: dict[str, FastAPI]) -> None:
    assert not led_away(apps), "leave out the slash at the end of these locations"


def test_a_slash_at_the_end_of_a_location_is_found(apps: dict[str, FastAPI]) -> None:
    for path in ("/news", "/console/registry/recordings", "/apply"):
        assert led_away(apps, TEMPLATE.replace(f"^~ {path} ", f"^~ {path}/ ")) == {path}


def test_every_route_is_reached_at_its_service(apps: dict[str, FastAPI]) -> None:
    read = locations()
    astray = [
        (method, path, one.service, name)
        for name, app in apps.items()
        for method, path in routes(app)
        if (one := chosen(path, read)).service != name
    ]
    assert not astray


def test_the_template_is_read_to_its_end() -> None:
    read = locations()
    assert len(read) == len(re.findall(r"^\s*location ", TEMPLATE, re.MULTILINE))
    assert chosen("/0123456789ABCDEFGHJK", read).service == "scan"
    assert chosen("/console/registry/lots/7", read).path == "/console/registry/lots"
    assert chosen("/kiem-tra-ngoai-tuyen", read).service == "desk"
    assert chosen("/kiem-tra-tem", read).service == "scan"
    assert chosen("/pin", read).service == chosen("/pin/7", read).service == "desk"
    assert chosen("/pin0123456789abcdefgh", read).service == "scan", "a code in small letters"
    assert chosen("/healthz", read).service == ""
