"""What stamps carry their address in: QR codes or Data Matrix; what a symbol comes to in a size.

Phones read QR codes by themselves, so these are the rule. A Data Matrix of the same address has
smaller symbols and is read by many apps. A GS1 DataMatrix holds no address but (01) and (21), which
is what scanners of trade and industry ask for; it needs a GTIN, and phones open no page by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import Final, Protocol

import numpy as np

from services.stamps.domain.printing import Carrier
from services.stamps.printing.masks import MAX_EDGE, Modules
from services.stamps.printing.symbols import NotPrintable, symbol_maker
from services.stamps.printing.templates import DPI, MM_PER_INCH, Template
from shared import gs1
from shared.gs1_elements import of_product, readable
from shared.printing.encoding import data_matrix, gs1_data_matrix
from shared.stampcode import ALPHABET, LENGTH

# Light modules at every side: ISO/IEC 18004 asks for four. ISO/IEC 16022 asks for one; a second is
# kept free for cuts and backgrounds that miss their place a little.
QUIET: Final[dict[Carrier, int]] = {"qr": 4, "datamatrix": 2, "gs1-datamatrix": 2}
# What the decoder calls them.
READ_AS: Final[dict[Carrier, str]] = {
    "qr": "QRCode",
    "datamatrix": "DataMatrix",
    "gs1-datamatrix": "DataMatrix",
}
# A code whose symbol is never smaller than that of another: letters take the most room.
_WIDEST: Final = (ALPHABET[10:] * 2)[:LENGTH]

# Below the first, only good cameras read a symbol; below the second, a sharp print is needed.
SAFE_MODULE_MM: Final = 0.2
COMFORTABLE_MODULE_MM: Final = 0.25
# GS1 General Specifications, symbol specification table 1: at retail points of sale QR codes need
# so much, a GS1 DataMatrix a little less; the stricter one is kept for all.
RETAIL_MODULE_MM: Final = 0.396


class Concern(StrEnum):
    """What to tell the person who chooses a size, worst first."""

    BELOW_SAFE = "module_below_safe"
    BELOW_COMFORTABLE = "module_below_comfortable"
    BELOW_RETAIL = "module_below_retail"


class TooMuchForASymbol(ValueError):
    """The host, or host and lot together, are too long for a symbol that can be printed."""


class NeedsGtin(ValueError):
    """A GS1 DataMatrix without a GTIN: it has nothing else to name the product by."""


class Maker(Protocol):
    """Makes the symbols of codes of 20 characters, all of `edge` modules a side."""

    edge: int

    def matrices(self, codes: list[str]) -> Modules:
        """One symbol for each code, in their order: (codes, edge, edge) modules, 1 is dark."""


class MatrixMaker:
    """Data Matrix symbols, all of the size that the widest code needs. Raises CannotEncode."""

    def __init__(self, encoded: Callable[[str, int], Modules]) -> None:
        self._encoded = encoded
        self.edge: int = encoded(_WIDEST, 0).shape[0]

    def matrices(self, codes: list[str]) -> Modules:
        if not all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes):
            raise NotPrintable(f"a code is not {LENGTH} characters of the alphabet")
        return np.stack([self._encoded(code, self.edge) for code in codes])


@dataclass(frozen=True)
class Fit:
    """What a symbol comes to: modules a side, whole printer dots a module.

    `version` is that of a QR code, 0 of others.
    """

    version: int
    modules: int
    dots: int
    carrier: Carrier = "qr"

    @property
    def quiet(self) -> int:
        """Light modules at every side."""
        return QUIET[self.carrier]

    @property
    def module_mm(self) -> float:
        return self.dots * MM_PER_INCH / DPI

    @property
    def symbol_mm(self) -> float:
        return self.modules * self.module_mm

    @property
    def with_quiet_zone_mm(self) -> float:
        return (self.modules + 2 * self.quiet) * self.module_mm

    @property
    def concerns(self) -> tuple[Concern, ...]:
        limits = (
            (SAFE_MODULE_MM, Concern.BELOW_SAFE),
            (COMFORTABLE_MODULE_MM, Concern.BELOW_COMFORTABLE),
            (RETAIL_MODULE_MM, Concern.BELOW_RETAIL),
        )
        return tuple(concern for limit, concern in limits if self.module_mm < limit)


def payload_prefix(
    host: str,
    template: Template,
    gtin: str | None = None,
    lot: str | None = None,
    carrier: Carrier = "qr",
) -> str:
    """What every symbol of a job holds before the code, as decoders tell it.

    Where the size allows it and a GTIN is given, a GS1 Digital Link. Its scheme and host are in
    upper case, which means the same and takes less room. Of a GS1 DataMatrix it is the elements in
    brackets, up to the serial's. Raises a gs1.Gs1Error or NeedsGtin.
    """
    if carrier == "gs1-datamatrix":
        return readable(of_product(_given(gtin), lot or "")) + "(21)"
    if gtin is None or not template.takes_link:
        return gs1.qr_payload(host, "")
    link = gs1.digital_link(host, gtin, "0" * LENGTH, lot)
    origin, path = link[: link.index("/01/")], link[link.index("/01/") :]
    return origin.upper() + path[:-LENGTH]


def maker_of(
    host: str,
    template: Template,
    gtin: str | None = None,
    lot: str | None = None,
    carrier: Carrier = "qr",
) -> Maker:
    """What makes the symbols of a job. Raises TooMuchForASymbol, NeedsGtin or a gs1.Gs1Error."""
    try:
        if carrier == "gs1-datamatrix":
            return _gs1_maker(_given(gtin), lot or "")
        prefix = payload_prefix(host, template, gtin, lot)
        return symbol_maker(prefix) if carrier == "qr" else _matrix_maker(prefix)
    except (gs1.Gs1Error, NeedsGtin):
        raise
    except ValueError as error:
        raise TooMuchForASymbol(str(error)) from None


def which_version(
    host: str,
    template: Template,
    gtin: str | None = None,
    lot: str | None = None,
    carrier: Carrier = "qr",
) -> Fit:
    """What the symbols of a job come to. Raises TooMuchForASymbol, NeedsGtin or a gs1.Gs1Error."""
    edge = maker_of(host, template, gtin, lot, carrier).edge
    dots = int(template.symbol_mm / MM_PER_INCH * DPI) // edge
    if edge > MAX_EDGE or dots < 1:
        raise TooMuchForASymbol(f"{edge} modules")
    return Fit((edge - 17) // 4 if carrier == "qr" else 0, edge, dots, carrier)


def _given(gtin: str | None) -> str:
    if not gtin:
        raise NeedsGtin("a GS1 DataMatrix names its product by a GTIN")
    return gtin


@lru_cache(maxsize=8)
def _matrix_maker(prefix: str) -> MatrixMaker:
    return MatrixMaker(lambda code, edge: data_matrix(prefix + code, edge))


@lru_cache(maxsize=8)
def _gs1_maker(gtin: str, lot: str) -> MatrixMaker:
    return MatrixMaker(partial(_of_elements, gtin, lot))


def _of_elements(gtin: str, lot: str, code: str, edge: int) -> Modules:
    return gs1_data_matrix(of_product(gtin, lot, serial=code), edge)
