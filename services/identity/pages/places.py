"""Names of the units and facilities that accounts belong to."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.identity.domain.accounts import Account
from services.identity.store import facilities, units
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Places:
    units: dict[str, str]
    facilities: dict[str, str]

    def of(self, account: Account) -> str:
        """Where the person works: the facility, else the unit."""
        if account.facility_id is not None:
            return self.facilities.get(account.facility_id, account.facility_id)
        return self.units.get(account.unit_id, account.unit_id)


async def places_of(db: Database, accounts: Sequence[Account]) -> Places:
    """The places of these accounts, in two reads."""
    return Places(
        await units.names(db, {account.unit_id for account in accounts}),
        await facilities.names(db, {a.facility_id for a in accounts if a.facility_id}),
    )
