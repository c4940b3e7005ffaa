"""What people and programs send to identity."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from services.identity.actions.issue import Order
from services.identity.actions.units import UnitEdit
from services.identity.domain.accounts import Assignment
from services.identity.domain.issuing import Person
from services.identity.domain.passwords import LONGEST
from services.identity.domain.personal import PersonalData
from services.identity.domain.units import WHOLE, Reach
from services.identity.reasons import Reason
from shared.web.fields import Input, wrong
from shared.web.i18n import N_


def _username(typed: str) -> str:
    """Names are kept in lower case, so that nobody is locked out by a capital letter."""
    return typed.casefold()


def _communes(typed: str) -> str:
    codes = [code.strip() for code in typed.replace(";", ",").split(",") if code.strip()]
    if codes != [WHOLE] and not all(len(code) == 5 and code.isdecimal() for code in codes):
        raise wrong(
            "commune_codes",
            N_("Hãy nhập mã xã gồm 5 chữ số, cách nhau bằng dấu phẩy, hoặc * cho toàn tỉnh."),
        )
    return ", ".join(codes)


ObjectId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
ClaimedName = Annotated[
    str, StringConstraints(min_length=1, max_length=64), AfterValidator(_username)
]
NewName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$")]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Name = Annotated[str, StringConstraints(min_length=2, max_length=120)]
Position = Annotated[str, StringConstraints(max_length=120)]
PhoneOrNone = Annotated[
    str, StringConstraints(max_length=30, pattern=r"^$|^\+?[0-9][0-9 ().-]{7,28}$")
]
EmailOrNone = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^$|^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")
]
Action = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}\.[a-z_]{1,30}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z_*]{1,20}$")]
Commune = Annotated[str, StringConstraints(pattern=r"^(\*|[0-9]{5})$")]
DocumentNumber = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Credentials(Input):
    username: ClaimedName
    password: Password


class SignInForm(Credentials):
    next: str = Field("", max_length=2000)


Ticket = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class ShownTicket(Input):
    ticket: Ticket


class ShownCode(ShownTicket):
    """`code`: the six digits of the app, or a recovery code."""

    code: Code


class SecondStepForm(Input):
    """The ticket is in a cookie."""

    code: Code
    next: str = Field("", max_length=2000)


class Proof(Input):
    """A code for who has a second factor, the password for who has none."""

    code: Code | None = None
    password: Password | None = None


class OwnFactor(Input):
    """`code`: needed where a factor is enrolled."""

    password: Password
    code: Code | None = None


class OwnFactorForm(OwnFactor):
    act: Literal["set_up", "recovery_codes", "off"]


class EnrolledFactorForm(OwnFactorForm):
    code: Code


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


class RefreshToken(Input):
    refresh_token: str = Field(max_length=200)


class SetPassword(Input):
    username: ClaimedName
    setup_code: str = Field(min_length=1, max_length=40)
    password: Password


class SetPasswordForm(SetPassword):
    """`again`: typed twice where nobody can see what is typed."""

    again: Password


class ChangePassword(Input):
    old: Password
    password: Password


class ChangePasswordForm(ChangePassword):
    again: Password


class Because(Input):
    reason: Reason


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


class FoundUnit(Input):
    name: Name
    tier: Word
    parent_id: ObjectId
    communes: Annotated[tuple[Commune, ...], Field(max_length=300)] = ()
    sector: Word = WHOLE

    def reach(self) -> Reach:
        return Reach(tuple(sorted(set(self.communes))), self.sector)


class EditUnit(Input):
    version: Version
    name: Name
    communes: Annotated[tuple[Commune, ...], Field(max_length=300)] = ()
    sector: Word = WHOLE
    active: bool = True

    def edit(self) -> UnitEdit:
        reach = Reach(tuple(sorted(set(self.communes))), self.sector)
        return UnitEdit(self.version, self.name, reach, self.active)


class RegisterClient(Input):
    """A partner system's program; `actions` of the permission matrix that it may do."""

    name: Name
    contact: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    actions: Annotated[list[Action], Field(min_length=1, max_length=50)]


class MoveUnit(Input):
    """The unit as of `version` goes under another parent."""

    version: Version
    parent_id: ObjectId
    reason: Reason


class MergeUnits(Input):
    """`merged` go into the unit as of `version`; an empty name leaves its name as it is."""

    version: Version
    merged: Annotated[list[ObjectId], Field(min_length=1, max_length=50)]
    name: Annotated[str, StringConstraints(max_length=120)] = ""
    reason: Reason


Communes = Annotated[str, StringConstraints(max_length=3000), AfterValidator(_communes)]


class FoundUnitForm(Input):
    name: Name
    tier: Word
    parent_id: ObjectId
    communes: Communes = ""
    sector: Word = WHOLE

    def reach(self) -> Reach:
        return _reach(self.communes, self.sector)


class EditUnitForm(Input):
    version: Version
    name: Name
    communes: Communes = ""
    sector: Word = WHOLE
    active: bool = True

    def edit(self) -> UnitEdit:
        return UnitEdit(self.version, self.name, _reach(self.communes, self.sector), self.active)


def _reach(communes: str, sector: str) -> Reach:
    codes = {code for code in communes.split(", ") if code}
    return Reach(tuple(sorted(codes)), sector)
