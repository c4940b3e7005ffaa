"""News of the province (R73): written by one official, published by another, in plain text.

The published text stays what everybody reads while a newer draft waits.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.registry.domain.records import Author
from shared.auth import Scope
from shared.errors import EditConflict, Kind, Refusal

MAX_PICTURES: Final = 6
MAX_RECORDINGS: Final = 3
SECTIONS: Final = ("news", "guide", "market", "event")
# Everywhere in the province, of every sector: what `Principal.reaches` takes the same way.
EVERYWHERE: Final = "*"


class State(StrEnum):
    """Of the newest text; `published` means that there is no newer draft."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"


class ArticleNotADraft(Refusal):
    code = "article_not_a_draft"
    message = "Bài này không còn ở dạng bản nháp. Hãy tải lại trang để xem tình trạng mới nhất."


class ArticleNotSubmitted(Refusal):
    code = "article_not_submitted"
    message = "Bài này không chờ duyệt. Hãy tải lại trang để xem tình trạng mới nhất."


class ArticleNotPublished(Refusal):
    code = "article_not_published"
    message = "Bài này không đang đăng nên không gỡ được."


class ArticleNotDiscarded(Refusal):
    code = "article_not_discarded"
    message = (
        "Bài đang đăng hoặc đang chờ duyệt nên không xóa được. Hãy gỡ bài xuống, hoặc chờ người "
        "duyệt trả lại, rồi xóa."
    )


class OwnArticle(Refusal):
    code = "own_article"
    kind = Kind.FORBIDDEN
    message = "Bạn đã viết hoặc sửa bài này nên không được tự duyệt. Hãy để người khác duyệt."


class ArticlePictureUnknown(Refusal):
    code = "article_picture_unknown"
    kind = Kind.INVALID
    message = "Có ảnh không thuộc bài này hoặc không còn. Hãy tải ảnh lên lại."


class TooManyArticlePictures(Refusal):
    code = "too_many_article_pictures"
    kind = Kind.LIMIT
    message = "Mỗi bài có nhiều nhất {limit} ảnh. Hãy bỏ bớt ảnh rồi tải lên."


class ArticleRecordingUnknown(Refusal):
    code = "article_recording_unknown"
    kind = Kind.INVALID
    message = (
        "Có video, âm thanh hoặc tài liệu không còn, hoặc của cơ sở ngoài địa bàn của bạn. "
        "Hãy bỏ chọn rồi chọn lại."
    )


class TooManyArticleRecordings(Refusal):
    code = "too_many_article_recordings"
    kind = Kind.LIMIT
    message = "Mỗi bài kèm nhiều nhất {limit} video, âm thanh, tài liệu. Hãy bỏ bớt."


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture (a media id) with the words that stand for it where it cannot be seen."""

    picture: str
    alt: str


@dataclass(frozen=True, slots=True)
class Text:
    """What is read. `body` is plain text; `blocks` says how lines become paragraphs and lists.

    `recordings` are ids of facilities' films, sounds and documents that it carries.
    """

    section: str
    title: str
    summary: str
    body: str
    title_en: str = ""
    summary_en: str = ""
    body_en: str = ""
    figures: tuple[Figure, ...] = ()
    recordings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """`writers` are the accounts that wrote the present draft: none of them may publish it.

    `commune` and `sector` say whose it is, `EVERYWHERE` for the whole province or every sector.
    """

    id: str
    version: int
    state: State
    unit_id: str
    commune: str
    sector: str
    draft: Text | None
    published: Text | None
    writers: tuple[Author, ...]
    created_at: datetime
    updated_at: datetime
    first_published_at: datetime | None = None
    published_at: datetime | None = None
    approved_by: Author | None = None
    reason: str = ""

    def scope(self) -> Scope:
        return Scope(None, self.commune, self.sector)

    @property
    def text(self) -> Text:
        """What is being worked on: the draft, or the published text where there is none."""
        found = self.draft if self.draft is not None else self.published
        assert found is not None  # Taking it down leaves its text as a draft.
        return found

    def edit(self, text: Text, *, version: int, by: Author, now: datetime) -> "Article":
        self._expect(version)
        if text == self.text:
            return self
        return self._step(now, state=State.DRAFT, draft=text, writers=self._with(by))

    def submit(self, *, version: int, by: Author, now: datetime) -> "Article":
        self._expect(version)
        if self.state is not State.DRAFT:
            raise ArticleNotADraft()
        return self._step(now, state=State.SUBMITTED, reason="", writers=self._with(by))

    def publish(self, *, version: int, by: Author, now: datetime) -> "Article":
        self._expect(version)
        self._may_decide(by)
        return self._step(
            now,
            state=State.PUBLISHED,
            published=self.draft,
            draft=None,
            first_published_at=self.first_published_at or now,
            published_at=now,
            approved_by=by,
            writers=(),
            reason="",
        )

    def reject(self, *, version: int, by: Author, reason: str, now: datetime) -> "Article":
        self._expect(version)
        self._may_decide(by)
        return self._step(now, state=State.DRAFT, reason=reason)

    def take_down(self, *, by: Author, reason: str, now: datetime) -> "Article":
        """Nobody reads it any longer; its text is a draft again, of whoever took it down."""
        if self.published is None:
            raise ArticleNotPublished()
        return self._step(
            now,
            state=State.DRAFT,
            draft=self.text,
            published=None,
            published_at=None,
            writers=self._with(by),
            reason=reason,
        )

    def check_discarded(self, *, version: int) -> None:
        """Only a draft of which nothing is public may be thrown away."""
        self._expect(version)
        if self.state is not State.DRAFT or self.published is not None:
            raise ArticleNotDiscarded()

    def _may_decide(self, by: Author) -> None:
        if self.state is not State.SUBMITTED:
            raise ArticleNotSubmitted()
        if any(writer.account_id == by.account_id for writer in self.writers):
            raise OwnArticle()

    def _with(self, by: Author) -> tuple[Author, ...]:
        return (*(one for one in self.writers if one.account_id != by.account_id), by)

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(self, now: datetime, **changes: object) -> "Article":
        return replace(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a body: `kind` paragraph, heading or list; a list has an item a line."""

    kind: str
    lines: tuple[str, ...]


_GAP = re.compile(r"\n\s*\n")


def blocks(body: str) -> tuple[Block, ...]:
    """Empty lines part the pieces; `## ` begins a heading, and lines of `- ` are a list.

    That is all there is: everything else is text, which a template escapes.
    """
    found = []
    for piece in _GAP.split(body.strip()):
        lines = [line.strip() for line in piece.splitlines() if line.strip()]
        found += _pieces(lines)
    return tuple(found)


def _pieces(lines: list[str]) -> list[Block]:
    found: list[Block] = []
    for line in lines:
        kind, text = _kind(line)
        if kind != "heading" and found and found[-1].kind == kind:
            found[-1] = Block(kind, (*found[-1].lines, text))
        else:
            found.append(Block(kind, (text,)))
    return found


def _kind(line: str) -> tuple[str, str]:
    if line.startswith("## ") and line[3:].strip():
        return "heading", line[3:].strip()
    if line.startswith(("- ", "• ")) and line[2:].strip():
        return "list", line[2:].strip()
    return "paragraph", line


_OWNER: Final = "article:"


def owner_of(article_id: str) -> str:
    """Whose an article's own pictures and films are, where those of others name a facility."""
    return _OWNER + article_id


def owning(owner: str) -> str:
    """The article that owns such, "" for a facility."""
    return owner.removeprefix(_OWNER) if owner.startswith(_OWNER) else ""
