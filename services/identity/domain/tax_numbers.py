"""Tax numbers (mã số thuế) as facilities write them, in the spelling of the register."""

import re

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from shared.errors import Kind, Refusal

_PERSONAL = re.compile(r"(?:0(?!00)[0-9]{2}|[1-9][0-9]{2})[0-9]{9}")


class TaxNumberInvalid(Refusal):
    code = "tax_number_invalid"
    kind = Kind.INVALID
    message = (
        "Mã số thuế chưa đúng. Hãy nhập 10 chữ số (thêm 3 chữ số nếu là chi nhánh) "
        "hoặc 12 chữ số định danh cá nhân của chủ hộ."
    )


def checked_tax_number(text: str) -> str:
    """A tax number (MST) of 10 or 13 digits, or a personal number of 12 (Circular 59/2021/TT-BCA).

    The rules are those of the facility record, so that the number can be taken over as it is.
    """
    digits = re.sub(r"[\s.-]", "", text)
    if len(digits) == 12:
        if _PERSONAL.fullmatch(digits):
            return digits
        raise TaxNumberInvalid("tax_number")
    try:
        return str(mst.validate(digits))
    except ValidationError:
        raise TaxNumberInvalid("tax_number") from None


def is_personal_number(tax_number: str) -> bool:
    """Whether a tax number is a person's own: such is personal data and goes into no address."""
    return _PERSONAL.fullmatch(tax_number) is not None
