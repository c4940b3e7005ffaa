"""What officials send about reported problems, with its limits."""

from typing import Annotated

from pydantic import Field

from services.recall.domain.complaint import MAX_ANSWER
from shared.web.fields import Input, Prose


class AnswerBody(Input):
    """`version` is that of the report as it was read; the answer is read by the reporter."""

    answer: Annotated[Prose, Field(min_length=1, max_length=MAX_ANSWER)]
    version: Annotated[int, Field(ge=0, le=1_000_000)]
