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

# VN-DTOR-0017 (growing area), VNDTPH-0001 (packing house) and their spellings: hyphens, dots and
# spaces are written or left out; a second group names a plot or a household within the code.
_AREA_CODE = re.compile(
    r"VN[-.]?(?P<letters>[A-Z]{2,6})[-.]?(?P<number>[0-9]{2,6})(?:[-./](?P<part>[0-9A-Z]{1,6}))?"
)
# Numbers that the veterinary and fishery authorities give to plants: DL 123, NM 45, HK 210, TS 17.
_PLANT_CODE = re.compile(r"(?P<letters>DL|NM|HK|TS)[-.]?(?P<number>[0-9]{1,4})")


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
        "Mã số chưa đúng dạng: vùng trồng, vùng nuôi như VN-DTOR-0017, "
        "cơ sở đóng gói như VNDTPH-0001, cơ sở chế biến như DL 123. "
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
    """An official growing-area, farming-area, packing-house or plant code in upper case."""
    code = re.sub(r"[\s\u2010-\u2015]+", lambda m: "" if m[0].isspace() else "-", text).upper()
    known = (_AREA_CODE, _PLANT_CODE, re.compile(rf"{AREA_PREFIX}-[0-9]{{8}}"))
    if not any(pattern.fullmatch(code) for pattern in known):
        raise AreaCodeInvalid(field)
    return code


def compact(code: str) -> str:
    """One code however it is spelled: VN-DTOR-0017, VNDTOR0017 and `vn dtor 0017` are the same."""
    return re.sub(r"[^0-9A-Z]", "", code.upper())


def entry_id_for(account_id: str, key: str) -> str:
    """The id of the diary entry that an account sends under a key: the same key, the same entry."""
    return sha256(f"{account_id}\n{key}".encode()).hexdigest()[:32]
