"""Whether goods may go to an importing country: what it asks for, and what they have (R25)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.registry.domain.catalogues import Catalogue, Row, rows
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.words import fold
from shared.days import spoken
from shared.errors import Phrase, Refusal

# A renewal takes the importing country's office some weeks.
NOTICE: Final = timedelta(days=60)
# Told to others as long ahead as the end of a certificate is (R13).
TOLD_AHEAD: Final = timedelta(days=30)


class Standing(StrEnum):
    """How an importing country's acceptance of a code stands on a day."""

    EXPIRED = "expired"
    EXPIRING = "expiring"
    OPEN = "open"


class MarketClosed(Refusal):
    code = "market_closed"
    message = (
        "Lô {lot} chưa xuất được sang {country}: {problem}. Hãy bổ sung mã rồi lập lại chuyến, "
        "hoặc hỏi đơn vị quản lý về yêu cầu này."
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """An area that goods come from, as published. `known_as` is its official or own code."""

    known_as: str
    area: GrowingArea


@dataclass(frozen=True, slots=True)
class Consigned:
    """One lot to be sent: its product's category, the areas it comes from, also through others."""

    lot_code: str
    category: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of a lot. `rule` is the row of the catalogue that asks for it."""

    lot_code: str
    rule: Row
    problem: Phrase

    @property
    def blocks(self) -> bool:
        return self.rule.values["effect"] == "block"


def standing_on(until: date | None, today: date) -> Standing:
    if until is None or until > today + NOTICE:
        return Standing.OPEN
    return Standing.EXPIRED if until < today else Standing.EXPIRING


def country_of(text: str) -> Row | None:
    """The country that a code or a name in either language means; None for one not listed."""
    asked = fold(text.strip())
    for row in rows(Catalogue.COUNTRIES).values():
        if asked and asked in (fold(row.key), fold(row.name), fold(row.name_en)):
            return row
    return None


def examine(
    country: Row, goods: Iterable[Consigned], *, plant_code: str, day: date
) -> list[Obstacle]:
    """What is missing for these goods on the day they set off, blocking ones first."""
    found = [
        Obstacle(one.lot_code, rule, problem)
        for one in goods
        for rule in rules_for(country, one.category)
        for problem in _problems(rule, country, one, plant_code, day)
    ]
    return sorted(found, key=lambda one: not one.blocks)


def rules_for(country: Row, category: str) -> list[Row]:
    """What the country asks of goods of a category; what is switched off is left out."""
    return [
        row
        for row in rows(Catalogue.IMPORTS).values()
        if row.values["country"] == country.key
        and row.values["effect"] != "off"
        and (not row.list("categories") or category in row.list("categories"))
    ]


def _problems(
    rule: Row, country: Row, one: Consigned, plant_code: str, day: date
) -> Iterable[Phrase]:
    needs = rule.values["needs"]
    if needs in ("area", "both"):
        if not one.origins:
            yield Phrase("chưa biết lô đến từ vùng trồng, vùng nuôi nào")
        for origin in one.origins:
            yield from _of_area(origin, country, day)
    if needs in ("packing", "both") and not plant_code:
        yield Phrase("cơ sở gửi chưa có mã cơ sở đóng gói, nhà máy")


def _of_area(origin: Origin, country: Row, day: date) -> Iterable[Phrase]:
    known = {"area": origin.known_as, "country": Phrase(country.name)}
    if not origin.area.code:
        yield Phrase("vùng {area} chưa được cấp mã số", known)
        return
    market = next((one for one in origin.area.markets if one.country == country.key), None)
    if market is None:
        yield Phrase("{country} chưa chấp nhận mã vùng {area}", known)
    elif market.until is not None and market.until < day:
        until = {**known, "date": spoken(market.until)}
        yield Phrase("{country} chỉ chấp nhận mã vùng {area} đến ngày {date}", until)
