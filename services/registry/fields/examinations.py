"""What officials send of a lot that had to be examined because of what it came from."""

from typing import Annotated, Literal

from pydantic import Field

from shared.web.fields import Input, Prose


class ExaminationDecision(Input):
    """`cleared`: the lot may go; `confirmed`: it is unfit too. The reason is kept and audited."""

    decision: Literal["cleared", "confirmed"]
    reason: Annotated[Prose, Field(max_length=1000)] = ""
