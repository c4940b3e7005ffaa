"""The genealogy of a lot as a picture: origins above, descendants below, as inline SVG.

No style, no script; colours are the page's own, so that dark mode works. The list behind it tells
the same in words.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from markupsafe import Markup

from services.registry.actions.genealogy import Family
from services.registry.store.genealogy import Kin
from shared.web.i18n import translate

WIDTH, NODE_WIDTH, NODE_HEIGHT, ROW_GAP, BAND = 480, 226, 54, 12, 40
PER_ROW = 2
DRAWN_A_STEP = 6
FIT: Final = (22, 27)  # Letters that fit into a box, in its first and second line.


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    step: int
    title: str
    text: str
    href: str
    inputs: tuple[str, ...]
    supplies: tuple[str, ...] = ()
    recalled: bool = False


def draw(
    family: Family,
    near: Sequence[Kin],
    *,
    links: Mapping[str, str],
    names: Mapping[str, str],
    recalled: Collection[str] = (),
) -> Markup | None:
    """The picture of the lots that are near; None for a lot that stands alone.

    `links` by lot id where the reader may go on; `names` of products by id; of each step it is
    said how many more there are. What was used on a lot comes to it by a dashed line.
    """
    if not family.kin:
        return None
    lot = family.lot
    it = family.shown
    title = lot.code
    centre = Node(lot.id, 0, title, lot.owner.name, "", it.inputs, it.supplies, lot.id in recalled)
    nodes = [*(_node(kin, links, names, recalled) for kin in near), centre]
    svg = ElementTree.Element("svg", {"role": "img", "xmlns": "http://www.w3.org/2000/svg"})
    told = translate(
        "Lô {code}: {before} lô nguyên liệu, {after} lô làm ra",
        code=lot.code,
        before=len(family.before),
        after=len(family.after),
    )
    svg.set("aria-label", told)
    lines = ElementTree.SubElement(svg, "g", {"fill": "none", "stroke": "currentColor"})
    lines.set("stroke-opacity", "0.45")
    steps = Counter(one.step for one in family.kin)
    places, bottom = _place(svg, nodes, steps)
    for node in nodes:
        for came_from in (*node.inputs, *node.supplies):
            if came_from in places:
                path = {"d": _curve(places[came_from], places[node.id])}
                if came_from not in node.inputs:
                    path["stroke-dasharray"] = "5 4"
                ElementTree.SubElement(lines, "path", path)
    svg.set("viewBox", f"0 0 {WIDTH} {bottom}")
    return Markup(ElementTree.tostring(svg, encoding="unicode"))  # noqa: S704 -- escaped by it


def _node(
    kin: Kin, links: Mapping[str, str], names: Mapping[str, str], recalled: Collection[str]
) -> Node:
    text = names.get(kin.product_id, "") or kin.facility
    href, bad = links.get(kin.id, ""), kin.id in recalled
    return Node(kin.id, kin.step, kin.code, text, href, kin.inputs, kin.supplies, bad)


def _place(
    svg: ElementTree.Element, nodes: Sequence[Node], steps: Mapping[int, int]
) -> tuple[dict[str, tuple[int, int]], int]:
    """Draw the boxes step by step; returns where each stands, and how high all is."""
    places: dict[str, tuple[int, int]] = {}
    top = 0
    for step in sorted({node.step for node in nodes}):
        here = [node for node in nodes if node.step == step]
        label = _text(svg, 0, top + 16, _label(step), size=14, weight="600")
        # A halo of the page's colour: lines pass behind the words.
        label.attrib.update({"paint-order": "stroke", "stroke": "Canvas", "stroke-width": "5"})
        top += 26
        for index, node in enumerate(here[:DRAWN_A_STEP]):
            x = (index % PER_ROW) * (WIDTH - NODE_WIDTH)
            y = top + index // PER_ROW * (NODE_HEIGHT + ROW_GAP)
            places[node.id] = (x, y)
            _box(svg, node, x, y)
        top += -(-min(len(here), DRAWN_A_STEP) // PER_ROW) * (NODE_HEIGHT + ROW_GAP)
        if steps.get(step, 0) > len(here):
            rest = translate("và {count} lô khác", count=steps[step] - len(here))
            _text(svg, 0, top + 10, rest, size=14)
            top += 18
        top += BAND - ROW_GAP
    return places, top - BAND + ROW_GAP


def _label(step: int) -> str:
    if step == 0:
        return translate("Lô này")
    if step < 0:
        return translate("Nguyên liệu, lùi {count} bước", count=-step)
    return translate("Làm ra, tiến {count} bước", count=step)


def _box(svg: ElementTree.Element, node: Node, x: int, y: int) -> None:
    parent = svg
    if node.href:
        parent = ElementTree.SubElement(svg, "a", {"href": node.href})
    group = ElementTree.SubElement(parent, "g")
    told = f"{node.title} – {node.text}"
    if node.recalled:
        told += f" – {translate('Đang bị thu hồi')}"
    ElementTree.SubElement(group, "title").text = told
    size = {"x": x + 1, "y": y + 1, "width": NODE_WIDTH - 2, "height": NODE_HEIGHT - 2, "rx": 8}
    rect = ElementTree.SubElement(group, "rect", {k: str(v) for k, v in size.items()})
    rect.set("fill", "#0b5f56" if node.step == 0 else "Canvas")
    rect.set("stroke", "#0b5f56" if node.step == 0 else "currentColor")
    if node.recalled:
        rect.attrib.update({"stroke": "#b3261e", "stroke-width": "3"})
    colour = "#ffffff" if node.step == 0 else "currentColor"
    # Not by the colour of its border alone: a sign stands before the code.
    title = f"⚠ {node.title}" if node.recalled else node.title
    _text(group, x + 12, y + 23, _cut(title, FIT[0]), 15, "600", colour)
    _text(group, x + 12, y + 42, _cut(node.text, FIT[1]), 13, "400", colour)


def _cut(text: str, fit: int) -> str:
    return text if len(text) <= fit else text[: fit - 1].rstrip() + "…"


def _text(
    parent: ElementTree.Element,
    x: int,
    y: int,
    text: str,
    size: int,
    weight: str = "400",
    colour: str = "currentColor",
) -> ElementTree.Element:
    attributes = {"x": str(x), "y": str(y), "font-size": str(size), "font-weight": weight}
    element = ElementTree.SubElement(parent, "text", {**attributes, "fill": colour})
    element.text = text
    return element


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + NODE_WIDTH // 2, start[1] + NODE_HEIGHT
    x2, y2 = end[0] + NODE_WIDTH // 2, end[1]
    middle = (y1 + y2) // 2
    return f"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"
