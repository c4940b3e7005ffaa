"""Which tier stands above which: what one took out of use, a lower one does not bring back."""

from typing import Final

from shared.errors import Kind, Refusal

# From the top down, as services/identity/tiers.toml has them.
ORDER: Final = ("ministry", "province", "department", "unit", "district", "commune", "facility")


class DecidedAbove(Refusal):
    code = "decided_above"
    kind = Kind.FORBIDDEN
    message = "Cấp trên đã quyết định việc này. Hãy đề nghị cấp đó xem lại."


def must_not_be_below(tier: str, decided: str) -> None:
    """Raises DecidedAbove where `tier` stands below the one that decided.

    Of a tier that is not known, as of what was decided before tiers were kept, nobody is below.
    """
    if tier in ORDER and decided in ORDER and ORDER.index(tier) > ORDER.index(decided):
        raise DecidedAbove()
