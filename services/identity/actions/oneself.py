"""Whether who acts is the very person that the act is for (two-person rule; FACTS: ASVS 2.3.5)."""

from services.identity.domain.accounts import Account
from services.identity.domain.oneself import Contact, require_another
from services.identity.store import accounts
from shared.auth import Principal
from shared.mongo import Tx


async def not_for_oneself(tx: Tx, who: Principal, *others: Contact) -> None:
    """Raise OwnPerson where the officer's own contact data stand for another's."""
    own = await accounts.find(tx, who.account_id)
    if own is not None:
        require_another(contact_of(own), *others)


def contact_of(account: Account) -> Contact:
    return Contact(account.phone, account.email)
