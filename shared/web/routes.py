"""What kind of address a request has: API or page, private or public, and its route's template."""

from starlette.types import Scope

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
# Asked every second by machines: a log line each would hide what people did.
QUIET = PROBES | {"/v1/feed"}
_API = ("/api/", "/v1/")
_PRIVATE = ("/api/", "/console", "/account", "/sign-in", "/sign-out", "/session/", "/apply")


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
    route = context or scope.get("route")
    if scope["path"].startswith("/static/"):
        return "/static"
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    return template if isinstance(template, str) else "unmatched"
