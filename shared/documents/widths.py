"""How wide the columns of a table are, so that no head, no number and no code is parted over two
lines, also in another font than the one asked for: a reader's machine may not have it."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.documents import official
from shared.documents.official import Table

# Of a letter in DejaVu Serif, the widest font that is put in place of Times New Roman, and of one
# in bold, as parts of the font's size.
LETTER: Final = 0.6
BOLD_LETTER: Final = 0.64
# Millimetres to the left and right of what stands in a cell.
MARGIN: Final = 1.0
# Points: a table of many columns is written a little smaller.
SIZES: Final = (official.TABLE_SIZE, official.TABLE_SIZE - 1)
_POINT: Final = 25.4 / 72


def fitted(table: Table, line: float) -> tuple[int, list[float]]:
    """The size of its texts in points, and the columns in millimetres, `line` in all.

    They are as the table's shares say, but none is narrower than what must not be parted needs:
    words of heads and numbers first, then whole heads and the words below them.
    """
    size = next((one for one in SIZES if sum(_whole(table, one)) <= line), SIZES[-1])
    shares = table.widths or (1,) * len(table.heads)
    asked = [line * share / sum(shares) for share in shares]
    least = [_least(table, place, size) for place in range(len(shares))]
    if sum(least) > line:
        return size, [line * one / sum(least) for one in least]
    return size, _towards(asked, _towards(_whole(table, size), least, line), line)


def _towards(wanted: Sequence[float], given: Sequence[float], line: float) -> list[float]:
    """What is left of the line goes to the columns that are narrower than wanted."""
    lacking = [max(0.0, want - one) for want, one in zip(wanted, given, strict=True)]
    part = min(1.0, (line - sum(given)) / sum(lacking)) if any(lacking) else 0.0
    return [one + lack * part for one, lack in zip(given, lacking, strict=True)]


def _least(table: Table, place: int, size: int) -> float:
    head = _wide(_longest(table.heads[place].split()), BOLD_LETTER, size)
    if place not in table.numbers:
        return head
    return max(head, _wide(_longest(row[place] for row in table.rows), LETTER, size))


def _whole(table: Table, size: int) -> list[float]:
    found = []
    for place, head in enumerate(table.heads):
        words = (word for row in table.rows for word in row[place].split())
        word = _wide(_longest(words), LETTER, size)
        found.append(max(_least(table, place, size), _wide(len(head), BOLD_LETTER, size), word))
    return found


def _longest(texts: Iterable[str]) -> int:
    return max(map(len, texts), default=0)


def _wide(letters: int, letter: float, size: int) -> float:
    return letters * letter * size * _POINT + 2 * MARGIN
