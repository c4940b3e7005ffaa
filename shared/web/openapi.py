"""The OpenAPI document of a service: its API alone, with the problem documents it really sends."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from shared.web.routes import is_api

_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. `code` is stable; `title`, `detail` and messages are for people.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEM_RESPONSE = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI, also: Sequence[APIRouter] = ()) -> None:
    """Makes `app.openapi()` give this document, made once when it is first asked for.

    `also`: what another program of the service answers.
    """
    made: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not made:
            made.update(_document(app, also))
        return made

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, also: Sequence[APIRouter]) -> dict[str, Any]:
    routes = [*app.routes, *(route for router in also for route in router.routes)]
    found = get_openapi(title=app.title, version=app.version, routes=routes)
    found["paths"] = {path: item for path, item in found["paths"].items() if is_api(path)}
    for methods in found["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["4XX"] = _PROBLEM_RESPONSE
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    _drop_unused(found, schemas)
    return found


def _drop_unused(document: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Forms of pages leave schemas behind that no operation of the API speaks of."""
    while True:
        text = json.dumps(document)
        unused = [name for name in schemas if f'"#/components/schemas/{name}"' not in text]
        for name in unused:
            del schemas[name]
        if not unused:
            return
