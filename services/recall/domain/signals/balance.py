"""Whether more of a lot was sent off, or stamped, than there was of it (R54, R55)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.recall.domain.amounts import MASS, VOLUME, Made
from services.recall.domain.recovery_refusals import OtherDimension

# What is weighed comes out a little differently each time; what is counted does not.
WEIGHED: Final = Decimal("1.02")
# A package's content as its label names it may be less than what went in.
STAMPED: Final = Decimal("1.1")
# What goods are counted in and stamped by, one by one; a crate or an animal has any number.
PACKAGES: Final = ("chai", "lọ", "hộp", "gói", "túi")


@dataclass(frozen=True, slots=True)
class Excess:
    """`said` of what is `made`, both in `unit`; `what` is sent or stamped."""

    what: str
    said: Decimal
    made: Decimal
    unit: str

    @property
    def percent(self) -> float:
        """By how much more, of what was made."""
        return round(float((self.said - self.made) / self.made * 100), 1)


def excess(
    made: Made, sent: Iterable[tuple[Decimal, str]], stamps: int, content_kilograms: Decimal | None
) -> Excess | None:
    """The larger of the two where it is more than there can be; None where all is as it may be, or
    nobody can say.

    A stamp is on one package: of goods that weigh something as many as packages of
    `content_kilograms` come out of it, of packages that do not as many as there are. Some labels
    are spoilt and replaced, so a tenth more is no excess.
    """
    if not made.quantity:
        return None
    found = [one for one in (_sent(made, sent), _stamped(made, stamps, content_kilograms)) if one]
    return max(found, key=lambda one: one.percent, default=None)


def _sent(made: Made, sent: Iterable[tuple[Decimal, str]]) -> Excess | None:
    total = Decimal(0)
    for quantity, unit in sent:
        try:
            total += made.in_its_unit(quantity, unit)
        except OtherDimension:
            continue  # Of what cannot be compared nothing is claimed.
    weighed = made.unit in MASS or made.unit in VOLUME
    limit = made.quantity * WEIGHED if weighed else made.quantity
    return Excess("sent", total, made.quantity, made.unit) if total > limit else None


def _stamped(made: Made, stamps: int, content_kilograms: Decimal | None) -> Excess | None:
    if made.unit in VOLUME:
        return None
    weight = made.weight_of(made.quantity)
    if content_kilograms and weight:
        one = MASS.get(made.unit, Decimal(1))
        unit = made.unit if made.unit in MASS else "kg"
        return _beyond(stamps * content_kilograms / one, weight / one, unit)
    return _beyond(Decimal(stamps), made.quantity, made.unit) if made.unit in PACKAGES else None


def _beyond(said: Decimal, made: Decimal, unit: str) -> Excess | None:
    return Excess("stamped", said, made, unit) if said > made * STAMPED else None
