"""Inputs known to be used, as the JSON API tells them."""

from collections.abc import Sequence

from pydantic import BaseModel

from services.recall.store.inputs import KnownInput


class InputView(BaseModel):
    """`key` is the target of a recall of it; lots and facilities are those the caller may know."""

    key: str
    kind: str
    name: str
    active_substance: str
    lots: int
    facilities: int


class InputList(BaseModel):
    items: list[InputView]
    total: int
    page: int

    @classmethod
    def of(cls, found: Sequence[KnownInput], total: int, page: int) -> "InputList":
        items = [InputView.model_validate(one, from_attributes=True) for one in found]
        return cls(items=items, total=total, page=page)
