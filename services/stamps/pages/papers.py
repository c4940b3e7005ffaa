"""What papers are called, and what fits on them."""

from services.stamps.pages.sizes import NAMES
from services.stamps.printing.formats import FORMATS, Format
from services.stamps.printing.hiding import FIELDS
from services.stamps.printing.layouts import fits
from services.stamps.printing.templates import TEMPLATES
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

_PAPERS = {(210.0, 297.0): "A4", (320.0, 450.0): "SRA3"}


def paper_label(paper: Format) -> str:
    """`Decal A4 bế sẵn 65 tem 38,1 × 21,2 mm`."""
    page = _PAPERS.get(paper.page, "")
    width, height = (_measure(edge) for edge in paper.label)
    if paper.kind == "uncut":
        if paper.bleed:
            told = N_("Tờ {page} trơn, tràn mép {bleed} mm, cắt từng tem")
            return translate(told, page=page, bleed=_measure(paper.bleed))
        return translate(N_("Tờ {page} trơn, một nhát cắt giữa hai tem"), page=page)
    if paper.kind == "sheet":
        return translate(
            N_("Tờ {page} bế sẵn, {count} nhãn {width} × {height} mm"),
            page=page,
            count=paper.columns * paper.rows,
            width=width,
            height=height,
        )
    return translate(
        N_("Cuộn khổ {page} mm, {count} nhãn mỗi hàng, {width} × {height} mm"),
        page=_measure(paper.page[0]),
        count=paper.columns,
        width=width,
        height=height,
    )


def papers_for(sizes: set[str]) -> list[tuple[str, str]]:
    """Key and name of the papers on which one of these sizes fits."""
    return [
        (paper.key, paper_label(paper))
        for paper in FORMATS.values()
        if any(fits(TEMPLATES[size], paper) for size in sizes)
    ]


def sizes_on(paper: Format) -> str:
    """The names of the sizes that fit on a paper, smallest first."""
    return ", ".join(translate(NAMES[key]) for key, one in TEMPLATES.items() if fits(one, paper))


def sizes_with_field(paper: Format) -> list[tuple[str, str]]:
    """Key and name of the sizes that fit on a paper and have room for a hidden number."""
    return [(key, translate(NAMES[key])) for key in FIELDS if fits(TEMPLATES[key], paper)]


def _measure(edge: float) -> str:
    return show_number(edge, 0 if edge == int(edge) else 1)
