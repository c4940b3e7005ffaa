"""How an account comes to be: for a named person, at a tier and in a unit that have it (R2, R6)."""

from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.accounts import Account, Assignment, Facility, FacilityIsStopped
from services.identity.domain.units import Unit
from services.identity.tiers import Tier, tiers
from shared.errors import Kind, Refusal


class AccountTierMisplaced(Refusal):
    code = "account_tier_misplaced"
    kind = Kind.INVALID
    message = "Cấp của tài khoản phải là cấp của đơn vị. Hãy chọn lại đơn vị hoặc cấp."


class AccountKindUnknown(Refusal):
    code = "account_kind_unknown"
    kind = Kind.INVALID
    message = "Cấp này không có loại tài khoản đã chọn. Hãy chọn loại khác."


class AssignmentNeeded(Refusal):
    code = "assignment_needed"
    kind = Kind.INVALID
    message = (
        "Tài khoản của cơ quan cần số và ngày văn bản phân công cán bộ phụ trách. "
        "Hãy nhập số và ngày văn bản."
    )


class FacilityNeeded(Refusal):
    code = "facility_needed"
    kind = Kind.INVALID
    message = "Tài khoản cấp cơ sở cần gắn với một cơ sở. Hãy chọn cơ sở."


class FacilityNotKnown(Refusal):
    code = "facility_not_known"
    kind = Kind.NOT_FOUND
    message = (
        "Không tìm thấy cơ sở này trong phạm vi của bạn. "
        "Nếu cơ sở vừa được duyệt đăng, hãy đợi vài giây rồi thử lại."
    )


class UnitIsClosed(Refusal):
    code = "unit_is_closed"
    message = "Đơn vị này đã ngừng sử dụng. Hãy chọn đơn vị khác."


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an account is for, as typed by who issues it."""

    username: str
    name: str
    position: str
    kinds: frozenset[str]
    assignment: Assignment | None
    phone: str = ""
    email: str = ""


def issue_official(
    account_id: str, person: Person, tier: str, unit: Unit, *, by: str, now: datetime
) -> Account:
    """A new account of an authority's officer."""
    known = tiers().get(tier)
    if known is None or known.facility or unit.tier != tier:
        raise AccountTierMisplaced("tier")
    if not unit.works:
        raise UnitIsClosed("unit_id")
    return _issue(account_id, person, known, unit, None, by=by, now=now)


def issue_to_facility(
    account_id: str,
    person: Person,
    tier: str,
    unit: Unit,
    facility: Facility,
    by: str,
    now: datetime,
) -> Account:
    """A new account of a facility, kept by the unit that issues it."""
    known = tiers().get(tier)
    if known is None or not known.facility:
        raise AccountTierMisplaced("tier")
    if facility.stopped:
        raise FacilityIsStopped("facility_id")
    return _issue(account_id, person, known, unit, facility, by=by, now=now)


def _issue(
    account_id: str,
    person: Person,
    tier: Tier,
    unit: Unit,
    facility: Facility | None,
    *,
    by: str,
    now: datetime,
) -> Account:
    if not person.kinds or not person.kinds <= set(tier.kinds):
        raise AccountKindUnknown("kinds")
    if tier.document and person.assignment is None:
        raise AssignmentNeeded("assignment")
    return Account(
        id=account_id,
        version=1,
        username=person.username,
        name=person.name,
        position=person.position,
        tier=tier.name,
        kinds=person.kinds,
        unit_id=unit.id,
        unit_path=unit.path,
        facility_id=facility.id if facility else None,
        commune=facility.commune if facility else None,
        sector=facility.sector if facility else None,
        assignment=person.assignment,
        holds=frozenset(),
        revoked=False,
        issued_at=now,
        issued_by=by,
        phone=person.phone,
        email=person.email,
    )
