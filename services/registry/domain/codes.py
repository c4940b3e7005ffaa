"""Identification codes that registry gives, and the check of those that others gave."""

import re
from hashlib import sha256

from shared.errors import Kind, Refusal
from shared.gs1 import Gs1Error, check_digit, gln13, gtin14

# Seven digits and a check digit: short enough to be said on the telephone.
NUMBERS = 10_000_000

FACILITY_PREFIX = "CS22"
PRODUCT_PREFIX = "SP22"
AREA_PREFIX = "VT22"

# VN-DTOR-0017 (growing area), VNDTPH-0001 (packing house) and their spellings.
_AREA_CODE = re.compile(r"VN-?[A-Z]{2,6}-?[0-9]{2,6}(?:-[0-9A-Z]{1,6})?")


class GtinInvalid(Refusal):
    code = "gtin_invalid"
    kind = Kind.INVALID
    message = "Mã GTIN chưa đúng: cần 8, 12, 13 hoặc 14 chữ số và chữ số kiểm tra phải khớp."


class GlnInvalid(Refusal):
    code = "gln_invalid"
    kind = Kind.INVALID
    message = "Mã GLN chưa đúng: cần 13 chữ số và chữ số kiểm tra phải khớp."


class AreaCodeInvalid(Refusal):
    code = "area_code_invalid"
    kind = Kind.INVALID
    message = (
        "Mã số vùng trồng, vùng nuôi chưa đúng dạng, ví dụ VN-DTOR-0017. "
        "Hãy xem lại văn bản cấp mã."
    )


def generated(prefix: str, number: int) -> str:
    """`CS22-12345670`: a drawn number and its check digit, so that a slip of the pen is found."""
    digits = f"{number:07d}"
    return f"{prefix}-{digits}{check_digit(digits)}"


def checked_gtin(text: str) -> str:
    """The 14 digits of a GTIN; spaces and hyphens between them do not matter."""
    try:
        return gtin14(re.sub(r"[\s-]", "", text))
    except Gs1Error:
        raise GtinInvalid("gtin") from None


def checked_gln(text: str) -> str:
    try:
        return gln13(re.sub(r"[\s-]", "", text))
    except Gs1Error:
        raise GlnInvalid("gln") from None


def checked_area_code(text: str, field: str = "code") -> str:
    """An official growing-area or packing-house code in upper case."""
    code = re.sub(r"\s+", "", text).upper()
    if not _AREA_CODE.fullmatch(code) and not re.fullmatch(rf"{AREA_PREFIX}-[0-9]{{8}}", code):
        raise AreaCodeInvalid(field)
    return code


def entry_id_for(account_id: str, key: str) -> str:
    """The id of the diary entry that an account sends under a key: the same key, the same entry."""
    return sha256(f"{account_id}\n{key}".encode()).hexdigest()[:32]
