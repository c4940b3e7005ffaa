"""What officials send about suspicions and the reports of cases, with its limits."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from services.recall.complaint_inputs import Id, Reason, Version
from services.recall.domain.complaint import MAX_ANSWER
from shared.web.fields import Input, Prose

What = Annotated[Prose, Field(min_length=1, max_length=2000)]


class SuspectForm(Input):
    """`goods` is what a recall would be aimed at; `key` makes a form sent twice one suspicion."""

    what: What
    goods: Literal["stamp", "lot", "product"]
    key: Id


class EvidenceForm(Input):
    suspicion: Id


class WantForm(Input):
    reason: Reason
    until: date
    version: Version


class DismissForm(Input):
    why: Reason
    version: Version


class CaseForm(Input):
    """`case` is the id of a case, or the address of a page of it as it was copied."""

    case: Annotated[str, Field(min_length=1, max_length=200)]

    @property
    def case_id(self) -> str:
        address = self.case.partition("#")[0].partition("?")[0].rstrip("/")
        _, of_case, rest = address.partition("/console/recall/")
        return (rest.partition("/")[0] if of_case else address.rpartition("/")[2])[:64]


class AnswerAllForm(Input):
    """`read` are the marks of the reports that were shown, as they were, apart by spaces
    (actions/answering_all.py)."""

    read: Annotated[str, Field(max_length=20_000)] = ""
    answer: Annotated[Prose, Field(min_length=1, max_length=MAX_ANSWER)]

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(self.read.split())
