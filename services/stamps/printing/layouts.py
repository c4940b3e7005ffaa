"""Where labels stand on a page of a format, in whole printer dots from its lower left corner."""

from dataclasses import dataclass
from functools import cached_property

from services.stamps.printing.formats import A4, Format
from services.stamps.printing.labels import dots
from services.stamps.printing.templates import DPI, MM_PER_INCH, Template

# Of sheets that are cut: the margin, and the heights of what stands above and below the labels.
MARGIN = dots(10)
HEAD, FOOT = dots(23.5), dots(14.5)
# In whole printer dots an A4 sheet is 210.02 by 297.01 mm.
PAGE_WIDTH, PAGE_HEIGHT = dots(A4.page[0]), dots(A4.page[1])
GRID_TOP, GRID_BOTTOM = PAGE_HEIGHT - HEAD, FOOT


class DoesNotFit(ValueError):
    """The label of this size is larger than a label of this paper."""


@dataclass(frozen=True)
class Grid:
    """`width` and `height` of a place, `across` and `down` from one place to the next.

    Distances of pre-cut labels are no whole dots: rounded place by place, errors do not add up.
    """

    columns: int
    rows: int
    left: int
    top: int
    width: int
    height: int
    across: float
    down: float

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[int, int]:
        """Lower left corner of the label in this place, row by row from the top left."""
        row, column = divmod(place, self.columns)
        bottom = round(self.top - row * self.down) - self.height
        return round(self.left + column * self.across), bottom


@dataclass(frozen=True)
class Layout:
    """A size on a format: the page, the places, and where in a place its label stands."""

    paper: Format
    template: Template

    @cached_property
    def page_width(self) -> int:
        return dots(self.paper.page[0])

    @cached_property
    def page_height(self) -> int:
        return dots(self.paper.page[1])

    @property
    def is_cut(self) -> bool:
        """Whether labels are cut from the sheet, so that it carries marks, a heading, a ruler."""
        return self.paper.kind == "uncut"

    @cached_property
    def bleed(self) -> int:
        return dots(self.paper.bleed)

    @cached_property
    def places(self) -> Grid:
        return self._to_cut() if self.is_cut else self._precut()

    @cached_property
    def inset(self) -> tuple[int, int]:
        """From the lower left corner of a place to that of its label: in the middle."""
        wide = self.places.width - dots(self.template.width)
        high = self.places.height - dots(self.template.height)
        return wide // 2, high // 2

    def sheets(self, stamps: int, used: int = 0) -> int:
        """How many sheets so many stamps take, where `used` places of the first are gone."""
        return -(-(stamps + used) // self.places.count)

    def _to_cut(self) -> Grid:
        """As many as fit: side by side, so that one cut parts two, or apart by two bleeds."""
        width, height = dots(self.template.width), dots(self.template.height)
        gap = 2 * self.bleed
        columns = (self.page_width - 2 * MARGIN + gap) // (width + gap)
        rows = (self.page_height - HEAD - FOOT + gap) // (height + gap)
        left = (self.page_width - columns * (width + gap) + gap) // 2
        top = self.page_height - HEAD
        return Grid(columns, rows, left, top, width, height, width + gap, height + gap)

    def _precut(self) -> Grid:
        paper = self.paper
        width, height = dots(paper.label[0]), dots(paper.label[1])
        if dots(self.template.width) > width or dots(self.template.height) > height:
            raise DoesNotFit(f"{self.template.key} on {paper.key}")
        return Grid(
            columns=paper.columns,
            rows=paper.rows,
            left=dots(paper.left),
            top=self.page_height - dots(paper.top),
            width=width,
            height=height,
            across=(paper.label[0] + paper.gap_x) / MM_PER_INCH * DPI,
            down=(paper.label[1] + paper.gap_y) / MM_PER_INCH * DPI,
        )


def layout(template: Template, paper: Format = A4) -> Layout:
    """The layout of a size on a paper. Raises DoesNotFit."""
    found = Layout(paper, template)
    assert found.places.count
    return found


def grid(template: Template) -> Grid:
    """The places of a size on A4 sheets that are cut, edge to edge."""
    return layout(template).places


def fits(template: Template, paper: Format) -> bool:
    try:
        layout(template, paper)
    except DoesNotFit:
        return False
    return True
