"""A problem that somebody reports: what it says, and by what it is found again (R36, R53)."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from services.scan.domain.asking import Question
from shared.contracts.scan import ComplaintFiled
from shared.errors import Kind, NotFound, Refusal
from shared.stampcode import StampId, normalise

Channel = Literal["phone", "in_person", "letter", "online"]
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


class GoodsUnnamed(Refusal):
    code = "goods_unnamed"
    kind = Kind.INVALID
    message = "Hãy chọn hàng trong danh sách, hoặc ghi tên hàng, tên cơ sở như trên nhãn."


class ComplaintUnknown(NotFound):
    code = "complaint_unknown"
    message = (
        "Không có phản ánh nào mang số và mã này: gõ chưa đúng, hoặc phản ánh đã hết hạn lưu. "
        "Hãy kiểm tra lại từng ký tự."
    )


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods that are known by their names: what of them is known, "" for the rest."""

    facility_id: str = ""
    product_id: str = ""
    lot_id: str = ""
    facility: str = ""
    product: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What is reported: a stamp, a code as `typed` that is no stamp's of this system, or `goods`
    whose stamp is missing or cannot be read."""

    stamp: StampId | None
    typed: str = ""
    goods: Goods | None = None

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
        if self.goods is not None:
            known = self.goods.lot_id or self.goods.product_id or self.goods.facility_id
            return f"goods/{known}"
        return f"{self.stamp.batch}/{self.stamp.serial}" if self.stamp else f"typed/{self.typed}"

    @property
    def subject(self) -> str:
        """For records, and to tell repeats: the same words about ever new codes are one report."""
        return "typed" if self.stamp is None and self.goods is None else self.key


@dataclass(frozen=True, slots=True)
class Told:
    """What the reporter says. `photo` and `label` are JPEGs drawn anew, None without one; `goods`
    and `printed` what the label says; `name` is given to officials alone."""

    kind: Problem
    words: str
    commune: str = ""
    place: str = ""
    phone: str = ""
    verdict: str = ""
    photo: bytes | None = None
    label: bytes | None = None
    goods: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """How an official was told what they enter for somebody else; `unit_id` is their own."""

    channel: str
    heard_on: date
    unit_id: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """`fold` is the same for the same words of one source about one stamp, or the same goods, on
    one day; `repeats` counts those after the first. `fingerprints` are hashes of the codes of its
    reporters. `state` and `answer` are as recall last told them; `entry` is a digest of what an
    official entered, "" for what its reporter sent."""

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
    origin: str = "stamp"
    goods: str = ""
    channel: str = ""
    heard_on: str = ""
    entered_by: str = ""
    entry: str = ""
    has_label: bool = False
    questions: tuple[Question, ...] = ()

    @property
    def open_question(self) -> Question | None:
        """The one that waits for its reporter; whether in time is asked of it."""
        if self.state == "closed" or not self.questions:
            return None
        newest = max(self.questions, key=lambda one: one.number)
        return newest if newest.replied_at is None else None

    @property
    def is_by_words(self) -> bool:
        """About goods that were found by their names or told in words, not by a code."""
        return self.origin != "stamp" and not self.batch and not self.typed

    @property
    def heard_day(self) -> date | None:
        """When an official was told it; None for what its reporter sent."""
        return date.fromisoformat(self.heard_on) if self.heard_on else None

    def told(self, photo: str, label: str = "", clerk: str = "") -> ComplaintFiled:
        """`photo` and `label` are addresses of photos; name and number are told to nobody. `clerk`
        stands for the official who entered it."""
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
            origin=self.origin,
            goods=self.goods,
            channel=self.channel,
            heard_on=self.heard_day,
            entered_by=self.entered_by,
            clerk=clerk,
            more_photos=(label,) if self.has_label else (),
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


def fold_of(source: str, about: About, told: Told, day: str) -> str:
    """The same for what is one report. Goods without a stamp are told apart by what is said of
    them alone: two that one source reports in the same words are two reports."""
    same: tuple[str, ...] = (source, about.subject, told.kind, _plain(told.words))
    same += (_digest(told.photo), day)
    if about.goods is not None:
        same += (_plain(told.goods), told.commune, _plain(told.place), _digest(told.label))
    return sha256(repr(same).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _digest(photo: bytes | None) -> str:
    return sha256(photo).hexdigest() if photo else ""


def fold_of_entry(account_id: str, key: str) -> str:
    """Of one form as an official was given it, whatever is in it."""
    return sha256(repr(("entered", account_id, key)).encode()).hexdigest()


def clerk_of(key: bytes, account_id: str) -> str:
    """What stands for an official wherever it matters only that two entries are of the same one."""
    return _mac(key, "clerk", account_id)[:16]


def entry_of(about: str, told: Told, taken: Taken) -> str:
    """A digest of all that an official entered."""
    return sha256(repr((about, told, taken)).encode("utf-8", "surrogatepass")).hexdigest()


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
