"""Sizes of stamps: what their symbols come to, and that everything has its place on the label."""

import pytest

from services.stamps.printing.carriers import (
    QUIET,
    Concern,
    Fit,
    TooMuchForASymbol,
    payload_prefix,
    which_version,
)
from services.stamps.printing.labels import (
    DISTANCE,
    DOTS_PER_POINT,
    LEADING,
    Fonts,
    Label,
    dots,
    fitted,
)
from services.stamps.printing.layouts import GRID_BOTTOM, MARGIN, PAGE_WIDTH, grid
from services.stamps.printing.templates import (
    DEFAULT,
    SIX,
    SIX_FINE,
    TEMPLATES,
    THIRTY,
    TWELVE,
    Column,
    Part,
    Template,
)
from services.stamps.printing.typeface import Typeface, lines
from shared import gs1

HOST = "TXNG.TEST"
GTIN = "9506000134352"
every_template = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())


def test_the_smallest_size_is_version_2_with_five_dots_and_not_comfortable() -> None:
    fit = which_version(HOST, SIX_FINE)
    assert fit == Fit(version=2, modules=25, dots=5)
    assert fit.module_mm == pytest.approx(0.2117, abs=1e-4)
    assert fit.with_quiet_zone_mm == pytest.approx(6.99, abs=0.01)
    assert fit.concerns == (Concern.BELOW_COMFORTABLE, Concern.BELOW_RETAIL)


def test_the_default_size_is_version_2_with_six_dots_and_comfortable() -> None:
    fit = which_version(HOST, DEFAULT)
    assert fit == Fit(version=2, modules=25, dots=6)
    assert fit.module_mm == pytest.approx(0.254)
    assert fit.symbol_mm == pytest.approx(6.35)
    assert fit.with_quiet_zone_mm == pytest.approx(8.38, abs=0.01)
    assert fit.concerns == (Concern.BELOW_RETAIL,)


def test_a_host_of_ten_characters_needs_version_3_and_costs_module_size() -> None:
    assert which_version("TXNG.TESTS", SIX) == Fit(version=3, modules=29, dots=5)
    fine = which_version("TXNG.TESTS", SIX_FINE)
    assert fine == Fit(version=3, modules=29, dots=4)
    assert Concern.BELOW_SAFE in fine.concerns


def test_sizes_from_twelve_millimetres_reach_the_modules_of_retail() -> None:
    assert which_version(HOST, TWELVE).concerns == ()
    assert which_version(HOST, THIRTY, GTIN, "LO-1").concerns == ()


def test_larger_sizes_carry_a_digital_link_and_the_smallest_never_do() -> None:
    expected = "HTTPS://TXNG.TEST/01/09506000134352/10/Lo-1/21/"
    assert payload_prefix("txng.test", TWELVE, GTIN, "Lo-1") == expected
    assert payload_prefix(HOST, TWELVE) == "HTTPS://TXNG.TEST/"
    assert payload_prefix(HOST, SIX, GTIN, "Lo-1") == "HTTPS://TXNG.TEST/"


@pytest.mark.parametrize("length", [250, 300, 5000])
def test_a_host_too_long_for_a_symbol_is_refused(length: int) -> None:
    with pytest.raises(TooMuchForASymbol):
        which_version("A" * length, SIX)


def test_a_wrong_gtin_is_refused_by_field() -> None:
    with pytest.raises(gs1.WrongCheckDigit) as caught:
        which_version(HOST, TWELVE, "9506000134353")
    assert caught.value.field == "gtin"


@every_template
@pytest.mark.parametrize("version", range(1, 10))
def test_a_symbol_and_its_quiet_zone_have_room(template: Template, version: int) -> None:
    modules = 17 + 4 * version
    fit = Fit(version, modules, dots_for(template, modules))
    if fit.dots == 0 or version == 1:
        return  # No host is short enough for version 1.
    texts = [Part.LOT.value]
    fonts = Fonts(Typeface("SemiBold", texts), Typeface("Regular", texts))
    label = Label(template, fit, fonts)
    quiet = QUIET["qr"] * fit.dots
    left, bottom = (place - quiet for place in label.symbol_place)
    right, top = (place + label.symbol_edge + quiet for place in label.symbol_place)
    assert left >= 0
    assert right <= dots(template.width)
    assert top <= dots(template.height)
    assert bottom >= dots(template.code.top)


def dots_for(template: Template, modules: int) -> int:
    return int(template.symbol_mm / 25.4 * 600) // modules


@every_template
def test_texts_and_code_stay_on_the_label_and_off_the_symbol(template: Template) -> None:
    code = template.code
    height = code.lines * code.size * LEADING * 25.4 / 72
    assert code.top - height >= 0
    assert code.x >= 0
    assert code.x + code.width <= template.width
    assert code.top <= template.room_y
    for column in template.columns:
        assert column.x >= 0.5
        assert column.y >= 0.5
        assert column.x + column.width <= template.width - 0.5
        assert column.y + column.height <= template.height - 0.5
        beside = column.x >= template.room_x + template.room
        above = column.y >= template.room_y + template.room
        below = column.y + column.height <= code.top - height + 0.05
        assert beside or above or below


@every_template
def test_the_fullest_column_fits_at_its_smallest_sizes(template: Template) -> None:
    for column in template.columns:
        assert smallest_height(column) <= column.height


def smallest_height(column: Column) -> float:
    points = sum(
        block.smallest * (LEADING * block.most_lines + DISTANCE) for block in column.blocks
    )
    return points * 25.4 / 72


@every_template
def test_capitals_of_the_code_are_at_least_nine_tenths_of_a_millimetre_high(
    template: Template,
) -> None:
    face = Typeface("SemiBold", [])
    assert face.cap_height(template.code.size) * 25.4 / 72 >= 0.9


@every_template
def test_sheets_keep_their_margins(template: Template) -> None:
    places = grid(template)
    assert places.count >= 8
    assert places.left >= MARGIN
    assert places.left + places.columns * places.width <= PAGE_WIDTH - MARGIN
    assert places.corner(places.count - 1)[1] >= GRID_BOTTOM


FACE = Typeface("Regular", ["Hợp tác xã Nông nghiệp Đông Triều"])


def test_a_text_takes_its_largest_size_when_it_fits() -> None:
    block = THIRTY.columns[0].blocks[1]
    assert fitted(FACE, "Hợp tác", block, dots(40)) == (block.largest, ["Hợp tác"])


def test_a_longer_text_is_made_smaller_before_it_is_cut() -> None:
    block = THIRTY.columns[0].blocks[1]
    text = "Hợp tác xã Nông nghiệp Đông Triều " * 2
    size, broken = fitted(FACE, text.strip(), block, dots(40))
    assert block.smallest <= size < block.largest
    assert " ".join(broken) == text.strip()


def test_a_text_too_long_for_any_size_ends_in_an_ellipsis() -> None:
    block = THIRTY.columns[0].blocks[1]
    size, broken = fitted(FACE, "Hợp tác xã " * 30, block, dots(40))
    assert size == block.smallest
    assert len(broken) == block.most_lines
    assert broken[-1].endswith("…")
    assert all(FACE.width(line, size * DOTS_PER_POINT) <= dots(40) for line in broken)


def test_a_word_wider_than_its_line_is_cut_rather_than_lost() -> None:
    broken = lines(FACE, "N" * 50, 40, 400)
    assert "".join(broken) == "N" * 50
    assert all(FACE.width(line, 40) <= 400 for line in broken)
