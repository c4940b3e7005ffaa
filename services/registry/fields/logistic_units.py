"""What people and programs send to number a logistic unit."""

from typing import Annotated

from pydantic import Field

from services.registry.domain.logistic_units import Numbered
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
