"""QR symbols of many stamps at once: the same modules that segno makes one by one.

All symbols of a print job differ only in the stamp's code, at the end of what they hold. A QR
symbol with a given mask is linear over GF(2): flipping one bit of the content flips the same
modules in every symbol (the error correction included). So segno makes one symbol and one for each
bit of the code, and every further symbol is a sum of those. Which of the eight masks is best is
then scored for all symbols together, as segno does it one by one.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import segno

from services.stamps.printing.masks import Modules, Scores, as_words, penalties
from shared.stampcode import LENGTH

ERROR_CORRECTION = "M"
MASKS = 8

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BLANK = "0" * LENGTH
_NO_VALUE = 255


class NotPrintable(ValueError):
    """A code that has not the length or not the characters that the symbols of a job share."""


class SymbolMaker:
    """Makes the symbols `prefix + code`, error correction M, for codes of 20 characters.

    `version` is the QR version that all of them need, `edge` their modules a side.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._tail = _Tail(prefix)
        blank = prefix + _BLANK
        self._blank = self._by_segno(blank)
        self.edge = self._blank.shape[0]
        self.version = (self.edge - 17) // 4
        self._of_mask = np.stack(
            [self._by_segno(blank, mask) ^ self._blank for mask in range(MASKS)]
        )
        self._blank_bits = self._tail.bits([_BLANK])
        self._flips = self._flips_by_bit()
        self._scored = _scored_modules(self.edge)
        scored_masks = self._of_mask & self._scored
        self._mask_rows = as_words(scored_masks)
        self._mask_columns = as_words(scored_masks.transpose(0, 2, 1))

    def matrices(self, codes: list[str]) -> Modules:
        """One symbol for each code, in their order: (codes, edge, edge) modules, 1 is dark."""
        flipped = self._tail.bits(codes) ^ self._blank_bits
        flips = np.where(flipped[:, :, None], self._flips, np.uint64(0))
        flips = np.bitwise_xor.reduce(flips, axis=1)
        data = np.unpackbits(flips.view(np.uint8), axis=1, count=self.edge**2)
        unmasked = data.reshape(-1, self.edge, self.edge) ^ self._blank
        best = self._scores(unmasked).argmin(axis=1)
        chosen: Modules = unmasked ^ self._of_mask[best]
        return chosen

    def _scores(self, unmasked: Modules) -> Scores:
        """The penalty of every symbol with each of the masks."""
        scored = unmasked & self._scored
        rows = as_words(scored)[:, None] ^ self._mask_rows
        columns = as_words(scored.transpose(0, 2, 1))[:, None] ^ self._mask_columns
        return penalties(rows, columns)

    def _by_segno(self, content: str, mask: int = 0) -> Modules:
        symbol = segno.make_qr(
            content, error=ERROR_CORRECTION, mode=self._tail.mode, mask=mask, boost_error=False
        )
        return np.array([list(row) for row in symbol.matrix], np.uint8)

    def _flips_by_bit(self) -> npt.NDArray[np.uint64]:
        """The modules that each bit of the tail flips, one packed row a bit, in their order."""
        content = self.prefix + _BLANK
        rows = np.zeros((len(self._tail.units) * self._tail.bits_of_unit, self.edge**2), np.uint8)
        for unit, (start, end) in enumerate(self._tail.units):
            head, behind = content[:start], content[end:]
            zero = self._by_segno(head + self._tail.spell(0, end - start) + behind)
            for bit in range(self._tail.bits_used(end - start)):
                one = self._by_segno(head + self._tail.spell(1 << bit, end - start) + behind)
                rows[unit * self._tail.bits_of_unit + bit] = (zero ^ one).ravel()
        packed = np.packbits(rows, axis=1)
        whole_words = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
        return whole_words.view(np.uint64)


class _Tail:
    """How the end of the content becomes bits: alphanumeric pairs of 11, or ASCII bytes of 7.

    The first pair may begin with the last character of the prefix, and a single character may be
    left at the end. `units` are the places in the content where each pair or byte starts and ends.
    """

    def __init__(self, prefix: str) -> None:
        end = len(prefix) + LENGTH
        self.prefix = prefix
        self._paired = set(prefix) <= set(_ALPHANUMERIC)
        if self._paired:
            first = len(prefix) // 2 * 2
            self.mode = "alphanumeric"
            self.units = [(place, min(place + 2, end)) for place in range(first, end, 2)]
            self.bits_of_unit = 11
            self._characters = _ALPHANUMERIC
        else:
            self.mode = "byte"
            self.units = [(place, place + 1) for place in range(len(prefix), end)]
            self.bits_of_unit = 7
            self._characters = "".join(map(chr, range(128)))
        self._values = np.full(256, _NO_VALUE, np.uint16)
        for value, character in enumerate(self._characters):
            self._values[ord(character)] = value

    def bits_used(self, length: int) -> int:
        return 6 if self._paired and length == 1 else self.bits_of_unit

    def spell(self, value: int, length: int) -> str:
        """The characters whose unit has this value."""
        if length == 1:
            return self._characters[value]
        return self._characters[value // 45] + self._characters[value % 45]

    def bits(self, codes: list[str]) -> npt.NDArray[np.bool_]:
        """The bits of all units of `prefix + code`, one row a code, the lowest bit first."""
        contents = "".join(self.prefix + code for code in codes)
        if not contents.isascii() or any(len(code) != LENGTH for code in codes):
            raise NotPrintable(f"a code is not {LENGTH} ASCII characters")
        text = np.frombuffer(contents.encode("ascii"), np.uint8)
        values = self._values[text].reshape(len(codes), len(self.prefix) + LENGTH)
        if (values == _NO_VALUE).any():
            raise NotPrintable("a code holds a character that its symbol cannot")
        of_units = values[:, [start for start, _ in self.units]]
        pairs = [unit for unit, (start, end) in enumerate(self.units) if end - start == 2]
        seconds = values[:, [self.units[unit][1] - 1 for unit in pairs]]
        of_units[:, pairs] = of_units[:, pairs] * 45 + seconds
        spread = of_units[:, :, None] >> np.arange(self.bits_of_unit, dtype=np.uint16) & 1
        return spread.reshape(len(codes), -1).astype(bool)


@lru_cache(maxsize=8)
def symbol_maker(prefix: str) -> SymbolMaker:
    """The maker for one prefix; its tables cost a tenth of a second, so they are kept."""
    return SymbolMaker(prefix)


def _scored_modules(edge: int) -> Modules:
    """1 where a module counts when masks are scored; format and version areas count as light."""
    scored = np.ones((edge, edge), np.uint8)
    scored[8, :9] = scored[:9, 8] = scored[8, -8:] = scored[-8:, 8] = 0
    scored[8, 6] = scored[6, 8] = 1
    if edge > 41:
        scored[:6, -11:-8] = scored[-11:-8, :6] = 0
    return scored
