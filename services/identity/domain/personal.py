"""Personal data of accounts (Law 91/2025/QH15; R4, R10): edited from above, told, erased."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.identity.domain.accounts import Account
from shared.contracts.identity import AccountPublished
from shared.errors import Refusal


class NothingChanged(Refusal):
    code = "nothing_changed"
    message = "Thông tin không thay đổi gì. Hãy sửa ít nhất một ô rồi lưu."


class AccountNotRevoked(Refusal):
    code = "account_not_revoked"
    message = "Chỉ xóa được thông tin cá nhân của tài khoản đã thu hồi. Hãy thu hồi trước."


class AccountIsErased(Refusal):
    code = "account_is_erased"
    message = "Thông tin cá nhân của tài khoản này đã được xóa."


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What is known of the person an account belongs to."""

    name: str
    position: str
    phone: str
    email: str


FIELDS: Final = ("name", "position", "phone", "email")


def of_account(account: Account) -> PersonalData:
    return PersonalData(**{name: getattr(account, name) for name in FIELDS})


def edit(
    account: Account, data: PersonalData, now: datetime
) -> tuple[Account, AccountPublished, tuple[str, ...]]:
    """The account with other personal data, the fact, and the names of what changed.

    The audit gets these names only: the values are personal data themselves.
    """
    if account.erased:
        raise AccountIsErased()
    before = of_account(account)
    changed = tuple(name for name in FIELDS if getattr(before, name) != getattr(data, name))
    if not changed:
        raise NothingChanged()
    values = {name: getattr(data, name) for name in FIELDS}
    edited = replace(account, version=account.version + 1, **values)
    return edited, edited.published(now), changed


def erase(account: Account, now: datetime) -> tuple[Account, AccountPublished]:
    """Name and contacts gone, a pseudonym in their place: what the account did stays readable."""
    if account.erased:
        raise AccountIsErased()
    if not account.revoked:
        raise AccountNotRevoked()
    mark = account.id.replace("-", "")[-10:]
    erased = replace(
        account,
        version=account.version + 1,
        username=f"erased-{mark}",
        name=f"Tài khoản đã xóa {mark}",
        position="",
        phone="",
        email="",
        assignment=None,
        erased=True,
    )
    return erased, erased.published(now)
