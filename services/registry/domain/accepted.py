"""Codes of areas and plants that importing countries accept, and until when (R25)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.errors import Kind, Refusal

MAX_MARKETS: Final = 40


class MarketTwice(Refusal):
    code = "market_twice"
    kind = Kind.INVALID
    message = "Nước nhập khẩu {country} được ghi hai lần. Hãy giữ một dòng."


@dataclass(frozen=True, slots=True)
class Market:
    """An importing country that accepts the code (R25): ISO 3166 code, its own number, until when.

    `requirement` says in words what that country asks for beside the code.
    """

    country: str
    number: str = ""
    until: date | None = None
    requirement: str = ""

    def open_on(self, day: date) -> bool:
        return self.until is None or day <= self.until


def check_each_once(markets: Iterable[Market]) -> None:
    """Raise MarketTwice at the second row of one country."""
    seen: set[str] = set()
    for index, market in enumerate(markets):
        if market.country in seen:
            raise MarketTwice(f"markets.{index}.country", country=market.country)
        seen.add(market.country)
