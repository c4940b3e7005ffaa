"""What people and programs send to number a logistic unit."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from services.registry.domain.logistic_units import Numbered
from services.registry.domain.shipment import MAX_LINES
from services.registry.fields.shipments import Counted
from services.registry.inputs import Id
from shared.web.fields import Input


class UnitFields(Input):
    """Either `sscc`, as it stands on the unit, or the GS1 company `prefix` to make one from. The
    same `id` counts once."""

    id: Id
    sscc: Annotated[str, Field(max_length=40)] = ""
    prefix: Annotated[str, Field(max_length=20)] = ""

    def asked(self) -> Numbered:
        return Numbered(**self.model_dump())


class InsideFields(Input):
    """`quantity` in the unit of the lot's line; nought: the unit has none of it."""

    lot_id: Id
    quantity: Counted | None = None


class ContentsFields(Input):
    """What is in one unit. None of any lot takes back what was said of it."""

    contents: Annotated[tuple[InsideFields, ...], Field(max_length=MAX_LINES)] = ()

    def by_lot(self) -> list[tuple[str, Decimal]]:
        return [(one.lot_id, one.quantity or Decimal(0)) for one in self.contents]
