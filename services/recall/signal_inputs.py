"""What officials send about signals, with its limits."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from fastapi import Depends, Query
from pydantic import Field, model_validator

from services.recall.complaint_inputs import Id, Reason, Version
from services.recall.queries.signals import Narrowed
from shared.web.fields import Input, Prose

Word = Annotated[str, Query(max_length=64)]
Goods = Annotated[str, Field(max_length=80, pattern="^(lot|product|facility):[0-9A-Za-z-]+$")]
What = Annotated[Prose, Field(min_length=1, max_length=2000)]


class DismissForm(Input):
    """`version` is that of the signal as it was read."""

    why: Reason
    version: Version


class SuspectForm(Input):
    """`goods` is "lot:", "product:" or "facility:" and an id out of the evidence."""

    what: What
    goods: Goods
    version: Version
    key: Id


class InspectForm(Input):
    reason: Reason
    goods: Goods
    until: date
    version: Version
    key: Id


class DecisionBody(Input):
    """`decision`: dismissed, suspicion (then `goods`), inspection (then `goods` and `until`)."""

    decision: Literal["dismissed", "suspicion", "inspection"]
    words: Reason
    version: Version
    goods: Goods | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.decision != "dismissed" and self.goods is None:
            raise ValueError("goods are needed")
        if (self.decision == "inspection") != (self.until is not None):
            raise ValueError("`until` goes with inspection")
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to, as addresses say it."""

    state: Word = ""
    rule: Word = ""
    severity: Word = ""
    commune: Word = ""

    def narrowed(self) -> Narrowed:
        return Narrowed(self.state, self.rule, self.severity, self.commune)


Narrowing = Annotated[Asked, Depends()]
