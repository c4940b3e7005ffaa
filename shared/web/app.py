"""The application of a service: its routers behind the middleware and handlers all share."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from starlette.middleware import Middleware

from shared.settings import Settings
from shared.web import openapi, problems, reference
from shared.web.context import Web
from shared.web.csrf import GUARDS
from shared.web.environment import make_environment
from shared.web.i18n import catalogues
from shared.web.keys import WebKeys
from shared.web.middleware.body_limit import BodyLimit
from shared.web.middleware.head import HeadAsGet
from shared.web.middleware.headers import SecurityHeaders
from shared.web.middleware.language import Language
from shared.web.middleware.metrics import Metrics
from shared.web.middleware.recorded_reads import RecordedReads
from shared.web.middleware.request_id import RequestId
from shared.web.middleware.unexpected import Unexpected
from shared.web.pages import csrf_field, in_row, label_of, labelled, url_with
from shared.web.routes import PROBES, all_routes, is_api
from shared.web.static_files import PREFIX, Static

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    service_name: str,
    *,
    title: str,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | None,
    settings: Settings,
    body_limits: Mapping[str, int] | None = None,
    unrecorded: Mapping[str, str] | None = None,
    described: Sequence[APIRouter] = (),
) -> FastAPI:
    """`body_limits` raises the 10 MB limit under some path prefixes, in bytes; `unrecorded` names
    the addresses behind a sign-in whose reads the ledger is not told of, each with the reason;
    `described` is what another program of the service answers, for the reference alone."""
    prepared = Web(
        service=service_name,
        title=title,
        settings=settings,
        keys=WebKeys.load(settings.secrets_dir),
        catalogues=catalogues(service_name),
        templates=make_environment(service_name),
    )
    prepared.templates.globals.update(
        csrf_field=csrf_field,
        url_with=url_with,
        label_of=label_of,
        labelled=labelled,
        in_row=in_row,
    )
    app = FastAPI(
        title=title,
        version="1",
        lifespan=lifespan,
        openapi_url=f"/api/{service_name}/v1/openapi.json",
        # Our own reference page: the usual ones load scripts from elsewhere and need inline code.
        docs_url=None,
        redoc_url=None,
        middleware=_middleware(prepared, body_limits or {}, frozenset(unrecorded or {})),
        # One span a request, and no more; spans of parts are the actions' own to open. It tells no
        # address (shared/telemetry.py).
        telemetry={
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "exclude": _is_probe,
        },
    )
    app.state.web = prepared
    problems.install(app)
    for router in (*routers, reference.router(service_name)):
        app.include_router(router)
    openapi.describe(app, described)
    app.mount(PREFIX, Static(), name="static")
    _refuse_unguarded_forms(app)
    return app


def _is_probe(scope: MutableMapping[str, Any]) -> bool:
    return scope["path"] in PROBES


def _middleware(
    prepared: Web, body_limits: Mapping[str, int], unrecorded: frozenset[str]
) -> list[Middleware]:
    """Outermost first."""
    secure = prepared.settings.secure
    return [
        Middleware(HeadAsGet),
        Middleware(RequestId),
        Middleware(Metrics, service=prepared.service),
        Middleware(SecurityHeaders, secure=secure),
        Middleware(Language, catalogues=prepared.catalogues, secure=secure),
        Middleware(Unexpected),
        Middleware(BodyLimit, limits=body_limits),
        Middleware(RecordedReads, unrecorded=unrecorded),
    ]


def _refuse_unguarded_forms(app: FastAPI) -> None:
    """Stops the start if a page takes changes without the CSRF guard."""
    for route in all_routes(app):
        if not hasattr(route, "dependant"):
            continue
        path, changes = route.path_format, set(route.methods) - {"GET", "HEAD", "OPTIONS"}
        if changes and not is_api(path) and not _has_guard(route.dependant):
            raise RuntimeError(
                f"{path} takes {', '.join(sorted(changes))} without PageForm or VisitorForm"
            )


def _has_guard(dependant: Dependant) -> bool:
    return dependant.call in GUARDS or any(map(_has_guard, dependant.dependencies))
