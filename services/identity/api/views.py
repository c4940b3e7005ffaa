"""What the API answers with."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from services.identity.actions.grants import Grant
from services.identity.actions.issue import Issued
from services.identity.domain.access import Access
from services.identity.domain.accounts import Account
from services.identity.domain.sessions import Session
from services.identity.domain.units import Unit
from services.identity.store.accounts import Listed
from shared.auth import Principal
from shared.web.paging import Paging


class TokensView(BaseModel):
    """An OAuth 2.0 token answer (RFC 6749, 5.1); `expires_in` seconds."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105 - the type's name
    expires_in: int

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            expires_in=grant.access_seconds,
        )


class MeView(BaseModel):
    """The account as its token says; `may` lists the actions of the permission matrix."""

    id: str
    session_id: str
    name: str
    tier: str
    kinds: list[str]
    unit_id: str
    facility_id: str | None
    communes: list[str]
    sector: str
    may: list[str]

    @classmethod
    def of(cls, who: Principal, may: list[str]) -> Self:
        return cls(
            id=who.account_id,
            session_id=who.session_id,
            name=who.name,
            tier=who.tier,
            kinds=sorted(who.kinds),
            unit_id=who.unit_id,
            facility_id=who.facility_id,
            communes=list(who.communes),
            sector=who.sector,
            may=may,
        )


class AssignmentView(BaseModel):
    number: str
    date: date


class AccountView(BaseModel):
    id: str
    version: int
    username: str
    name: str
    position: str
    phone: str
    email: str
    tier: str
    kinds: list[str]
    unit_id: str
    facility_id: str | None
    assignment: AssignmentView | None
    status: str
    holds: list[str]
    issued_at: datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(**_account(account))


class ListedView(AccountView):
    last_sign_in_at: datetime | None
    last_seen_at: datetime | None

    @classmethod
    def of_listed(cls, one: Listed) -> Self:
        return cls(
            **_account(one.account),
            last_sign_in_at=one.last_sign_in_at,
            last_seen_at=one.last_seen_at,
        )


class IssuedView(BaseModel):
    """The account waits for its person to take it over: POST /claims on their device, then
    POST /accounts/{id}/claim by who issued it. `setup_code` is "" unless the installation shows
    such codes (TXNG_SETUP_CODES_SHOWN); then it sets the password once and is told only here."""

    id: str
    setup_code: str

    @classmethod
    def of(cls, issued: Issued) -> Self:
        return cls(id=issued.account.id, setup_code=issued.setup_code)


class UnitView(BaseModel):
    id: str
    version: int
    name: str
    tier: str
    parent_id: str | None
    path: list[str]
    communes: list[str]
    sector: str
    active: bool
    valid_from: datetime | None
    valid_to: datetime | None
    successor_id: str | None
    former_names: list[str]

    @classmethod
    def of(cls, unit: Unit) -> Self:
        return cls(
            id=unit.id,
            version=unit.version,
            name=unit.name,
            tier=unit.tier,
            parent_id=unit.parent_id,
            path=list(unit.path),
            communes=list(unit.reach.communes),
            sector=unit.reach.sector,
            active=unit.active,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            successor_id=unit.successor_id,
            former_names=list(unit.former_names),
        )


class SessionView(BaseModel):
    id: str
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    place: str
    device: str
    current: bool

    @classmethod
    def of(cls, session: Session, who: Principal) -> Self:
        return cls(
            id=session.id,
            started_at=session.started_at,
            last_used_at=session.rotated_at,
            expires_at=session.expires_at,
            place=session.place,
            device=session.device,
            current=session.id == who.session_id,
        )


class AccessView(BaseModel):
    at: datetime
    what: str
    outcome: str
    place: str
    device: str
    by: str

    @classmethod
    def of(cls, access: Access) -> Self:
        return cls(
            at=access.at,
            what=access.did.value,
            outcome=access.outcome,
            place=access.place,
            device=access.device,
            by=access.by,
        )


class PageView(BaseModel):
    page: int
    pages: int
    total: int

    @staticmethod
    def numbers(paging: Paging) -> dict[str, int]:
        return {"page": paging.number, "pages": paging.pages, "total": paging.total}


class AccountsView(PageView):
    items: list[ListedView]


class AccessesView(PageView):
    items: list[AccessView]


class UnitsView(BaseModel):
    items: list[UnitView]


class SessionsView(BaseModel):
    items: list[SessionView]


class KeysView(BaseModel):
    """A JWK Set (RFC 7517)."""

    keys: list[dict[str, str]]


def _account(account: Account) -> dict[str, object]:
    given = account.assignment
    return {
        "id": account.id,
        "version": account.version,
        "username": account.username,
        "name": account.name,
        "position": account.position,
        "phone": account.phone,
        "email": account.email,
        "tier": account.tier,
        "kinds": sorted(account.kinds),
        "unit_id": account.unit_id,
        "facility_id": account.facility_id,
        "assignment": AssignmentView(number=given.number, date=given.date) if given else None,
        "status": account.status,
        "holds": sorted(account.holds),
        "issued_at": account.issued_at,
    }
