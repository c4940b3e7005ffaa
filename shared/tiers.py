"""Which tier stands above which: what one took out of use, a lower one does not bring back."""

from typing import Final

from shared.errors import Kind, Phrase, Refusal

# From the top down, as services/identity/tiers.toml has them.
ORDER: Final = ("ministry", "province", "department", "unit", "district", "commune", "facility")

# The authorities of each, as a sentence names whom to ask.
AUTHORITIES: Final = {
    "ministry": Phrase("cơ quan cấp bộ"),
    "province": Phrase("cơ quan cấp tỉnh"),
    "department": Phrase("sở quản lý ngành"),
    "unit": Phrase("đơn vị thuộc sở"),
    "district": Phrase("cơ quan cấp huyện"),
    "commune": Phrase("cơ quan cấp xã"),
}


class DecidedAbove(Refusal):
    code = "decided_above"
    kind = Kind.FORBIDDEN
    message = "Cấp trên đã quyết định việc này. Hãy đề nghị cấp đó xem lại."


def is_below(tier: str, decided: str) -> bool:
    """Whether `tier` stands below the one that decided.

    Of a tier that is not known, as of what was decided before tiers were kept, nobody is below.
    """
    return tier in ORDER and decided in ORDER and ORDER.index(tier) > ORDER.index(decided)


def must_not_be_below(tier: str, decided: str) -> None:
    """Raises DecidedAbove where `tier` stands below the one that decided."""
    if is_below(tier, decided):
        raise DecidedAbove()
