"""The way of the goods as a picture: what was made from what, from top to bottom, as inline SVG."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup

from services.recall.queries.radius import LotRow
from shared.web.i18n import translate

WIDTH, NODE_WIDTH, NODE_HEIGHT, GAP, BAND = 480, 226, 54, 28, 30
PER_ROW = 2
# More lots than this are drawn by facility; more of either in a step are told by their number.
DRAWN_LOTS = 18
DRAWN_A_STEP = 6
DRAWN_STEPS = 6
# Letters that fit beside one another, in a box and across the picture.
FIT_BOX, FIT_LINE = 23, 60


@dataclass(frozen=True, slots=True)
class Node:
    """A lot, or the lots of one facility at one step."""

    key: str
    step: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Box:
    x: int
    y: int


def draw(rows: Sequence[LotRow]) -> Markup | None:
    """The picture; None where there is nothing to see, a single lot or none."""
    if len(rows) < 2:
        return None
    nodes, edges = _nodes_and_edges(rows)
    shown, rest = _cut(nodes)
    steps = sorted({node.step for node in nodes})[:DRAWN_STEPS]
    svg = ElementTree.Element("svg", {"role": "img", "xmlns": "http://www.w3.org/2000/svg"})
    svg.set(
        "aria-label", translate("{count} lô qua {steps} bước", count=len(rows), steps=max(steps))
    )
    lines = ElementTree.SubElement(svg, "g", {"fill": "none", "stroke": "currentColor"})
    lines.set("stroke-opacity", "0.45")
    boxes: dict[str, _Box] = {}
    top = 0
    for step in steps:
        label = _text(svg, 0, top + 18, _step_label(step), size=14, weight="600")
        # A halo of the page's colour: lines pass behind the words.
        label.attrib.update({"paint-order": "stroke", "stroke": "Canvas", "stroke-width": "5"})
        top += BAND
        here = [node for node in shown if node.step == step]
        for index, node in enumerate(here):
            x = (index % PER_ROW) * (WIDTH - NODE_WIDTH)
            y = top + (index // PER_ROW) * (NODE_HEIGHT + 12)
            boxes[node.key] = _Box(x, y)
            _draw_node(svg, node, x, y)
        top += -(-len(here) // PER_ROW) * (NODE_HEIGHT + 12)
        if rest[step]:
            _text(svg, 0, top + 12, translate("và {count} mục khác", count=rest[step]), size=14)
            top += 20
        top += GAP
    for start, end in edges:
        if start in boxes and end in boxes:
            ElementTree.SubElement(lines, "path", {"d": _curve(boxes[start], boxes[end])})
    svg.set("viewBox", f"0 0 {WIDTH} {top - GAP}")
    return Markup(ElementTree.tostring(svg, encoding="unicode"))  # noqa: S704 -- escaped by it


def _nodes_and_edges(rows: Sequence[LotRow]) -> tuple[list[Node], list[tuple[str, str]]]:
    by_facility = len(rows) > DRAWN_LOTS
    key_of = {row.lot.id: _key(row, by_facility) for row in rows}
    counts = Counter(key_of.values())
    nodes: dict[str, Node] = {}
    for row in rows:
        key = key_of[row.lot.id]
        if key not in nodes:
            product = row.product.name if row.product else ""
            title = row.facility.name if by_facility else row.lot.code
            text = translate("{count} lô", count=counts[key]) if by_facility else product
            nodes[key] = Node(key, row.step, title or row.lot.code, text)
    pairs = {
        (key_of[made_from], key_of[row.lot.id])
        for row in rows
        for made_from in row.lot.inputs
        if made_from in key_of
    }
    ordered = sorted(nodes.values(), key=lambda node: (node.step, -counts[node.key]))
    return ordered, sorted(pair for pair in pairs if pair[0] != pair[1])


def _key(row: LotRow, by_facility: bool) -> str:
    return f"{row.step}/{row.lot.facility_id}" if by_facility else row.lot.id


def _cut(nodes: Sequence[Node]) -> tuple[list[Node], Counter[int]]:
    """The nodes that are drawn, and per step the number of those that are not."""
    shown: list[Node] = []
    rest: Counter[int] = Counter()
    seen: Counter[int] = Counter()
    for node in nodes:
        seen[node.step] += 1
        if seen[node.step] <= DRAWN_A_STEP:
            shown.append(node)
        else:
            rest[node.step] += 1
    return shown, rest


def _step_label(step: int) -> str:
    if step == 0:
        return translate("Đối tượng bị thu hồi")
    return translate("Làm ra từ đó, bước {step}", step=step)


def _draw_node(svg: ElementTree.Element, node: Node, x: int, y: int) -> None:
    is_target = node.step == 0
    group = ElementTree.SubElement(svg, "g")
    ElementTree.SubElement(group, "title").text = f"{node.title} – {node.text}"
    box = {"x": x + 1, "y": y + 1, "width": NODE_WIDTH - 2, "height": NODE_HEIGHT - 2, "rx": 8}
    rect = ElementTree.SubElement(group, "rect", {k: str(v) for k, v in box.items()})
    rect.set("fill", "#a8322b" if is_target else "Canvas")
    rect.set("stroke", "#a8322b" if is_target else "currentColor")
    colour = "#ffffff" if is_target else "currentColor"
    _text(group, x + 12, y + 23, node.title, size=15, weight="600", colour=colour, fit=FIT_BOX)
    _text(group, x + 12, y + 42, node.text, size=13, colour=colour, fit=FIT_BOX + 4)


def _text(
    parent: ElementTree.Element,
    x: int,
    y: int,
    text: str,
    *,
    size: int,
    weight: str = "400",
    colour: str = "currentColor",
    fit: int = FIT_LINE,
) -> ElementTree.Element:
    short = text if len(text) <= fit else text[: fit - 1].rstrip() + "…"
    attributes = {"x": str(x), "y": str(y), "font-size": str(size), "font-weight": weight}
    element = ElementTree.SubElement(parent, "text", {**attributes, "fill": colour})
    element.text = short
    return element


def _curve(start: _Box, end: _Box) -> str:
    x1, y1 = start.x + NODE_WIDTH // 2, start.y + NODE_HEIGHT
    x2, y2 = end.x + NODE_WIDTH // 2, end.y
    middle = (y1 + y2) // 2
    return f"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"
