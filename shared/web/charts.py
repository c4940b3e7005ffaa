"""Charts as inline SVG by pygal, without its styles and scripts, with the figures as a table."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from xml.etree import ElementTree

import pygal
from markupsafe import Markup
from pygal.graph.horizontal import HorizontalGraph
from pygal.style import Style

from shared.web.filters import show_number
from shared.web.i18n import translate

Number = int | float

# pygal hangs an importer of an outdated kind into Python, which then warns at every import; it
# only serves pygal's plug-ins, of which we have none.
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != "pygal"]

_LEFT_OUT = frozenset({"style", "script", "desc", "title"})
# The stylesheet has this many series colours and starts again after them.
_SERIES = 8
# More letters than this do not fit side by side under a chart.
_LABELS_IN_A_ROW = 44
# Below this a scale has a line for each whole number.
_FEW = 6


@dataclass(frozen=True)
class Chart:
    """What the macro `chart` shows: the picture, its legend, and head and rows of the table."""

    title: str
    svg: Markup
    legend: list[str]
    head: list[str]
    rows: list[list[Any]]


def bars(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number | None]],
    *,
    unit: str = "",
    stacked: bool = False,
    horizontal: bool = False,
) -> Chart:
    """Bars: one group per label, one bar per series."""
    kinds = {
        (False, False): pygal.Bar,
        (True, False): pygal.StackedBar,
        (False, True): pygal.HorizontalBar,
        (True, True): pygal.HorizontalStackedBar,
    }
    height = 56 + 36 * max(2, len(labels)) if horizontal else 250
    return _xy(kinds[stacked, horizontal], title, labels, series, unit, height=height)


def lines(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number | None]],
    *,
    unit: str = "",
) -> Chart:
    """Lines over labels in order, such as days; only some labels are written out."""
    step = max(1, -(-len(labels) // 8))
    return _xy(
        pygal.Line,
        title,
        labels,
        series,
        unit,
        height=250,
        x_labels_major=list(labels)[::step],
        show_minor_x_labels=False,
        dots_size=3 if len(labels) <= 31 else 0,
    )


def donut(title: str, parts: Sequence[tuple[str, Number]], *, unit: str = "") -> Chart:
    """Shares of a whole, the largest few of them."""
    chart = pygal.Pie(**_options(300, 220), inner_radius=0.62)
    for label, value in parts:
        chart.add(label, value)
    head = ["", _with_unit("", unit) or "Σ"]
    rows = [[label, value] for label, value in parts]
    legend = [f"{label}: {show_number(value)}" for label, value in parts]
    return Chart(title, _drawn(chart, title), legend, head, rows)


def _xy(
    kind: Any,
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number | None]],
    unit: str,
    *,
    height: int,
    **more: Any,
) -> Chart:
    chart = kind(**_options(440, height), **more)
    # Horizontal bars are drawn from below, and people read from above.
    step = -1 if issubclass(kind, HorizontalGraph) else 1
    chart.x_labels = list(labels)[::step]
    if kind in (pygal.Bar, pygal.StackedBar) and sum(map(len, labels)) > _LABELS_IN_A_ROW:
        chart.x_label_rotation = 35
    for name, values in series.items():
        chart.add(name, list(values)[::step])
    heights = (
        [sum(value or 0 for value in column) for column in zip(*series.values(), strict=True)]
        if issubclass(kind, pygal.StackedBar)
        else [value for values in series.values() for value in values if value]
    )
    top = max(heights, default=0)
    if isinstance(top, int) and top < _FEW:
        # Left to itself the scale would have fractions of what only comes in whole.
        chart.y_labels = list(range(max(top, 1) + 1))
    head = ["", *(_with_unit(name, unit) for name in series)]
    rows = [
        [label, *(values[index] for values in series.values())]
        for index, label in enumerate(labels)
    ]
    legend = list(series) if len(series) > 1 else []
    return Chart(title, _drawn(chart, title), legend, head, rows)


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if name and unit else name or unit


def _options(width: int, height: int) -> dict[str, Any]:
    return {
        "width": width,
        "height": height,
        "js": [],
        "css": [],
        "no_prefix": True,
        "show_legend": False,
        "disable_xml_declaration": True,
        "margin": 8,
        "include_x_axis": True,
        "formatter": show_number,
        "value_formatter": show_number,
        "max_scale": 6,
        "truncate_label": 26,
        "no_data_text": translate("Chưa có số liệu"),
        # The stylesheet sets the letters; pygal only needs their size to make room for them.
        "style": Style(label_font_size=13.5, major_label_font_size=13.5),
    }


def _drawn(chart: Any, title: str) -> Markup:
    """The picture with nothing in it that a strict CSP forbids; colours come by class."""
    root = cast(ElementTree.Element, chart.render_tree())
    _strip(root)
    root.attrib.pop("id", None)
    root.set("class", "pygal")
    root.set("role", "img")
    root.set("aria-label", title)
    text = ElementTree.tostring(root, encoding="unicode", method="xml")
    return Markup(text.replace("ns0:", "").replace(":ns0", ""))  # noqa: S704 -- drawn from numbers


def _strip(element: ElementTree.Element) -> None:
    for child in list(element):
        name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
        if not name or name in _LEFT_OUT or "tooltip" in child.get("class", "").split():
            element.remove(child)
            continue
        child.attrib.pop("style", None)
        for attribute in [key for key in child.attrib if key.startswith("on")]:
            del child.attrib[attribute]
        child.set("class", _classes(child.get("class", "")))
        if not child.get("class"):
            del child.attrib["class"]
        _strip(child)


def _classes(classes: str) -> str:
    found = []
    for name in classes.split():
        prefix, _, number = name.rpartition("-")
        if prefix in ("series", "serie", "color") and number.isdecimal():
            found.append(f"series-{int(number) % _SERIES}")
        else:
            found.append(name)
    return " ".join(dict.fromkeys(found))
