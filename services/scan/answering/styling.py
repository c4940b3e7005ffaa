"""The one style sheet of the stamp pages, as it stands in each: small, and read by old WebViews.

In-app browsers of scanners are as old as the telephone. Those of Android 6 know no custom
properties, so each declaration with one is preceded by the same with the value of the light scheme.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

_SOURCE: Final = Path(__file__).parents[1] / "templates" / "style.css"
_NAMED: Final = re.compile(r"(--[a-z-]+):([^;}]+)")
_DECLARATION: Final = re.compile(r"(?<=[{;])([a-z-]+):([^;{}]*var\(--[^;{}]*)")
_VARIABLE: Final = re.compile(r"var\((--[a-z-]+)\)")


@cache
def style() -> Markup:
    """What stands in the page."""
    return Markup(with_fallbacks(squeezed(_SOURCE.read_text())))  # noqa: S704 -- It is our own file.


def squeezed(css: str) -> str:
    """The same rules without the layout that is only for people."""
    lines = (line.strip() for line in css.splitlines())
    return "".join(line for line in lines if line and not line.startswith("/*"))


def with_fallbacks(css: str) -> str:
    """The first value of each custom property before whatever refers to it."""
    values: dict[str, str] = {}
    for name, value in _NAMED.findall(css):
        values.setdefault(name, value)

    def both(found: re.Match[str]) -> str:
        plain = _VARIABLE.sub(lambda used: values[used[1]], found[2])
        return f"{found[1]}:{plain};{found[0]}"

    return _DECLARATION.sub(both, css)
