"""What an authority says in public of stamps that it suspends or revokes."""

from collections.abc import Iterator, Sequence

from shared.contracts.stamps import MAX_INTERVALS, MAX_SAID, Said
from shared.errors import Kind, Refusal

# Other changes explain themselves on the stamp's page.
EXPLAINED = frozenset({"suspend", "revoke"})


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


def must_be_sayable(text: str, change: str, *, by_authority: bool) -> None:
    """Raise NotForThePublic or AuthoritySpeaks for words that nobody is to be told."""
    if text and change not in EXPLAINED:
        raise NotForThePublic("public_reason")
    if text and not by_authority:
        raise AuthoritySpeaks("public_reason")


def retold(known: Sequence[Said], first: int, last: int, text: str) -> tuple[Said, ...]:
    """What is said after serials first…last changed: of them `text` alone, nothing where it is "".

    Raises TooManySaid for new words. Taking words off some serials may part what is said around
    them; that it is refused for only where a segment could not be published any more.
    """
    parts = [part for one in known for part in _outside(one, first, last)]
    if text:
        parts.append(Said(first=first, last=last, text=text))
    joined: list[Said] = []
    for one in sorted(parts, key=lambda part: part.first):
        if joined and (joined[-1].last + 1, joined[-1].text) == (one.first, one.text):
            joined[-1] = Said(first=joined[-1].first, last=one.last, text=one.text)
        else:
            joined.append(one)
    limit = MAX_SAID if text else MAX_INTERVALS
    if len(joined) > limit:
        raise TooManySaid("public_reason", limit=limit)
    return tuple(joined)


def _outside(one: Said, first: int, last: int) -> Iterator[Said]:
    """What is left of it without serials first…last."""
    if one.first < first:
        yield Said(first=one.first, last=min(one.last, first - 1), text=one.text)
    if one.last > last:
        yield Said(first=max(one.first, last + 1), last=one.last, text=one.text)
