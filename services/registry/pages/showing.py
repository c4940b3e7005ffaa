"""What every page of registry shows with: names of choices, pictures, texts by language."""

from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.domain.categories import groups
from services.registry.domain.communes import commune_name, standing_communes
from services.registry.domain.records import Aggregate
from services.registry.naming import (
    category_name,
    certificate_name,
    full_address,
    gtin_text,
    in_language,
    unit_name,
)
from services.registry.passports import captions_address, image_address, recording_address
from shared.web.context import web
from shared.web.environment import in_its_language
from shared.web.filters import show_date
from shared.web.pages import render

STATIC = Path(__file__).parents[1] / "static"
STYLE = STATIC / "catalogue.css"
SCRIPT = STATIC / "locate.js"
DRAWING = STATIC / "draw.js"
OUTBOX = STATIC / "outbox.js"
WORDS = {
    Aggregate.FACILITY: "facilities",
    Aggregate.PRODUCT: "products",
    Aggregate.GROWING_AREA: "growing-areas",
    Aggregate.LOT: "lots",
}


@cache
def style_name() -> str:
    """`catalogue-<hash>.css`: its name changes with its content, so browsers may keep it."""
    return f"catalogue-{sha256(STYLE.read_bytes()).hexdigest()[:12]}.css"


@cache
def script_name() -> str:
    """`locate-<hash>.js`, for the transporter's page."""
    return f"locate-{sha256(SCRIPT.read_bytes()).hexdigest()[:12]}.js"


@cache
def drawing_name() -> str:
    """`draw-<hash>.js`, for the form of a growing area."""
    return f"draw-{sha256(DRAWING.read_bytes()).hexdigest()[:12]}.js"


@cache
def outbox_name() -> str:
    """`outbox-<hash>.js`, for forms that are kept on the telephone until they are sent."""
    return f"outbox-{sha256(OUTBOX.read_bytes()).hexdigest()[:12]}.js"


def origin_of(request: Request) -> str:
    """The site's public origin, for addresses that leave it."""
    return web(request).settings.public_origin.rstrip("/")


def marked(content: Any, field: str = "name") -> Markup:
    """`in_language` for running text: marked where it is not in the page's language."""
    return in_its_language(getattr(content, field), getattr(content, f"{field}_en", ""))


def show(
    request: Request, template: str, *, status: int = 200, headers: Any = None, **context: Any
) -> Response:
    """`render` with registry's own words at hand."""
    return render(
        request,
        template,
        status=status,
        headers=headers,
        catalogue=catalogue,
        words=WORDS,
        category_name=category_name,
        commune_name=commune_name,
        commune_options=[(one.code, one.name) for one in standing_communes().values()],
        category_options=category_options(),
        image_address=image_address,
        recording_address=recording_address,
        captions_address=captions_address,
        in_language=in_language,
        marked=marked,
        gtin_text=gtin_text,
        unit_name=unit_name,
        certificate_name=certificate_name,
        full_address=full_address,
        day=lambda text: show_date(date.fromisoformat(text)),
        style_url=f"/media/{style_name()}",
        locate_url=f"/media/{script_name()}",
        drawing_url=f"/media/{drawing_name()}",
        outbox_url=f"/media/{outbox_name()}",
        **context,
    )


def category_options() -> list[tuple[str, list[tuple[str, str]]]]:
    """Categories within their groups, as selects take them."""
    return [
        (in_language(group), [(one.key, in_language(one)) for one in group.categories])
        for group in groups().values()
    ]
