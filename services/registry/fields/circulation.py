"""The fields of a declared revenue, as forms and programs send them."""

from typing import Annotated

from pydantic import Field

from services.registry.domain.circulation import MAX_REVENUE
from shared.web.fields import Input


class RevenueFields(Input):
    """A month (`2026-11`) and what it brought in, in đồng; without an amount it is taken back."""

    month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    amount: Annotated[int, Field(ge=0, le=MAX_REVENUE)] | None = None
    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
