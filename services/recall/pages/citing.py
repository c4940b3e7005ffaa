"""What a duty rests on: laws of Vietnam, cited as readers of each language know them."""

import re
from typing import Final

from shared.web.i18n import N_, translate

_CIRCULAR: Final = N_("Thông tư {number}")
_ARTICLE: Final = N_("Điều {number}")


def cited(basis: str) -> str:
    """`Thông tư 17/2021/TT-BNNPTNT, Điều 10` in the language of the page."""
    told = re.sub(
        r"Thông tư ([^\s,;]+)", lambda found: translate(_CIRCULAR, number=found[1]), basis
    )
    return re.sub(r"Điều ([\d–]+)", lambda found: translate(_ARTICLE, number=found[1]), told)
