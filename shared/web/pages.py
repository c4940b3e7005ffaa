"""Pages: rendering a template with what every page needs, and redirects with a message."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.auth import Principal
from shared.web import flash as flashes
from shared.web import navigation
from shared.web.context import web
from shared.web.cookies import VISIT, set_cookie
from shared.web.csrf import FIELD, new_visit, session_token, visit_of, visit_token
from shared.web.i18n import SOURCE_LANGUAGE, language_of, language_tag, translate
from shared.web.session import safe_next


@dataclass
class _Rendering:
    """The page being rendered, for functions that macros call without being handed it."""

    request: Request
    principal: Principal | None
    visit: str | None = None
    labels: list[Markup] = field(default_factory=list)
    awaited: dict[tuple[str, str], int] = field(default_factory=dict)
    rows: dict[tuple[str, str], str] = field(default_factory=dict)


# Where the page names an input before its label is known; filled when all has been written.
_LABEL = re.compile("\0([0-9]{1,4})\0")

_rendering: ContextVar[_Rendering] = ContextVar("rendering")


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """The page; undefined names in the template are errors."""
    prepared = web(request)
    principal: Principal | None = getattr(request.state, "principal", None)
    rendering = _Rendering(request, principal)
    flash = flashes.find(request)
    token = _rendering.set(rendering)
    try:
        html = prepared.templates.get_template(template).render(
            {**_common(request, principal, flash), **context}
        )
    finally:
        _rendering.reset(token)
    html = _LABEL.sub(lambda hole: "".join(rendering.labels[int(hole[1]) :][:1]), html)
    response = HTMLResponse(html, status, dict(headers or {}))
    response.headers.setdefault("Vary", "Accept-Language, Cookie")
    response.headers.setdefault("Content-Language", language_tag(language_of()))
    if rendering.visit is not None:
        set_cookie(response, VISIT, rendering.visit, secure=prepared.settings.secure)
        response.headers["Cache-Control"] = "no-store"
    if flash is not None:
        flashes.forget(request, response)
    return response


def _common(
    request: Request, principal: Principal | None, flash: flashes.Flash | None
) -> dict[str, Any]:
    path = request.url.path
    sections = navigation.menu(principal) if principal else []
    prepared = web(request)
    return {
        "request": request,
        "path": path,
        "principal": principal,
        "lang": getattr(request.state, "lang", SOURCE_LANGUAGE),
        "languages": prepared.catalogues.languages,
        "site_origin": prepared.settings.public_origin.rstrip("/"),
        "service_title": prepared.title,
        "flash": flash,
        "menu": sections,
        "menu_current": navigation.current(path, sections),
        "now": datetime.now(UTC),
    }


def csrf_field() -> Markup:
    """The hidden field every POST form needs; a visitor gets the cookie that goes with it."""
    rendering = _rendering.get()
    key = web(rendering.request).keys.csrf
    if rendering.principal is not None:
        value = session_token(key, rendering.principal)
    else:
        visit = rendering.visit or visit_of(rendering.request)
        if visit is None:
            visit = rendering.visit = new_visit()
        value = visit_token(key, visit)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, value)


def label_of(name: str, form: str = "") -> Markup:
    """The label of the next input of this name in this form, for the list of errors above it."""
    rendering = _rendering.get()
    place = rendering.awaited[form, name] = len(rendering.labels)
    rendering.labels.append(Markup(""))
    return Markup("\0{}\0").format(place)


def in_row(row: str, label: str, form: str = "") -> str:
    """A row of a form (`members.2`) tells what it is called; nothing is written."""
    _rendering.get().rows[form, row] = label
    return ""


def labelled(name: str, label: str, form: str = "") -> str:
    """An input tells its label, in the list of errors with that of its row; nothing is written."""
    rendering = _rendering.get()
    if (form, name) in rendering.awaited:
        row = rendering.rows.get((form, ".".join(name.split(".")[:2])))
        told = f"{row}, {label}" if row is not None else label
        rendering.labels[rendering.awaited.pop((form, name))] = escape(told.rstrip(".:?")) + ": "
    return ""


def url_with(**changes: object) -> str:
    """This page's address with the query changed; None removes a name."""
    url = _rendering.get().request.url
    kept = [(name, value) for name, value in parse_qsl(url.query) if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    query = urlencode(kept + added)
    return f"{url.path}?{query}" if query else url.path


def redirect(
    request: Request, path: str, message: str = "", /, *, tone: str = "good", **params: object
) -> Response:
    """303 to a page of this site, with a message (a msgid) shown there once."""
    response = RedirectResponse(safe_next(path), 303)
    if message:
        flashes.leave(request, response, flashes.Flash(tone, translate(message, **params)))
    return response
