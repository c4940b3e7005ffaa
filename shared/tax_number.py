"""Vietnamese tax numbers (mã số thuế, MST): those of organisations, and persons' own numbers.

Circular 86/2024/TT-BTC: 10 digits of an organisation, the last a check digit, and 3 more for its
branches; since July 2025 a household goes by the personal identification number of its owner.
"""

import re
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from shared.errors import Kind, Refusal

# Province of birth (001–096) or country, century and sex, year, serial (Circular 59/2021/TT-BCA).
_PERSONAL: Final = re.compile(r"(?:0(?!00)[0-9]{2}|[1-9][0-9]{2})[0-9]{9}")


class TaxNumberInvalid(Refusal):
    code = "tax_number_invalid"
    kind = Kind.INVALID
    message = (
        "Mã số thuế chưa đúng. Hãy xem lại từng chữ số: 10 chữ số (thêm 3 chữ số nếu là chi nhánh) "
        "hoặc 12 chữ số định danh cá nhân của chủ hộ."
    )


def checked_tax_number(text: str) -> str:
    """10 or 13 digits, or a person's 12, without separators; raises TaxNumberInvalid."""
    digits = re.sub(r"[\s.-]", "", text)
    if len(digits) == 12:
        if is_personal_number(digits):
            return digits
        raise TaxNumberInvalid("tax_number")
    try:
        return str(mst.validate(digits))
    except ValidationError:
        raise TaxNumberInvalid("tax_number") from None


def is_organisation_number(digits: str) -> bool:
    """Whether these are the 10 or 13 digits of an organisation, check digit included."""
    return bool(mst.is_valid(digits))


def is_personal_number(tax_number: str) -> bool:
    """Whether a tax number is a person's own: personal data, never published (Law 91/2025)."""
    return _PERSONAL.fullmatch(tax_number) is not None
