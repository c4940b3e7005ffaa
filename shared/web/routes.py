"""What kind of address a request has: API or page, private or public, and its route's template."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import Scope

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
# Asked every second by machines: a log line each would hide what people did.
QUIET = PROBES | {"/v1/feed"}
_API = ("/api/", "/v1/")
_PRIVATE = (
    *("/api/", "/console", "/account", "/sign-in", "/sign-out", "/session/", "/apply"),
    # Scans, most of which are for the facility and its officials alone.
    "/media/documents/",
)


def is_api(path: str) -> bool:
    """Whether errors here are problem documents; decided by the address, never by Accept alone."""
    return path.startswith(_API)


def is_private(path: str) -> bool:
    """Whether answers here must not be kept by any cache."""
    return path.startswith(_PRIVATE)


def route_template(scope: Scope) -> str:
    """The matched route's template (`/console/recall/{id}`), or `unmatched`: few label values."""
    # FastAPI keeps a route's full path, prefixes of including routers too, in its own corner of
    # the scope; scope["route"] alone would lack the prefix.
    context = scope.get("fastapi", {}).get("effective_route_context")
    route = getattr(context, "starlette_route", None) or context or scope.get("route")
    if scope["path"].startswith("/static/"):
        return "/static"
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    return template if isinstance(template, str) else "unmatched"


def all_routes(app: FastAPI | APIRouter) -> Iterator[Any]:
    """Every endpoint's route, or its context, which has the same attributes but whole paths."""
    for route in app.routes:
        included = getattr(route, "effective_route_contexts", None)
        for one in included() if included else [route]:
            # A plain route of an included router stands within an empty context.
            yield getattr(one, "starlette_route", None) or one


def methods_at(app: FastAPI, path: str) -> set[str]:
    """What may be sent to this address; HEAD wherever GET may (middleware/head.py)."""
    found: set[str] = set()
    for route in all_routes(app):
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            found |= set(getattr(route, "methods", None) or ())
    return found | ({"HEAD"} if "GET" in found else set())
