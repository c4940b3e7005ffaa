"""The sources that several lots share, as the JSON API tells them."""

from pydantic import BaseModel

from services.recall.queries.sources import Common, Source


class SourceView(BaseModel):
    """`kind` is lot, supply, facility, area or input. `affected` are the codes of the lots asked
    about that came from it, with the maker where several bear one code, over at most `step` steps.
    It reaches `reaches` lots in all, or more (`reaches_more`); null where that was not counted."""

    kind: str
    id: str
    name: str
    detail: str
    affected: list[str]
    step: int
    reaches: int | None
    reaches_more: bool

    @classmethod
    def of(cls, source: Source) -> "SourceView":
        return cls.model_validate(source, from_attributes=True)


class CommonView(BaseModel):
    """Of `lots` that were asked about; the source of most of them, and of these the nearest, first.
    `cut`: the way back is longer than what was looked at."""

    lots: list[str]
    sources: list[SourceView]
    cut: bool

    @classmethod
    def of(cls, common: Common) -> "CommonView":
        return cls(
            lots=[lot.code for lot in common.lots],
            sources=[SourceView.of(one) for one in common.sources],
            cut=common.cut,
        )
