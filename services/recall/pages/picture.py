"""The way of the goods as a picture, from left to right: what the target was made from, the target,
what was made from it, and where that went; inline SVG without style and script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from markupsafe import Markup

from services.recall.graph.groups import Group, Key, Picture
from services.recall.store.facts import Facility, Product
from shared.web.i18n import N_, translate

NODE_WIDTH, NODE_HEIGHT, GAP, BETWEEN, HEAD = 196, 54, 12, 44, 34
# More than these in a step are told by their number.
DRAWN_A_STEP: Final = 8
# Letters that fit into a box, in its first and second line, and over a column.
FIT: Final = (18, 23, 27)
TARGET_COLOUR: Final = "#a8322b"
ENDS: Final = {
    "sold": N_("Bán cho người tiêu dùng"),
    "exported": N_("Xuất khẩu"),
    "lost": N_("Hao hụt, đã hủy"),
}

End = tuple[str, str]
# Of a column or box: a group of lots by its key, or where goods were sent.
Name = Key | End


@dataclass(frozen=True, slots=True)
class Names:
    """What groups are called: facilities, products and codes of single lots by id."""

    facilities: Mapping[str, Facility]
    products: Mapping[str, Product]
    codes: Mapping[str, str]

    def facility(self, id_: str) -> str:
        return self.facilities[id_].name if id_ in self.facilities else id_

    def of(self, group: Group) -> tuple[str, str]:
        product = self.products[group.product_id].name if group.product_id in self.products else ""
        facility = self.facility(group.facility_id)
        if group.lot_id:
            code = self.codes.get(group.lot_id, translate("lô chưa rõ"))
            return code, ", ".join(part for part in (product, facility) if part)
        count = translate("{count} lô", count=group.lots)
        return facility or translate("cơ sở chưa rõ"), f"{count}, {product}" if product else count


@dataclass(frozen=True, slots=True)
class Node:
    """A box; `href` where its goods may be looked at by themselves."""

    name: Name
    title: str
    text: str
    is_target: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What lies at one step, largest first; `rest` more are not drawn."""

    label: str
    nodes: tuple[Node, ...]
    rest: int


def columns(picture: Picture, names: Names, links: Mapping[Key, str]) -> tuple[Column, ...]:
    """Of the picture, and of the table that tells the same."""
    by_step: dict[int, list[tuple[Key, Group]]] = {}
    for key, group in picture.groups.items():
        by_step.setdefault(group.step, []).append((key, group))
    found = []
    for step in sorted(by_step):
        here = sorted(by_step[step], key=lambda one: (-one[1].lots, one[0]))
        nodes = tuple(
            Node(key, *names.of(group), group.step == 0, links.get(key, "")) for key, group in here
        )
        found.append(_column(_step_label(step), nodes))
    if picture.sent:
        found.append(_column(translate("Đã gửi tới"), tuple(_ends(picture, names))))
    return tuple(found)


def _column(label: str, nodes: tuple[Node, ...]) -> Column:
    return Column(label, nodes[:DRAWN_A_STEP], len(nodes) - len(nodes[:DRAWN_A_STEP]))


def _ends(picture: Picture, names: Names) -> Iterable[Node]:
    ordered = sorted(picture.sent.items(), key=lambda one: (-len(one[1]), one[0]))
    for end, lots in ordered:
        facility_id, way = end
        title = translate(ENDS[way]) if way else names.facility(facility_id)
        yield Node(end, title, translate("{count} lô", count=len(lots)))


def _step_label(step: int) -> str:
    if step == 0:
        return translate("Đối tượng bị thu hồi")
    if step < 0:
        return translate("Nguồn, lùi {count} bước", count=-step)
    return translate("Làm ra, bước {step}", step=step)


def draw(picture: Picture, shown: tuple[Column, ...]) -> Markup | None:
    """None where there is nothing to see: one lot, made from nothing and sent nowhere."""
    if sum(len(column.nodes) for column in shown) < 2:
        return None
    height = HEAD + max(_height(column) for column in shown)
    width = len(shown) * (NODE_WIDTH + BETWEEN) - BETWEEN
    svg = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "group",
            "aria-labelledby": "way-title",
            "aria-describedby": "way-told",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
        },
    )
    ElementTree.SubElement(svg, "title", {"id": "way-title"}).text = translate("Đường đi của hàng")
    ElementTree.SubElement(svg, "desc", {"id": "way-told"}).text = _told(shown)
    lines = ElementTree.SubElement(svg, "g", {"fill": "none", "stroke": "currentColor"})
    lines.set("stroke-opacity", "0.45")
    lines.set("aria-hidden", "true")
    places: dict[Name, tuple[int, int]] = {}
    for index, column in enumerate(shown):
        _draw_column(svg, column, index * (NODE_WIDTH + BETWEEN), height, places)
    edges: list[tuple[Name, Name]] = [*picture.edges, *picture.sent_from]
    for start, end in sorted(edges, key=str):
        if start in places and end in places:
            path = {"d": _curve(places[start], places[end])}
            ElementTree.SubElement(lines, "path", path)
    return Markup(ElementTree.tostring(svg, encoding="unicode"))  # noqa: S704 -- escaped by it


def _height(column: Column) -> int:
    return len(column.nodes) * (NODE_HEIGHT + GAP) + (20 if column.rest else 0)


def _told(shown: tuple[Column, ...]) -> str:
    return "; ".join(
        f"{column.label}: {', '.join(node.title for node in column.nodes[:3])}"
        + (f" (+{len(column.nodes) - 3 + column.rest})" if len(column.nodes) > 3 else "")
        for column in shown
    )


def _draw_column(
    svg: ElementTree.Element,
    column: Column,
    x: int,
    height: int,
    places: dict[Name, tuple[int, int]],
) -> None:
    _text(svg, x, 18, column.label, size=14, weight="600", fit=FIT[2])
    # In the middle of the picture's height, so that lines stay short.
    y = HEAD + (height - HEAD - _height(column)) // 2
    for node in column.nodes:
        places[node.name] = (x, y)
        _draw_node(svg, node, x, y)
        y += NODE_HEIGHT + GAP
    if column.rest:
        rest = translate("và {count} mục khác", count=column.rest)
        _text(svg, x, y + 12, rest, size=14, fit=FIT[2])


def _draw_node(svg: ElementTree.Element, node: Node, x: int, y: int) -> None:
    parent = svg
    if node.href:
        parent = ElementTree.SubElement(svg, "a", {"href": node.href})
    group = ElementTree.SubElement(parent, "g")
    ElementTree.SubElement(group, "title").text = f"{node.title} – {node.text}"
    box = {"x": x + 1, "y": y + 1, "width": NODE_WIDTH - 2, "height": NODE_HEIGHT - 2, "rx": 8}
    rect = ElementTree.SubElement(group, "rect", {k: str(v) for k, v in box.items()})
    rect.set("fill", TARGET_COLOUR if node.is_target else "Canvas")
    rect.set("stroke", TARGET_COLOUR if node.is_target else "currentColor")
    colour = "#ffffff" if node.is_target else "currentColor"
    _text(group, x + 12, y + 23, node.title, size=15, weight="600", colour=colour, fit=FIT[0])
    _text(group, x + 12, y + 42, node.text, size=13, colour=colour, fit=FIT[1])


def _text(
    parent: ElementTree.Element,
    x: int,
    y: int,
    text: str,
    *,
    size: int,
    fit: int,
    weight: str = "400",
    colour: str = "currentColor",
) -> None:
    short = text if len(text) <= fit else text[: fit - 1].rstrip() + "…"
    attributes = {"x": str(x), "y": str(y), "font-size": str(size), "font-weight": weight}
    ElementTree.SubElement(parent, "text", {**attributes, "fill": colour}).text = short


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    """From the right of one box to the left of another; back to the left around them."""
    x1, y1 = start[0] + NODE_WIDTH, start[1] + NODE_HEIGHT // 2
    x2, y2 = end[0], end[1] + NODE_HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
