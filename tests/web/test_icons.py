"""Pictures that templates name are drawn: a name that is nowhere leaves an empty square."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWN = set(
    re.findall(r'id="([\w-]+)"', (ROOT / "shared/web/static/icons.svg").read_text(encoding="utf-8"))
)
NAMED = re.compile(r'\bicon(?:\(|=)"([\w-]+)"')
TEMPLATES = sorted(
    path for part in ("services", "shared") for path in (ROOT / part).rglob("templates/**/*.html")
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_that_a_template_names_is_drawn(path: Path) -> None:
    assert set(NAMED.findall(path.read_text(encoding="utf-8"))) <= DRAWN
