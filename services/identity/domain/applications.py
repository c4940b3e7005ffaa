"""Applications for an account (bản đăng ký cấp, cấp lại tài khoản, QĐ 575/QĐ-SNN&MT; R5)."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.identity.domain.application_refusals import (
    ApplicationDecided,
    FacilityCodeNeeded,
    NothingAsked,
    SeveralSenders,
    TooManySubmissions,
)
from services.identity.domain.enclosed import MOST_PAPERS, Enclosed, TooManyPapers
from shared import facilities
from shared.auth import Scope
from shared.contracts.identity import ApplicationPublished
from shared.errors import NotFound
from shared.tax_number import checked_tax_number

# How long a decided application is kept: what the form promises (Law 91/2025/QH15: no longer
# than its purpose needs; a year is what a complaint about the decision may need).
KEPT_AFTER_DECISION = timedelta(days=365)

# How long after the decision the setup code can be collected on the page of the tracking code.
COLLECT_WITHIN = timedelta(days=30)

# Who keeps sending is heard once and joined; beyond this somebody is playing.
MOST_SUBMISSIONS: Final = 10

KINDS: Final = tuple(facilities.KINDS)


class Wish(StrEnum):
    NEW = "new"
    REISSUE = "reissue"


class State(StrEnum):
    WAITING = "waiting"
    MORE_ASKED = "more_asked"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    WITHDRAWN = "withdrawn"  # By its sender; told to others, and then nothing of it is kept.

    @property
    def open(self) -> bool:
        return self in (State.WAITING, State.MORE_ASKED)


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was filled in. `facility_code` is the facility's code if it has one."""

    wish: Wish
    facility_name: str
    tax_number: str
    address: str
    commune: str
    sector: str
    kinds: tuple[str, ...]
    representative: str
    position: str
    phone: str
    email: str
    facility_code: str
    note: str

    def checked(self) -> "Filled":
        """The same with numbers in their canonical spelling; raises what is wrong with it."""
        if self.wish is Wish.REISSUE and not self.facility_code:
            raise FacilityCodeNeeded("facility_code")
        return replace(
            self,
            tax_number=checked_tax_number(self.tax_number) if self.tax_number else "",
            facility_code=self.facility_code.upper(),
            kinds=tuple(kind for kind in KINDS if kind in self.kinds),
        )

    @property
    def key(self) -> str:
        """What tells one facility's application from another's: tax number, else name and place."""
        who = self.tax_number or f"{_folded(self.facility_name)}@{self.commune}"
        return f"{self.wish}:{who}"


@dataclass(frozen=True, slots=True)
class Submission:
    """One sending of the form; `code` is the fingerprint of the tracking code it was given."""

    at: datetime
    code: bytes
    filled: Filled


@dataclass(frozen=True, slots=True)
class Application:
    """All submissions of one facility's wish, oldest first, and what became of them.

    The newest does not replace the older ones: anybody may know a tax number, so the officer
    sees all that was sent in its name and asks. `collects`: the fingerprint of the tracking code
    whose holder gets the setup code, b"" where the officer hands it over.
    """

    id: str
    version: int
    submissions: tuple[Submission, ...]
    state: State
    answer: str = ""
    replies: tuple[tuple[datetime, str], ...] = ()
    decided_at: datetime | None = None
    decided_by: str = ""
    account_id: str = ""
    papers: tuple[Enclosed, ...] = ()
    collects: bytes = b""

    @property
    def first(self) -> Filled:
        return self.submissions[0].filled

    @property
    def newest(self) -> Filled:
        return self.submissions[-1].filled

    @property
    def submitted_at(self) -> datetime:
        return self.submissions[0].at

    @property
    def scope(self) -> Scope:
        """Where the first submission puts it: a later one cannot move it to another desk."""
        return Scope(None, self.first.commune, self.first.sector)

    def join(self, submission: Submission) -> "Application":
        """The same facility has sent the form again."""
        self._require_open()
        if len(self.submissions) >= MOST_SUBMISSIONS:
            raise TooManySubmissions()
        submissions = (*self.submissions, submission)
        return replace(self, version=self.version + 1, submissions=submissions, state=State.WAITING)

    def ask(self, what: str, *, by: str, now: datetime) -> "Application":
        """More is needed; the holder of a tracking code reads what."""
        self._require_open()
        return replace(
            self,
            version=self.version + 1,
            state=State.MORE_ASKED,
            answer=what,
            decided_by=by,
            decided_at=now,
        )

    def reply(self, text: str, now: datetime) -> "Application":
        """The applicant's answer to what was asked."""
        if self.state is not State.MORE_ASKED:
            raise NothingAsked()
        replies = (*self.replies, (now, text))[-MOST_SUBMISSIONS:]
        return replace(self, version=self.version + 1, state=State.WAITING, replies=replies)

    def enclose(self, paper: Enclosed) -> "Application":
        """With one more paper, while it is open."""
        self._require_open()
        if len(self.papers) >= MOST_PAPERS:
            raise TooManyPapers(most=MOST_PAPERS)
        return replace(self, version=self.version + 1, papers=(*self.papers, paper))

    def take_back(self, paper_id: str, code: bytes) -> tuple["Application", Enclosed]:
        """Without a paper that came with this code, while it is open; raises NotFound."""
        self._require_open()
        taken = next((one for one in self.sent_with(code) if one.id == paper_id), None)
        if taken is None:
            raise NotFound()
        kept = tuple(one for one in self.papers if one != taken)
        return replace(self, version=self.version + 1, papers=kept), taken

    def withdraw(self, code: bytes) -> "Application":
        """Without what was sent with this tracking code, while it is open; WITHDRAWN, with what is
        left to forget, if nobody else has sent it too."""
        self._require_open()
        others = tuple(one for one in self.submissions if one.code != code)
        papers = tuple(one for one in self.papers if one.code != code)
        version = self.version + 1
        if not others:
            return replace(self, version=version, papers=papers, state=State.WITHDRAWN)
        # Replies do not say whose they are, so they go with whoever leaves.
        return replace(self, version=version, submissions=others, papers=papers, replies=())

    def sent_with(self, code: bytes) -> tuple[Enclosed, ...]:
        """The papers that whoever holds this tracking code has sent."""
        return tuple(one for one in self.papers if one.code == code)

    def reject(self, reason: str, *, by: str, now: datetime) -> "Application":
        self._require_open()
        return replace(
            self,
            version=self.version + 1,
            state=State.REJECTED,
            answer=reason,
            decided_by=by,
            decided_at=now,
        )

    def accept(
        self, account_id: str, *, by: str, now: datetime, by_page: bool = False
    ) -> "Application":
        """An account was issued, or issued anew, for it. `by_page`: its sender collects the setup
        code with the tracking code, so that nobody else ever sees it; raises SeveralSenders."""
        self._require_open()
        if by_page and len(self.submissions) > 1:
            raise SeveralSenders("hand")
        return replace(
            self,
            version=self.version + 1,
            state=State.ACCEPTED,
            answer="",
            decided_by=by,
            decided_at=now,
            account_id=account_id,
            collects=self.submissions[-1].code if by_page else b"",
        )

    def collectable(self, code: bytes, now: datetime) -> bool:
        """Whether the holder of this tracking code may collect the setup code."""
        in_time = self.decided_at is not None and now < self.decided_at + COLLECT_WITHIN
        return bool(self.collects) and self.collects == code and in_time

    def _require_open(self) -> None:
        if not self.state.open:
            raise ApplicationDecided()

    def published(self, now: datetime) -> ApplicationPublished:
        """What others may know of it: nothing personal."""
        return ApplicationPublished(
            subject=self.id,
            version=self.version,
            time=now,
            wish=self.first.wish.value,
            commune=self.first.commune,
            sector=self.first.sector,
            state=self.state.value,
            submitted_at=self.submitted_at,
            papers=len(self.papers),
        )


def _folded(text: str) -> str:
    spread = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    kept = "".join(c for c in spread if not unicodedata.combining(c))
    return " ".join(re.findall(r"[0-9a-z]+", kept))
