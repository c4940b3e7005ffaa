"""The reason an official gives for an act: it stays in the ledger, so it is kept impersonal."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.web.fields import wrong
from shared.web.i18n import N_

# Citizens' numbers, mobile numbers, e-mail addresses: what a pattern can tell of a person.
_PERSONAL = re.compile(r"(?<!\d)0\d{11}(?!\d)|(?<!\d)0[35789]\d{8}(?!\d)|[^\s@]+@[^\s@]+\.[^\s@]+")
_SPACED = re.compile(r"(?<=\d)[ .-](?=\d)")


def _impersonal(reason: str) -> str:
    """Reasons stay in the ledger for good, so they are kept free of what would have to be erased
    (Law 91/2025/QH15: no more than the purpose needs)."""
    if _PERSONAL.search(_SPACED.sub("", reason)):
        raise wrong(
            "personal_in_reason",
            N_(
                "Lý do được giữ vĩnh viễn trong sổ kiểm toán: hãy bỏ số căn cước, số điện thoại, "
                "thư điện tử; ghi số văn bản hoặc sự việc thay vào đó."
            ),
        )
    return reason


Reason = Annotated[
    str, StringConstraints(min_length=3, max_length=500), AfterValidator(_impersonal)
]
