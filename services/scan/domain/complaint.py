"""A problem that somebody reports of a stamp: what it says, and by what it is found again (R36)."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from shared.contracts.scan import ComplaintFiled
from shared.errors import Kind, NotFound, Refusal
from shared.stampcode import StampId, normalise

Problem = Literal["looks_fake", "spoiled", "made_ill", "wrong_information", "other"]
MAX_WORDS = 2000
# A program fills a form at once; somebody who reads it does not.
LEAST_SECONDS: Final = 3
FORM_HOURS: Final = 12
# Who reports the same again gets a code of their own for it, up to so many.
MOST_CODES: Final = 50
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U.
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
NUMBER_DIGITS: Final = 10
CODE_CHARACTERS: Final = 12


class FormTooQuick(Refusal):
    code = "form_too_quick"
    kind = Kind.INVALID
    message = "Biểu mẫu được gửi quá nhanh. Hãy đọc lại những điều đã viết rồi bấm gửi lần nữa."


class FormTooOld(Refusal):
    code = "form_too_old"
    kind = Kind.INVALID
    message = "Biểu mẫu mở đã quá lâu. Những điều đã viết vẫn còn: hãy bấm gửi lần nữa."


class TooManyReports(Refusal):
    code = "too_many_reports"
    kind = Kind.LIMIT
    message = "Nơi bạn đang truy cập đã gửi quá nhiều lần. Hãy thử lại sau {minutes} phút."


class ComplaintUnknown(NotFound):
    code = "complaint_unknown"
    message = (
        "Không có phản ánh nào mang số và mã này: gõ chưa đúng, hoặc phản ánh đã hết hạn lưu. "
        "Hãy kiểm tra lại từng ký tự."
    )


@dataclass(frozen=True, slots=True)
class About:
    """What is reported: a stamp, or a code as `typed` that is no stamp's of this system."""

    stamp: StampId | None
    typed: str = ""

    @classmethod
    def of(cls, stamp: StampId | None, text: str) -> "About":
        """`stamp` is what the code stands for; a text that is no code keeps what can be read."""
        if stamp is not None:
            return cls(stamp)
        readable = "".join(one for one in text if one.isprintable()).strip()
        return cls(None, normalise(text) or readable)

    @property
    def key(self) -> str:
        """What a form is good for."""
        return f"{self.stamp.batch}/{self.stamp.serial}" if self.stamp else f"typed/{self.typed}"

    @property
    def subject(self) -> str:
        """For records, and to tell repeats: the same words about ever new codes are one report."""
        return self.key if self.stamp else "typed"


@dataclass(frozen=True, slots=True)
class Told:
    """What the reporter says. `photo` is a JPEG drawn anew, None without one."""

    kind: Problem
    words: str
    commune: str = ""
    place: str = ""
    phone: str = ""
    verdict: str = ""
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """`fold` is the same for the same words of one source about one stamp on one day;
    `repeats` counts those after the first. `fingerprints` are hashes of the reporters' codes.
    `state` and `answer` are as recall last told them."""

    id: str
    number: str
    batch: int
    serial: int
    facility_id: str
    product_id: str
    lot_id: str
    kind: str
    words: str
    commune: str
    place: str
    verdict: str
    has_photo: bool
    has_phone: bool
    filed_at: datetime
    private_until: datetime
    kept_until: datetime
    fold: str
    fingerprints: tuple[str, ...]
    typed: str = ""
    repeats: int = 0
    state: str = "new"
    answer: str = ""
    authority: str = ""
    answer_version: int = 0
    answered_at: datetime | None = None

    def told(self, photo: str) -> ComplaintFiled:
        """`photo` is the address of the photo; the phone number is told to nobody."""
        return ComplaintFiled(
            subject=self.id,
            version=1,
            time=self.filed_at,
            reference=self.number,
            batch=self.batch,
            serial=self.serial,
            facility_id=self.facility_id,
            product_id=self.product_id,
            lot_id=self.lot_id,
            verdict=self.verdict,
            kind=self.kind,
            words=self.words,
            commune=self.commune,
            place=self.place,
            photo=photo if self.has_photo else "",
            has_phone=self.has_phone,
            filed_at=self.filed_at,
            private_until=self.private_until,
            kept_until=self.kept_until,
            typed=self.typed,
        )

    def opens_with(self, code: str) -> bool:
        """Whether this is a reporter's code; all are compared, in constant time."""
        sent = fingerprint(code)
        fits = [hmac.compare_digest(sent, one) for one in self.fingerprints]
        return any(fits)


def form_token(key: bytes, about: str, nonce: str, at: datetime) -> str:
    """What a shown form carries: when it was made, a name of its own, and our signature."""
    seconds = int(at.timestamp())
    return f"{seconds}.{nonce}.{_mac(key, 'form', f'{about}.{seconds}.{nonce}')[:32]}"


def check_token(key: bytes, about: str, token: str, now: datetime) -> None:
    """Raises FormTooQuick, FormTooOld; one that we did not sign is as good as one too old."""
    seconds, _, rest = token.partition(".")
    nonce, _, signed = rest.partition(".")
    expected = _mac(key, "form", f"{about}.{seconds}.{nonce}")[:32]
    if not hmac.compare_digest(signed.encode("utf-8", "replace"), expected.encode()):
        raise FormTooOld()
    age = now - datetime.fromtimestamp(int(seconds), tz=now.tzinfo)
    if age < timedelta(seconds=LEAST_SECONDS):
        raise FormTooQuick()
    if age > timedelta(hours=FORM_HOURS):
        raise FormTooOld()


def source_mark(key: bytes, prefix: bytes) -> str:
    """Stands for a neighbourhood of addresses, which itself is kept nowhere."""
    return _mac(key, "source", prefix.hex())[:32]


def once_mark(key: bytes, once: str) -> str:
    """Stands for the name of something that is sent once."""
    return _mac(key, "once", once)[:32]


def fold_of(source: str, about: str, told: Told, day: str) -> str:
    photo = sha256(told.photo).hexdigest() if told.photo else ""
    same = (source, about, told.kind, " ".join(told.words.casefold().split()), photo, day)
    return sha256(repr(same).encode("utf-8", "surrogatepass")).hexdigest()


def number_from(key: bytes, complaint_id: str) -> str:
    """Ten digits that tell nobody how many reports there are."""
    found = int(_mac(key, "number", complaint_id)[:16], 16) % 10**NUMBER_DIGITS
    return f"{found:0{NUMBER_DIGITS}d}"


def code_from(key: bytes, token: str, complaint_id: str) -> str:
    """The reporter's code: 60 bits in groups of four, the same for the same form."""
    digest = bytes.fromhex(_mac(key, "code", f"{token}.{complaint_id}"))
    letters = "".join(_ALPHABET[byte % 32] for byte in digest[:CODE_CHARACTERS])
    return "-".join(letters[at : at + 4] for at in range(0, CODE_CHARACTERS, 4))


def read_code(typed: str) -> str:
    """The code as it was meant: case, spaces, hyphens and look-alike letters do not matter."""
    return typed.upper().translate(_READ_AS)


def fingerprint(code: str) -> str:
    return sha256(read_code(code).encode()).hexdigest()


def _mac(key: bytes, purpose: str, text: str) -> str:
    words = f"scan.complaint.{purpose}:{text}".encode("utf-8", "surrogatepass")
    return hmac.new(key, words, sha256).hexdigest()
