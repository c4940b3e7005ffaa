"""What a form model wants under each input name: single value, repeated values, rows, numbers."""

import types
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_MANY = (list, tuple, set, frozenset)


@dataclass(frozen=True)
class Shape:
    """`kind` is the innermost type; `many` a repeated input; `rows` the model of its rows."""

    kind: Any
    many: bool = False
    rows: type[BaseModel] | None = None

    @property
    def whole(self) -> bool:
        return self.kind is int

    @property
    def fractional(self) -> bool:
        return self.kind in (float, Decimal)

    @property
    def flag(self) -> bool:
        return self.kind is bool and not self.many

    @property
    def day(self) -> bool:
        return self.kind is date

    @property
    def moment(self) -> bool:
        return self.kind is datetime


@lru_cache(maxsize=1024)
def shapes(model: type[BaseModel]) -> dict[str, Shape]:
    """The shape of each field of a model."""
    return {name: _shape(field.annotation) for name, field in model.model_fields.items()}


def _shape(annotation: Any) -> Shape:
    annotation = _bare(annotation)
    many = get_origin(annotation) in _MANY
    kind = _bare(get_args(annotation)[0]) if many and get_args(annotation) else annotation
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return Shape(kind=kind, many=many, rows=kind if is_model else None)


def _bare(annotation: Any) -> Any:
    """Without `Annotated` and without `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
            continue
        if origin in (Union, types.UnionType):
            others = [arg for arg in get_args(annotation) if arg is not type(None)]
            if len(others) == 1:
                annotation = others[0]
                continue
        return annotation


def required(model: type[BaseModel], name: str) -> bool:
    """Whether the input must be filled; for rows, within a row that is filled at all."""
    found = _find(model, name)
    if found is None:
        return False
    owner, last = found
    return owner.model_fields[last].is_required() and not shapes(owner)[last].flag


def limit(model: type[BaseModel], name: str, constraint: str) -> int | None:
    """A constraint such as `max_length` of the field behind an input."""
    found = _find(model, name)
    if found is None or shapes(found[0])[found[1]].many:
        return None
    for mark in found[0].model_fields[found[1]].metadata:
        value = getattr(mark, constraint, None)
        if isinstance(value, int):
            return value
    return None


def _find(model: type[BaseModel], name: str) -> tuple[type[BaseModel], str] | None:
    owner: type[BaseModel] = model
    *parents, last = name.split(".")
    for part in parents:
        if part.isdecimal():
            continue
        shape = shapes(owner).get(part)
        if shape is None or shape.rows is None:
            return None
        owner = shape.rows
    return (owner, last) if last in owner.model_fields else None
