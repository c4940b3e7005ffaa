"""Accounts: issued, corrected, and acts on them that need a reason."""

from datetime import date
from typing import Annotated

from pydantic import Field, field_validator

from services.identity.actions.issue import Order
from services.identity.domain.accounts import Assignment
from services.identity.domain.issuing import Person
from services.identity.domain.personal import PersonalData
from services.identity.inputs import (
    DocumentNumber,
    EmailOrNone,
    Name,
    NewName,
    ObjectId,
    PhoneOrNone,
    Position,
    Word,
)
from services.identity.reasons import Reason
from shared.web.fields import Input, wrong
from shared.web.i18n import N_


class Because(Input):
    reason: Reason


class InPerson(Input):
    """`seen`: whoever removes the factor has the person before them."""

    reason: Reason
    seen: Annotated[bool, Field(validate_default=True)] = False

    @field_validator("seen")
    @classmethod
    def _seen(cls, seen: bool) -> bool:
        if not seen:
            raise wrong(
                "not_seen",
                N_("Chỉ gỡ khi người đó đang ở trước mặt bạn với giấy tờ. Hãy xác nhận điều này."),
            )
        return seen


class Personal(Input):
    """Personal data of an account, as a whole."""

    name: Name
    position: Position = ""
    phone: PhoneOrNone = ""
    email: EmailOrNone = ""

    def data(self) -> PersonalData:
        return PersonalData(self.name, self.position, self.phone, self.email)


class AssignmentInput(Input):
    number: DocumentNumber
    date: date


class IssueAccount(Input):
    username: NewName
    name: Name
    position: Position = ""
    phone: PhoneOrNone = ""
    tier: Word
    kinds: Annotated[list[Word], Field(min_length=1, max_length=10)]
    unit_id: ObjectId | None = None
    facility_id: ObjectId | None = None
    assignment: AssignmentInput | None = None

    def order(self) -> Order:
        given = self.assignment
        assignment = Assignment(given.number, given.date) if given else None
        kinds = frozenset(self.kinds)
        person = Person(self.username, self.name, self.position, kinds, assignment, self.phone)
        return Order(person, self.tier, self.unit_id, self.facility_id)


class _IssueForm(Input):
    """The two issuing forms: to an officer of a unit, to a facility."""

    username: NewName
    name: Name
    position: Position = ""
    phone: PhoneOrNone = ""
    kinds: Annotated[list[Word], Field(min_length=1, max_length=10)]
    repeat_key: ObjectId


class IssueToUnitForm(_IssueForm):
    unit_id: ObjectId
    document_number: DocumentNumber
    document_date: date

    def order(self, tier: str) -> Order:
        assignment = Assignment(self.document_number, self.document_date)
        kinds = frozenset(self.kinds)
        person = Person(self.username, self.name, self.position, kinds, assignment, self.phone)
        return Order(person, tier, self.unit_id)


class IssueToFacilityForm(_IssueForm):
    facility_id: ObjectId

    def order(self) -> Order:
        kinds = frozenset(self.kinds)
        person = Person(self.username, self.name, self.position, kinds, None, self.phone)
        return Order(person, "facility", None, self.facility_id)
