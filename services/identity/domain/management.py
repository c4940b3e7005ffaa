"""Who manages whom (R4): one's own scope, never oneself, system accounts only from above."""

from services.identity.domain.accounts import Account, Hold
from shared.auth import Principal, require
from shared.errors import Forbidden, Kind, OutOfReach, Refusal

SYSTEM = "system"


class OwnAccount(Refusal):
    code = "own_account"
    kind = Kind.FORBIDDEN
    message = "Bạn không thể tự làm việc này với tài khoản của mình. Hãy nhờ đơn vị cấp trên."


class ManagedFromAbove(Refusal):
    code = "managed_from_above"
    kind = Kind.FORBIDDEN
    message = (
        "Tài khoản hệ thống của một đơn vị hoặc cơ sở do đơn vị cấp trên quản lý. "
        "Hãy liên hệ đơn vị cấp trên."
    )


def require_seen(who: Principal, action: str, account: Account) -> None:
    """The account exists for whoever may do the action with it (R4); OutOfReach or Forbidden.

    Facilities' accounts lie where their facility lies; officials' accounts lie in their unit,
    and belong to its own system accounts and to those of the units above.
    """
    if account.facility_id is not None:
        require(who, action, account.scope)
        return
    if who.facility_id is not None or who.unit_id not in account.unit_path:
        raise OutOfReach()
    if not who.may(action):
        raise Forbidden()


def require_managed(who: Principal, action: str, account: Account) -> None:
    """Beyond seeing it: nobody manages their own account, nor system accounts beside them."""
    require_seen(who, action, account)
    if account.id == who.account_id:
        raise OwnAccount()
    if _is_beside(who, account):
        raise ManagedFromAbove()


def hold_of(who: Principal) -> Hold:
    """The hold that this account puts on others: a facility's own, or the authorities'."""
    return Hold.OFFICER if who.facility_id is None else Hold.OWN_FACILITY


def liftable(who: Principal) -> frozenset[Hold]:
    """The holds that this account lifts: the authorities lift a facility's own too."""
    return frozenset({hold_of(who), Hold.OWN_FACILITY})


def _is_beside(who: Principal, account: Account) -> bool:
    """Whether it is a system account of the asker's own unit or facility; the root has nobody
    above it."""
    if who.facility_id is not None:
        return account.facility_id == who.facility_id and SYSTEM in account.kinds
    beside = account.facility_id is None and account.unit_id == who.unit_id
    return beside and SYSTEM in account.kinds and len(account.unit_path) > 1


def may_manage(who: Principal, action: str, account: Account) -> bool:
    """Whether `require_managed` would let the account pass: for showing or leaving out a button."""
    try:
        require_managed(who, action, account)
    except Refusal:
        return False
    return True
