"""Seasons and accepting countries of an area, a line each in one cell (R25)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.registry.domain.accepted import Market
from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.growing_area import Season
from services.registry.domain.markets import country_of
from services.registry.sheets.days import day_in
from services.registry.sheets.given import lines_of
from shared.days import spoken
from shared.errors import Kind, Refusal

BAR: Final = " | "


class SeasonLine(Refusal):
    code = "season_line"
    kind = Kind.INVALID
    message = (
        "Không hiểu dòng “{line}”. Hãy ghi Tên vụ | từ ngày | đến ngày, "
        "ví dụ Vụ xuân 2026 | 01/02/2026 | 30/06/2026."
    )


class MarketLine(Refusal):
    code = "market_line"
    kind = Kind.INVALID
    message = (
        "Không hiểu dòng “{line}”. Hãy ghi Nước | mã của nước đó | đến ngày | yêu cầu, "
        "chỉ tên nước là bắt buộc, ví dụ Trung Quốc | CN-QN-0001 | 31/12/2027."
    )


def told(given: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of both cells as the input models take them; a cell that is absent is left out."""
    found = {}
    for name, read in (("seasons", _season), ("markets", _market)):
        if name in given:
            found[name] = [read(line) for line in lines_of(given[name] or "")]
    return found


def cells_of(seasons: Iterable[Season], markets: Iterable[Market]) -> dict[str, tuple[str, ...]]:
    """The lines that are read back as the same."""
    return {
        "seasons": tuple(
            BAR.join((one.name, spoken(one.starts_on), spoken(one.ends_on))) for one in seasons
        ),
        "markets": tuple(_market_line(one) for one in markets),
    }


def _market_line(one: Market) -> str:
    until = spoken(one.until) if one.until is not None else ""
    row = all_rows(Catalogue.COUNTRIES).get(one.country)
    country = row.name if row is not None else one.country
    parts = [country, one.number, until, one.requirement]
    while parts and not parts[-1]:
        parts.pop()
    return BAR.join(parts)


def _season(line: str) -> dict[str, Any]:
    # A name may have a bar of its own; days have none.
    parts = [part.strip() for part in line.rsplit("|", 2)]
    days = [day_in(part) for part in parts[1:]]
    if len(days) != 2 or None in days or not parts[0]:
        raise SeasonLine("seasons", line=line[:80])
    return {"name": parts[0], "starts_on": days[0], "ends_on": days[1]}


def _market(line: str) -> dict[str, Any]:
    country, *more = (part.strip() for part in line.split("|", 3))
    number, until, requirement = (*more, "", "", "")[:3]
    known, day = country_of(country), day_in(until)
    if known is None or (until and day is None):
        raise MarketLine("markets", line=line[:80])
    return {"country": known.key, "number": number, "until": day, "requirement": requirement}
