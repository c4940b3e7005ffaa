"""Written Vietnamese as it is read aloud: days, units, codes and abbreviations in words.

An engine reads what it is given sign by sign: it makes a fraction of a day and a word of a code.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final

# Some 18 seconds, which make 36 kB.
MOST_CHARACTERS: Final = 260
# More than that of a text is not even looked at.
_MOST_READ: Final = 4_000
REST: Final = "Phần còn lại viết trên trang này."

# Written forms of the field, in the order in which longer ones go first.
_ABBREVIATIONS: Final = {
    "TNHH": "trách nhiệm hữu hạn",
    "UBND": "Ủy ban nhân dân",
    "NNMT": "Nông nghiệp và Môi trường",
    "ATTP": "an toàn thực phẩm",
    "ATVSTP": "an toàn vệ sinh thực phẩm",
    "BVTV": "bảo vệ thực vật",
    "HTX": "hợp tác xã",
    "THT": "tổ hợp tác",
    "HSD": "hạn sử dụng",
    "NSX": "ngày sản xuất",
    "MTV": "một thành viên",
    "DNTN": "doanh nghiệp tư nhân",
    "SX": "sản xuất",
    "KD": "kinh doanh",
    "CP": "cổ phần",
    "TP": "thành phố",
    "TX": "thị xã",
    "OCOP": "ô cốp",
    "VietGAP": "Việt Gáp",
}
_UNITS: Final = {
    "mg": "mi li gam",
    "kg": "ki lô gam",
    "g": "gam",
    "ml": "mi li lít",
    "l": "lít",
    "km": "ki lô mét",
    "cm": "xăng ti mét",
    "mm": "mi li mét",
    "m": "mét",
    "ha": "héc ta",
    "%": "phần trăm",
    "°C": "độ C",
}
_WRITTEN_DAY: Final = re.compile(
    r"(?P<said>\bngày )?(?:\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\b"
    r"|\b(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})\b)",
    re.IGNORECASE,
)
_DAY_OF_A_YEAR: Final = re.compile(r"\b(ngày )(\d{1,2})/(\d{1,2})\b(?!/)", re.IGNORECASE)
_MONTH: Final = re.compile(r"(\btháng )?(?<![\d/])(\d{1,2})/(\d{4})\b", re.IGNORECASE)
_HOUR: Final = re.compile(r"\b(\d{1,2})[:h](\d\d)\b")
_THOUSANDS: Final = re.compile(r"\b\d{1,3}(?:\.\d{3})+\b")
_FRACTION: Final = re.compile(r"\b(\d+),(\d+)\b")
_UNIT: Final = re.compile(
    rf"(?<=\d)\s?(?P<unit>{'|'.join(map(re.escape, _UNITS))})"
    rf"(?:/(?P<each>{'|'.join(map(re.escape, _UNITS))}))?(?!\w)"
)
# Letters or digits with digits among them: NA-261118, 0014/2025, VN-QNOR-0001. And long numbers.
_CODE: Final = re.compile(r"\b(?=[\w/-]*\d)[A-ZĐ0-9]*(?:[A-ZĐ][0-9/-]|[0-9][A-ZĐ/-])[A-ZĐ0-9/-]*\b")
_LONG_NUMBER: Final = re.compile(r"\b(?:0\d[\d ]{5,14}\d|\d{7,})\b")
_NOT_SAID: Final = re.compile(r"[^\w\s.,;:?!-]|_")
_SENTENCE: Final = re.compile(r"(?<=[.?!]) +")


def read_aloud(text: str) -> str:
    """The words that are spoken: letters, numbers and marks of pauses, nothing else."""
    said = " ".join(unicodedata.normalize("NFC", text[:_MOST_READ]).split())
    said = _WRITTEN_DAY.sub(_day, said)
    said = _DAY_OF_A_YEAR.sub(lambda m: f"{m[1]}{int(m[2])} tháng {int(m[3])}", said)
    said = _MONTH.sub(lambda m: f"tháng {int(m[2])} năm {m[3]}", said)
    said = _HOUR.sub(lambda m: f"{int(m[1])} giờ {int(m[2])}", said)
    said = _LONG_NUMBER.sub(lambda m: _singly(m[0]), said)
    said = _THOUSANDS.sub(lambda m: m[0].replace(".", ""), said)
    said = _UNIT.sub(_measure, said)
    said = _CODE.sub(lambda m: _singly(m[0]), said)
    said = _FRACTION.sub(r"\1 phẩy \2", said)
    for short, long in _ABBREVIATIONS.items():
        said = re.sub(rf"\b{short}\b\.?", long, said)
    return " ".join(_NOT_SAID.sub(" ", said).split())


def within(text: str, most: int = MOST_CHARACTERS) -> str:
    """As many whole sentences as there is time for; what is left out is told to be written."""
    if len(text) <= most:
        return text
    room = most - len(REST) - 1
    kept = ""
    for sentence in _SENTENCE.split(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > room:
            break
        kept = longer
    if not kept:  # A sentence without an end: as many words as there is time for.
        kept = text[:room].rpartition(" ")[0] or text[:room]
        kept = kept.rstrip(" ,;:-")[: room - 1] + "."
    return f"{kept} {REST}"


def _day(found: re.Match[str]) -> str:
    year = int(found["y"] or found["year"])
    month = int(found["m"] or found["month"])
    day = int(found["d"] or found["day"])
    try:
        date(year, month, day)
    except ValueError:
        return found[0]
    return f"{found['said'] or 'ngày '}{day} tháng {month} năm {year}"


def _measure(found: re.Match[str]) -> str:
    each = found["each"]
    return f" {_UNITS[found['unit']]}" + (f" trên {_UNITS[each]}" if each else "")


def _singly(code: str) -> str:
    """Sign by sign; a comma, which is a pause, where a code has a dash, a stroke or a space."""
    parts: Callable[[str], list[str]] = re.compile(r"[\s/-]+").split
    return ", ".join(" ".join(part) for part in parts(code) if part)
