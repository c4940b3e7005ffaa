"""The API reference of a service: its OpenAPI document as a plain page of our own design."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from shared.web.pages import render

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Mapping[str, Any]]
    body: str
    responses: list[tuple[str, str, str]]
    bearer: bool

    @property
    def anchor(self) -> str:
        return f"{self.method}-{self.path}".replace("/", "-").replace("{", "").replace("}", "")


def router(service: str) -> APIRouter:
    """Serves `/api/<service>/v1/docs`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(f"/api/{service}/v1/docs")
    async def docs(request: Request) -> Response:
        document = request.app.openapi()
        return render(
            request,
            "api_reference.html",
            document_url=request.app.openapi_url,
            operations=operations(document),
            schemas=sorted(document.get("components", {}).get("schemas", {}).items()),
            type_of=type_of,
        )

    return routes


def operations(document: Schema) -> list[Operation]:
    """Every operation, in the order of the document."""
    return [
        _operation(method, path, operation)
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
        if isinstance(operation, Mapping)
    ]


def _operation(method: str, path: str, operation: Schema) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=operation.get("parameters", []),
        body=_content(operation.get("requestBody", {})),
        responses=[
            (status, response.get("description", ""), _content(response))
            for status, response in operation.get("responses", {}).items()
        ],
        bearer=bool(operation.get("security")),
    )


def _content(holder: Schema) -> str:
    for content in holder.get("content", {}).values():
        return type_of(content.get("schema", {}))
    return ""


def type_of(schema: Schema) -> str:
    """A schema in a few words: `Recall`, `Lot[]`, `string (date)`, `integer | null`."""
    for key, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if key in schema:
            return sign.join(type_of(one) for one in schema[key])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema or "const" in schema:
        return " | ".join(f"“{value}”" for value in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"{type_of(schema.get('items', {}))}[]"
    return f"{kind} ({schema['format']})" if "format" in schema else kind
