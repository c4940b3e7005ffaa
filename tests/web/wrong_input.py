"""Wrong requests made from an OpenAPI document: for every operation, every way to be wrong.

What a case expects is only what the document promises: a value is called wrong where the schema
refuses it, and the fields that have to be named in the answer are those that were made wrong.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

Schema = Mapping[str, Any]
JSON, MULTIPART = "application/json", "multipart/form-data"
FOREIGN = "01HZZZZZZZZZZZZZZZZZZZZZZZ"
OMITTED = object()

# Each is put into every place of a body whose schema does not allow it.
WRONG_VALUES: Mapping[str, Any] = {
    "an operator": {"$ne": 1},
    "another operator": {"$gt": ""},
    "a list of lists": [[["x"]]],
    "deep nesting": {"a": {"b": {"c": {"d": {"e": [[[[[[[1]]]]]]]}}}}},
    "a number": 7,
    "a number of whole days": 86_400,
    "digits": "86400",
    "a fraction": 1.5,
    "a negative number": -1,
    "a number out of range": 10**30,
    "a number beyond 64 bits": 2**63,
    "a number without end": int("9" * 400),
    "no number": float("nan"),
    "infinity": float("-inf"),
    "nothing": None,
    "a word": "khong-co-that $ne",
    "NUL": "a\x00b",
    "a lone surrogate": "\ud800",
    "text turned round": "a\u202eb",
    "a very long text": "x" * 30_000,
    "a day that does not exist": "2026-02-30",
    "an hour that does not exist": "2026-02-28T25:61:00+07:00",
    "a year that does not exist": "0000-01-01",
}
# What no address and no query makes sense of; each as the bytes that are sent.
WRONG_PARTS: Mapping[str, str] = {
    "an operator": quote('{"$ne": 1}'),
    "another operator": quote('{"$gt": ""}'),
    "NUL": "%00",
    "a lone surrogate": "%ED%A0%80",
    "broken UTF-8": "%C3%28%FF",
    "a way out": "..%2F..%2Fetc%2Fpasswd",
    "a very long text": "x" * 3_000,
    "a number out of range": "9" * 40,
    "a negative number": "-9223372036854775809",
    "a day that does not exist": "2026-02-30",
    "digits": "86400",
    "markup": quote("<script>alert(1)</script>"),
}
BROKEN_BODIES: Mapping[str, tuple[bytes, str]] = {
    "no body": (b"", JSON),
    "a body cut off": (b'{"name": "x', JSON),
    "broken UTF-8": (b'{"name": "\xff\xfe"}', JSON),
    "a byte order mark": (b"\xff\xfe{}", JSON),
    "a list": (b"[]", JSON),
    "a text": (b'"x"', JSON),
    "a number": (b"1e999", JSON),
    "null": (b"null", JSON),
    "nesting without end": (b"[" * 100_000, JSON),
    "operators alone": (b'{"$ne": 1, "$where": "1", "a.b": 1}', JSON),
    "plain text": (b"name=x", "text/plain"),
    "XML": (b"<name>x</name>", "application/xml"),
    "a form": (b"name=x", "application/x-www-form-urlencoded"),
    "a multipart body without a boundary": (b"--x\r\n", MULTIPART),
    "a multipart body that is none": (b"x" * 50, f"{MULTIPART}; boundary=b"),
    "a type that is none": (b"{}", ";;;\xe9"),
}


@dataclass(frozen=True)
class Case:
    """One wrong request; `fields` must be named by the answer, in one of `statuses`. `lies` says
    that it brings a file of another type than it tells."""

    name: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    statuses: frozenset[int] = frozenset({400, 422})
    lies: bool = False


@dataclass(frozen=True)
class Operation:
    """One method at one address of a document."""

    method: str
    template: str
    parameters: tuple[Schema, ...]
    body_type: str
    body: Schema
    public: bool
    schemas: Mapping[str, Schema]

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    def path(self, **given: str) -> str:
        """The address, with what is given, else with what fits and names nothing."""
        path, query = self.template, []
        for one in self.parameters:
            name, schema = one["name"], self.resolved(one["schema"])
            if one["in"] == "path":
                path = path.replace(
                    f"{{{name}}}", given.get(name) or quote(str(self.example(schema)))
                )
            elif one["in"] == "query" and (name in given or one.get("required")):
                query.append(f"{name}={given.get(name) or quote(str(self.example(_one(schema))))}")
        return f"{path}?{'&'.join(query)}" if query else path

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def alternatives(self, schema: Schema) -> Iterator[Schema]:
        schema = self.resolved(schema)
        parts = schema.get("anyOf") or schema.get("oneOf")
        if not parts:
            yield schema
        for part in parts or ():
            yield from self.alternatives(part)

    def example(self, schema: Schema) -> Any:
        """A value of this form that names nothing there is; optional fields are left out."""
        chosen = next(self.alternatives(schema))
        kind = chosen.get("type")
        if "const" in chosen:
            return chosen["const"]
        if "enum" in chosen:
            return next((one for one in chosen["enum"] if one), "")
        if kind == "object":
            needed, properties = chosen.get("required", ()), chosen.get("properties", {})
            return {name: self.example(properties[name]) for name in needed}
        if kind == "array":
            return [self.example(chosen["items"])] * chosen.get("minItems", 0)
        if kind in ("integer", "number"):
            return max(1, int(chosen.get("minimum", 1)))
        return text(chosen) if kind == "string" else {"boolean": True, "null": None}[str(kind)]


def text(schema: Schema) -> str:
    """A text that fits the schema's form and pattern."""
    ready = {"date": "2026-03-01", "date-time": "2026-03-01T08:00:00+07:00"}
    if schema.get("format") in ready:
        return ready[schema["format"]]
    shortest = int(schema.get("minLength", 1))
    for tried in (FOREIGN, "khong-co", "Khong co that", "07090", "2026-03", "0905 123 456",
                  "a@khong-co.vn", "lot.enter", "khong_co", "123456789012345675",
                  "lot:khong-co"):  # fmt: skip
        fits = len(tried) <= schema.get("maxLength", 1_000) and re.search(
            schema.get("pattern", ""), tried
        )
        if fits:
            return tried.ljust(shortest, "x")
    raise AssertionError(f"no text is known that fits {schema}")


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation of the document."""
    found = []
    for template, methods in document["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {})
            body_type = next(iter(content), "")
            parameters = tuple(told.get("parameters", ()))
            found.append(
                Operation(
                    method.upper(), template, parameters, body_type,
                    content[body_type]["schema"] if content else {},
                    not told.get("security"), document["components"]["schemas"],
                )
            )  # fmt: skip
    return found


def wrong_requests(operation: Operation) -> Iterator[Case]:
    """Everything that must be refused, whoever sends it."""
    yield from _wrong_parameters(operation)
    if operation.body_type == JSON:
        yield from _wrong_bodies(operation)
    if operation.body_type:
        for name, (content, kind) in BROKEN_BODIES.items():
            if operation.body_type == MULTIPART or not _may_be_empty(operation):
                yield Case(name, operation.path(), content, {"Content-Type": kind})


def _may_be_empty(operation: Operation) -> bool:
    return not operation.resolved(operation.body).get("required")


def _wrong_parameters(operation: Operation) -> Iterator[Case]:
    empty = example_body(operation)
    for one in operation.parameters:
        name, place = one["name"], one["in"]
        for what, sent in WRONG_PARTS.items():
            if place == "header":
                continue
            refused = frozenset({400, 404, 405, 422}) if place == "path" else frozenset({400, 422})
            fits = _fits(operation, one["schema"], sent)
            if place == "query" and fits:
                continue
            yield Case(
                f"{place} {name}: {what}", operation.path(**{name: sent}), *empty,
                fields=frozenset(() if fits else {name}), statuses=refused,
            )  # fmt: skip
        if place == "header":
            for what, value in {"short": "x", "long": "x" * 201}.items():
                content, headers = empty
                yield Case(
                    f"header {name}: {what}", operation.path(), content,
                    {**headers, name: value}, frozenset({name.lower()}),
                )  # fmt: skip


def _fits(operation: Operation, schema: Schema, sent: str) -> bool:
    """Whether it can be meant so, and then names nothing or finds nothing."""
    text = unquote(sent)
    values: list[Any] = [text, int(text)] if re.fullmatch("-?[0-9]+", text) else [text]
    return any(
        # Signs in what is searched for are only signs.
        _is_free(one, text) or any(allows(one, value) for value in values)
        for one in operation.alternatives(_one(schema))
    )


def _one(schema: Schema) -> Schema:
    """What a parameter takes; of a list, what it takes each time it is given."""
    return schema["items"] if schema.get("type") == "array" else schema


def _is_free(schema: Schema, text: str) -> bool:
    told = {"enum", "const", "format", "pattern"} & schema.keys()
    short = len(text) <= schema.get("maxLength", len(text))
    return schema.get("type") == "string" and not told and short


def example_body(operation: Operation) -> tuple[bytes | None, dict[str, str]]:
    """A body that is well formed, if the operation takes one, and its headers."""
    if operation.body_type == JSON:
        return _json(operation.example(operation.body)), {"Content-Type": JSON}
    if operation.body_type == MULTIPART:
        parts = [_part(operation, name, schema) for name, schema in _needed(operation)]
        content = b"".join(parts) + b"--b0undary--\r\n"
        return content, {"Content-Type": f"{MULTIPART}; boundary=b0undary"}
    return None, {}


def _part(operation: Operation, name: str, schema: Schema) -> bytes:
    """A field of a form; a file is a program that is called a picture."""
    head = f'--b0undary\r\nContent-Disposition: form-data; name="{name}"'
    if "contentMediaType" not in schema:
        return f"{head}\r\n\r\n{operation.example(schema)}\r\n".encode()
    told = f'{head}; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    return told.encode() + b"MZ\x90\x00" + bytes(200) + b"\r\n"


def full_body(operation: Operation) -> bytes | None:
    """A body with every field there is, if it may have more than are needed."""
    if operation.body_type != JSON:
        return None
    return _json(full(operation, next(operation.alternatives(operation.body))))


def _needed(operation: Operation) -> Iterator[tuple[str, Schema]]:
    body = operation.resolved(operation.body)
    for name in body.get("required", ()):
        yield name, operation.resolved(body["properties"][name])


def _wrong_bodies(operation: Operation) -> Iterator[Case]:
    headers = {"Content-Type": JSON}
    for schema in operation.alternatives(operation.body):
        whole = full(operation, schema)
        if needed := schema.get("required"):
            yield Case(
                "no fields", operation.path(), b"{}", headers,
                _discriminated(operation, frozenset(needed)),
            )  # fmt: skip
        unknown = {"khong_co_truong_nay": 1, "$where": "1", "a.b": {"$ne": 1}}
        yield Case(
            "unknown fields", operation.path(), _json({**whole, **unknown}), headers,
            _discriminated(operation, frozenset(unknown)),
        )  # fmt: skip
        for what, value in WRONG_VALUES.items():
            places: list[str] = []
            body = _with(operation, schema, whole, value, "", places)
            if places:
                yield Case(what, operation.path(), _json(body), headers, frozenset(places))


def _discriminated(operation: Operation, names: frozenset[str]) -> frozenset[str]:
    """Where several forms are possible only the field that chooses among them can be named."""
    several = len(list(operation.alternatives(operation.body))) > 1
    return frozenset() if several else names


def full(operation: Operation, schema: Schema) -> dict[str, Any]:
    """An example with all fields there are, one item in each list."""
    return {name: _full_value(operation, one) for name, one in schema.get("properties", {}).items()}


def _full_value(operation: Operation, schema: Schema) -> Any:
    chosen = next(operation.alternatives(schema))
    if chosen.get("type") == "array":
        return [_full_value(operation, chosen["items"])]
    return full(operation, chosen) if "properties" in chosen else operation.example(chosen)


def _with(
    operation: Operation, schema: Schema, right: Any, value: Any, at: str, places: list[str]
) -> Any:
    """`right` with the wrong value in every place that refuses it; the places are noted."""
    chosen = list(operation.alternatives(schema))
    first = chosen[0]
    if first.get("properties") and isinstance(right, dict):
        return {
            name: _with(operation, first["properties"][name], one, value, f"{at}{name}.", places)
            for name, one in right.items()
        }
    if first.get("type") == "array" and right:
        return [_with(operation, first["items"], right[0], value, f"{at}0.", places)]
    if any(allows(one, value) for one in chosen):
        return right
    places.append(at.removesuffix("."))
    return value


def allows(schema: Schema, value: Any) -> bool:
    """Whether the document leaves it open that this value is right here."""
    kind = schema.get("type")
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    if value is None:
        return kind == "null"
    if isinstance(value, str):
        return _allows_text(schema, value)
    if isinstance(value, (int, float)):
        return kind in ("integer", "number", "boolean") and _allows_number(schema, value)
    if isinstance(value, dict):
        return kind == "object"
    return kind == "array"


def _allows_text(schema: Schema, value: str) -> bool:
    if schema.get("type") in ("integer", "number") and value.isdecimal():
        return True  # Programs that keep everything as text are understood too.
    if schema.get("type") != "string":
        return False
    if "\x00" in value or "\ud800" in value or "\u202e" in value:
        return False
    if "format" in schema or len(value) > schema.get("maxLength", 10_000):
        return False
    return re.search(schema.get("pattern", ""), value) is not None


def _allows_number(schema: Schema, value: float) -> bool:
    if value != value or value == float("-inf"):
        return False
    if schema["type"] == "boolean":
        return value in (0, 1)
    if value >= 2**63 or (schema["type"] == "integer" and value != int(value)):
        return False
    least = schema.get("minimum", schema.get("exclusiveMinimum", value))
    return bool(least <= value <= schema.get("maximum", value))


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
