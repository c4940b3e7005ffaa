"""What people and programs send of an article, with its limits."""

from typing import Annotated

from fastapi import UploadFile
from pydantic import Field

from services.registry.domain.article import (
    MAX_PICTURES,
    MAX_RECORDINGS,
    SECTIONS,
    Figure,
    Text,
)
from services.registry.inputs import Id, OptionalId, Reason, Version, one_of
from shared.pictures.limits import MAX_BYTES, PICTURES
from shared.web.fields import Input, Prose, upload

_section_check, _section_schema = one_of(SECTIONS)
Section = Annotated[str, _section_check, _section_schema]
Body = Annotated[Prose, Field(min_length=20, max_length=20_000)]
Alt = Annotated[str, Field(min_length=3, max_length=300)]


class FigureInput(Input):
    """`alt` says in words what the picture shows; it is its caption too."""

    picture: Id
    alt: Alt


class ArticleFields(Input):
    """`body`: empty lines part paragraphs, `## ` begins a heading, lines of `- ` are a list.
    `recordings`: ids of films, sounds and documents of facilities that the writer answers for."""

    section: Section
    title: Annotated[str, Field(min_length=5, max_length=200)]
    summary: Annotated[str, Field(min_length=10, max_length=400)]
    body: Body
    title_en: Annotated[str, Field(max_length=200)] = ""
    summary_en: Annotated[str, Field(max_length=400)] = ""
    body_en: Annotated[Prose, Field(max_length=20_000)] = ""
    figures: Annotated[tuple[FigureInput, ...], Field(max_length=MAX_PICTURES)] = ()
    recordings: Annotated[tuple[Id, ...], Field(max_length=MAX_RECORDINGS)] = ()

    def text(self, *more: Figure) -> Text:
        told = {
            name: value
            for name, value in dict(self).items()
            if name in Text.__slots__ and name != "figures"
        }
        figures = tuple(Figure(one.picture, one.alt) for one in self.figures)
        return Text(**told, figures=(*figures, *more))


class EditArticle(ArticleFields):
    version: Version


class FigureRow(FigureInput):
    drop: bool = False


class ArticleForm(ArticleFields):
    """`photo` with `photo_alt` is added to the figures; rows marked `drop` go."""

    figures: Annotated[tuple[FigureRow, ...], Field(max_length=MAX_PICTURES)] = ()
    photo: Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=PICTURES)] | None = None
    photo_alt: Annotated[str, Field(max_length=300)] = ""
    version: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    key: OptionalId = ""

    def text(self, *more: Figure) -> Text:
        kept = tuple(one for one in self.figures if not one.drop)
        return ArticleFields.text(self.model_copy(update={"figures": kept}), *more)


class StepBody(Input):
    version: Version


class RejectBody(Input):
    version: Version
    reason: Reason


class TakeDownBody(Input):
    """Without a version: what everybody reads must go, whatever was written since."""

    reason: Reason
