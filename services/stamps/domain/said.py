"""What an authority says in public of stamps that it suspends or revokes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shared.contracts.stamps import MAX_SAID, Said
from shared.errors import Kind, Refusal

# Other changes explain themselves on the stamp's page.
EXPLAINED = frozenset({"suspend", "revoke"})


@dataclass(frozen=True, slots=True)
class Words:
    """What buyers are told, in Vietnamese and where given in English and Chinese; nothing where
    there is no Vietnamese."""

    text: str = ""
    english: str = ""
    chinese: str = ""

    @classmethod
    def of(cls, one: Said) -> "Words":
        return cls(one.text, one.text_en, one.text_zh)

    def on(self, first: int, last: int) -> Said:
        return Said(
            first=first,
            last=last,
            text=self.text,
            text_en=self.english,
            text_zh=self.chinese,
        )


SILENT: Final = Words()


class VietnameseFirst(Refusal):
    code = "vietnamese_first"
    kind = Kind.INVALID
    message = (
        "Hãy ghi lời nói với người quét bằng tiếng Việt trước; tiếng Anh và tiếng Trung là bản "
        "dịch của lời đó."
    )


class NotForThePublic(Refusal):
    code = "not_for_the_public"
    kind = Kind.INVALID
    message = (
        "Chỉ khi tạm ngừng hoặc thu hồi tem mới nói lý do với người quét. "
        "Hãy để trống phần nói với người quét."
    )


class AuthoritySpeaks(Refusal):
    code = "authority_speaks"
    kind = Kind.FORBIDDEN
    message = (
        "Chỉ cơ quan quản lý nói lý do với người quét tem. Hãy để trống phần nói với người quét."
    )


class TooManySaid(Refusal):
    code = "too_many_public_reasons"
    message = (
        "Đoạn tem này đã có {limit} lý do công khai khác nhau. Hãy để trống phần nói với người "
        "quét, hoặc gộp thành các khoảng liền nhau dài hơn với cùng một lời."
    )


def must_be_sayable(words: Words, change: str, *, by_authority: bool) -> None:
    """Raise NotForThePublic or AuthoritySpeaks for words that nobody is to be told, and
    VietnameseFirst for a translation of nothing."""
    if words == SILENT:
        return
    if change not in EXPLAINED:
        raise NotForThePublic("public_reason")
    if not by_authority:
        raise AuthoritySpeaks("public_reason")
    if not words.text:
        raise VietnameseFirst("public_reason")


def retold(
    known: Sequence[Said], first: int, last: int, words: Words, *, limit: int = MAX_SAID
) -> tuple[Said, ...]:
    """What is said after serials first…last changed: of them `words` alone, or nothing (SILENT).

    Raises TooManySaid for new words where more than `limit` would be said. Taking words off some
    serials may part what is said around them; that is refused for no number, for a change that says
    nothing would be refused with it.
    """
    parts = [part for one in known for part in _outside(one, first, last)]
    if words.text:
        parts.append(words.on(first, last))
    joined: list[Said] = []
    for one in sorted(parts, key=lambda part: part.first):
        before = joined[-1] if joined else None
        if before and before.last + 1 == one.first and Words.of(before) == Words.of(one):
            joined[-1] = Words.of(one).on(before.first, one.last)
        else:
            joined.append(one)
    if words.text and len(joined) > limit:
        raise TooManySaid("public_reason", limit=limit)
    return tuple(joined)


def _outside(one: Said, first: int, last: int) -> Iterator[Said]:
    """What is left of it without serials first…last."""
    if one.first < first:
        yield Words.of(one).on(one.first, min(one.last, first - 1))
    if one.last > last:
        yield Words.of(one).on(max(one.first, last + 1), one.last)
