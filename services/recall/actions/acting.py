"""Who acts, in the words of the domain."""

from services.recall.domain.terms import Official
from shared.auth import Principal


def official(who: Principal) -> Official:
    return Official(who.account_id, who.name, who.facility_id, who.tier, who.unit_id)
