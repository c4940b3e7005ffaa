"""What people and programs send about applications for an account (R5)."""

from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import AfterValidator, Field, StringConstraints

from services.identity.actions.issue import Order
from services.identity.domain.application_refusals import ConsentNeeded
from services.identity.domain.applications import Filled, Wish
from services.identity.domain.enclosed import Shows
from services.identity.domain.issuing import Person
from services.identity.inputs import Name, NewName, ObjectId, Position, Word
from services.identity.papers import MAX_BYTES
from services.identity.reasons import Reason
from shared.web.fields import Input, Prose, upload, wrong

Phone = Annotated[str, StringConstraints(max_length=30, pattern=r"^\+?[0-9][0-9 ().-]{7,28}$")]
Email = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^$|^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")
]
Sector = Literal["agriculture", "health", "industry_trade"]
TrackingCode = Annotated[str, StringConstraints(min_length=16, max_length=40)]
Answer = Annotated[Prose, Field(min_length=3, max_length=2000)]


def _agreed(given: bool) -> bool:
    if not given:
        raise wrong(ConsentNeeded.code, ConsentNeeded.message)
    return given


class Apply(Input):
    """An application; `consent` to the processing of the personal data in it must be true."""

    wish: Wish
    facility_name: Name
    tax_number: Annotated[str, StringConstraints(max_length=20)] = ""
    address: Annotated[str, StringConstraints(min_length=3, max_length=300)]
    commune: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
    sector: Sector
    kinds: Annotated[list[Word], Field(min_length=1, max_length=20)]
    representative: Name
    position: Position = ""
    phone: Phone
    email: Email = ""
    facility_code: Annotated[str, StringConstraints(max_length=40)] = ""
    note: Annotated[Prose, Field(max_length=2000)] = ""
    consent: Annotated[bool, AfterValidator(_agreed)]

    def filled(self) -> Filled:
        return Filled(
            **{name: getattr(self, name) for name in Filled.__slots__ if name != "kinds"},
            kinds=tuple(self.kinds),
        )


class ApplyForm(Apply):
    # An unticked box sends nothing; it is judged all the same.
    consent: Annotated[bool, AfterValidator(_agreed), Field(validate_default=True)] = False
    repeat_key: ObjectId


class TrackForm(Input):
    code: TrackingCode


class Reply(Input):
    text: Answer


Scan = Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=("pdf", "jpg", "png"))]


class EncloseForm(Input):
    """A paper of the application: a photo or a PDF, and what it shows."""

    shows: Shows
    file: Scan


class AskForMore(Input):
    what: Answer


Hand = Literal["desk", "page"]


class AcceptNew(Input):
    """The account to issue; `facility_id` is the facility in the register it is for.

    `hand`: desk = its person takes it over before whoever issues it, or by telephone; page = its
    sender collects a setup code with the tracking code.
    """

    hand: Hand = "desk"
    facility_id: ObjectId
    username: NewName
    name: Name
    position: Position = ""
    kinds: Annotated[list[Word], Field(min_length=1, max_length=10)]

    def order(self) -> Order:
        person = Person(self.username, self.name, self.position, frozenset(self.kinds), None)
        return Order(person, "facility", None, self.facility_id)


class AcceptNewForm(AcceptNew):
    repeat_key: ObjectId


class AcceptReissue(Input):
    hand: Hand = "desk"
    account_id: ObjectId


class AcceptReissueForm(AcceptReissue):
    repeat_key: ObjectId


class RejectForm(Input):
    reason: Reason
