"""What the owner of recalled goods asks and what the authority answers, as it is sent."""

from typing import Annotated, Literal

from pydantic import Field

from services.recall.domain.terms import Handling
from shared.web.fields import Input, Lines

Needed = Annotated[str, Lines(), Field(min_length=1, max_length=2000)]


class HandlingBody(Input):
    """How the goods are to be handled (Circular 17/2021, Art. 13), and why so, how and where."""

    handling: Handling
    words: Needed


class WordsBody(Input):
    words: Needed


class AnswerBody(Input):
    """A handling is agreed to, or what was asked is returned, then with words."""

    agreed: bool
    words: Annotated[str, Lines(), Field(max_length=2000)] = ""


class AnswerForm(Input):
    decision: Literal["agree", "return"]
    words: Annotated[str, Lines(), Field(max_length=2000)] = ""
