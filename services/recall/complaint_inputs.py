"""What officials send about reported problems, with its limits."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field

from services.recall.domain.asking import MAX_QUESTION
from services.recall.domain.complaint import MAX_ANSWER, Outcome
from services.recall.queries.complaints import Narrowed
from shared.web.fields import Input, Prose

Id = Annotated[str, Field(min_length=1, max_length=64, pattern="^[0-9A-Za-z-]+$")]
Version = Annotated[int, Field(ge=0, le=1_000_000)]
Reason = Annotated[Prose, Field(min_length=1, max_length=500)]
Word = Annotated[str, Query(max_length=64)]


class AnswerBody(Input):
    """`version` is that of the report as it was read; the answer is read by its reporters. Set
    aside as unfounded or spam, the reason is the answer."""

    answer: Annotated[Prose, Field(min_length=1, max_length=MAX_ANSWER)]
    version: Version
    outcome: Outcome = "answered"


class HandOverBody(Input):
    unit_id: Id
    reason: Reason
    version: Version


class AskBody(Input):
    """A question to who reported; `until` is the last day to answer it."""

    text: Annotated[Prose, Field(min_length=1, max_length=MAX_QUESTION)]
    until: date
    version: Version


class JoinBody(Input):
    """`other` is the report whose group joins that of the report in the address."""

    other: Id


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list, its picture and its file are narrowed to, as addresses say it."""

    state: Word = ""
    kind: Word = ""
    commune: Word = ""
    product_id: Word = ""
    facility_id: Word = ""
    whose: Word = ""
    question: Word = ""
    sort: Word = ""

    def narrowed(self) -> Narrowed:
        return Narrowed(
            state=self.state,
            kind=self.kind,
            commune=self.commune,
            product_id=self.product_id,
            facility_id=self.facility_id,
            whose=self.whose,
            question=self.question,
            urgent=self.sort == "urgent",
        )


Narrowing = Annotated[Asked, Depends()]
