"""Turns the flat names of a posted form into the nested data that a model validates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.datastructures import UploadFile

from shared.web import typed
from shared.web.formdata import Value
from shared.web.refusals import MalformedBody
from shared.web.shapes import Shape, shapes

MAX_DEPTH = 5
MAX_ROW = 9999

Tree = dict[str, Any]


@dataclass
class Assembled:
    """`errors` maps input names to msgids; `rows` remembers which typed row became which."""

    data: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)

    def input_name(self, loc: Sequence[int | str]) -> str:
        """The input that a place in the data came from. Empty rows were left out in between."""
        name = ""
        for part in loc:
            if isinstance(part, int):
                typed_rows = self.rows.get(name)
                if typed_rows is None:
                    # One of several values of the same input.
                    return name
                number = typed_rows[part] if part < len(typed_rows) else part
                name = f"{name}.{number}"
            else:
                name = f"{name}.{part}" if name else part
        return name[:120]


def assemble(pairs: Iterable[tuple[str, Value]], model: type[BaseModel], lang: str) -> Assembled:
    """The data for `model`; raises MalformedBody for names that contradict each other."""
    tree: Tree = {}
    for name, value in pairs:
        _insert(tree, name, value)
    found = Assembled()
    found.data = _object(tree, model, "", lang, found)
    return found


def _insert(tree: Tree, name: str, value: Value) -> None:
    parts = name.split(".")
    if len(parts) > MAX_DEPTH:
        # Left as one name, which no model has.
        parts = [name]
    for part in parts[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise MalformedBody()
    values = tree.setdefault(parts[-1], [])
    if not isinstance(values, list):
        raise MalformedBody()
    values.append(value)


def _object(
    tree: Tree, model: type[BaseModel], prefix: str, lang: str, found: Assembled
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    known = shapes(model)
    for name, node in tree.items():
        shape = known.get(name)
        key = prefix + name
        if shape is None:
            # Unknown names stay, even without a value, so that the model refuses them.
            data[name] = node
        elif isinstance(node, list):
            _fill(data, name, key, node, shape, lang, found)
        elif shape.rows is None:
            data[name] = node
        elif shape.many:
            data[name] = _rows(node, shape.rows, key, lang, found)
        else:
            data[name] = _object(node, shape.rows, f"{key}.", lang, found)
    for name, shape in known.items():
        if shape.flag and model.model_fields[name].annotation is bool:
            # Browsers do not send an unchecked box, so absence is an answer, whatever the default.
            data.setdefault(name, False)
    return data


def _fill(
    data: dict[str, Any],
    name: str,
    key: str,
    values: list[Value],
    shape: Shape,
    lang: str,
    found: Assembled,
) -> None:
    """Empty inputs count as absent; a single value repeated is kept, for the model to refuse."""
    read: list[object] = []
    for value in values:
        if _is_blank(value):
            continue
        try:
            read.append(typed.read(value.strip(), shape, lang) if isinstance(value, str) else value)
        except typed.Ambiguous:
            found.errors[key] = typed.AMBIGUOUS
            read.append("0")
    if shape.many and shape.rows is None:
        if read:
            data[name] = read
    elif len(read) == 1:
        data[name] = read[0]
    elif read:
        data[name] = read


def _rows(
    node: Tree, model: type[BaseModel], key: str, lang: str, found: Assembled
) -> list[dict[str, Any]] | Tree:
    """Rows in the order of their numbers, without those that were left empty."""
    if not all(index.isdecimal() and len(index) <= len(str(MAX_ROW)) for index in node):
        return node
    kept, numbers = [], []
    for number in sorted(int(index) for index in node):
        fields = node.get(str(number))
        if not isinstance(fields, dict):
            return node
        if not _is_empty(fields):
            kept.append(_object(fields, model, f"{key}.{number}.", lang, found))
            numbers.append(number)
    found.rows[key] = numbers
    return kept


def _is_empty(node: Tree | list[Value]) -> bool:
    if isinstance(node, list):
        return all(_is_blank(value) for value in node)
    return all(_is_empty(child) for child in node.values())


def _is_blank(value: Value) -> bool:
    if isinstance(value, UploadFile):
        return not value.filename and not value.size
    return not value.strip()
