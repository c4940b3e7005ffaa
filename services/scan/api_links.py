"""The GS1 resolver in the OpenAPI document: addresses that `resolving/resolver.py` answers.

They are written down here because they lie where the standard wants them, beside the API, and the
resolver answers before the framework that would describe them.
"""

from typing import Any

from fastapi import FastAPI

_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri"}

LINKSET: dict[str, Any] = {
    "title": "Linkset",
    "type": "object",
    "description": "RFC 9264 in GS1's profile: one entry a level, the most special first. Members"
    " named by a link type (`https://ref.gs1.org/voc/…`) are lists of links.",
    "required": ["linkset"],
    "properties": {
        "linkset": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["anchor", "itemDescription", "https://ref.gs1.org/voc/defaultLink"],
                "properties": {"anchor": _ADDRESS, "itemDescription": _TEXT},
                "additionalProperties": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["href", "title", "type"],
                        "additionalProperties": False,
                        "properties": {
                            "href": _ADDRESS,
                            "title": _TEXT,
                            "type": _TEXT,
                            "hreflang": {"type": "array", "items": _TEXT},
                            "public": {
                                "type": "boolean",
                                "description": "false: one has to sign in",
                            },
                        },
                    },
                },
            },
        }
    },
}
_LINKSET = {"application/linkset+json": {"schema": {"$ref": "#/components/schemas/Linkset"}}}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_LINK_TYPE = {
    "name": "linkType",
    "in": "query",
    "required": False,
    "description": "`linkset` for all links, or one type: `gs1:pip`, or its whole address.",
    "schema": _TEXT,
}
_LED = "To the page, or to the link asked for; the query is passed on, `linkType` apart."


def _path(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]


def _operation(summary: str, names: tuple[str, ...], **responses: str) -> dict[str, Any]:
    """Statuses are named `s200` and so on; what is not named is the same everywhere."""
    told = {
        "s200": "All links, where data are preferred to a page",
        "s300": "Several links suit alike",
        "s307": _LED,
        "s400": "`malformed_link`, `link_type_twice`: `errors` name field and remedy",
        "s404": "`key_not_found`, `link_type_not_found`",
        "s429": "`too_many_unknown_keys`",
        "s503": "`cannot_look_up`: it cannot be said now whether it is there",
        **responses,
    }
    return {
        "get": {
            "tags": ["GS1 Digital Link"],
            "summary": summary,
            "description": "GS1 Digital Link Resolver 1.2. Free, without an account, for any page"
            " of the web (CORS). A page for people, `application/linkset+json` for programs.",
            "parameters": [*_path(*names), _LINK_TYPE],
            "responses": {status[1:]: _response(status, text) for status, text in told.items()},
        }
    }


def _response(status: str, text: str) -> dict[str, Any]:
    if status == "s307":
        return {"description": text, "headers": {"Location": {"schema": _ADDRESS}}}
    content = _LINKSET if status in ("s200", "s300") else _PROBLEM
    return {"description": text, "content": content}


PATHS: dict[str, Any] = {
    "/01/{gtin}": _operation("A product by its GTIN of 14 digits", ("gtin",)),
    "/01/{gtin}/10/{lot}": _operation(
        "A lot by what is printed on the label",
        ("gtin", "lot"),
        s200="The lot's page, or all its links; as fresh as a verdict",
        s404="No such lot of the product (a page for people), `key_not_found`,"
        " `link_type_not_found`",
    ),
    "/01/{gtin}/21/{code}": _operation(
        "A stamp by the address printed on it",
        ("gtin", "code"),
        s200="The verdict as page or JSON (see `/v1/verdicts/{code}`), or all links",
        s404="The code is none, or there is no link of that type",
    ),
    "/414/{gln}": _operation("A facility by its global location number", ("gln",)),
    "/.well-known/gs1resolver": {
        "get": {
            "tags": ["GS1 Digital Link"],
            "summary": "What this resolver can do",
            "description": "GS1's resolver description file.",
            "responses": {
                "200": {
                    "description": "Keys and link types",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    },
}


def describe(app: FastAPI) -> None:
    """Add the resolver's addresses to the document that the framework makes."""
    framework = app.openapi

    def document() -> dict[str, Any]:
        found = framework()
        found["paths"].update(PATHS)
        found["components"]["schemas"]["Linkset"] = LINKSET
        return found

    app.openapi = document  # type: ignore[method-assign]
