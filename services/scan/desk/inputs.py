"""What people send to the desk, with its limits."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from services.scan.domain.suspicion import MAX_REASON
from shared.stampcode import MAX_BATCH, MAX_SERIAL
from shared.web.fields import Input, Prose

BatchNumber = Annotated[int, Path(ge=1, le=MAX_BATCH)]
SerialNumber = Annotated[int, Path(ge=0, le=MAX_SERIAL)]


class JudgementFields(Input):
    """`confirm`: it was copied; `clear`: it was not. The reason stays in the records."""

    judgement: Literal["confirm", "clear"]
    reason: Annotated[Prose, Field(min_length=1, max_length=MAX_REASON)]
