"""What the public sends to have a hidden number checked, with its limits."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.stampcode import normalise
from shared.stamppins import DIGITS
from shared.web.fields import Input, wrong
from shared.web.i18n import N_


def _code(value: str) -> str:
    if normalise(value) is None:
        raise wrong("stamp_code", N_("Mã tem gồm 20 chữ và số in dưới hình vuông. Hãy xem lại."))
    return value


def _number(value: str) -> str:
    """Six digits, whatever people put between; what is none is no try."""
    digits = value.replace(" ", "").replace("-", "")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise wrong("pin_digits", N_("Số ẩn gồm 6 chữ số. Hãy xem lại; lần này không bị tính."))
    return digits


class CodeFields(Input):
    code: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_code)]


class PinFields(CodeFields):
    """Text, not a number: leading zeros count."""

    pin: Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_number)]


class PinForm(PinFields):
    """`once` names the form, so that a number sent twice with it is one try; none is sent without
    it by the page."""

    once: Annotated[str, Field(max_length=64)] = ""
