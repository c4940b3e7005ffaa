"""The catalogue of reasons as the JSON API tells it."""

from pydantic import BaseModel

from services.recall.domain.reasons import Reason
from services.recall.domain.terms import Kind, LegalBasis, Level


class WordsView(BaseModel):
    vi: str
    en: str
    zh: str


class ReasonView(BaseModel):
    """`who` are "tier:kind" pairs, "*:*" whoever may order; `law` is where it is said."""

    key: str
    name: WordsView
    kinds: list[Kind]
    bases: list[LegalBasis]
    who: list[str]
    level: Level
    reason: WordsView
    instruction: WordsView
    law: str

    @classmethod
    def of(cls, reason: Reason) -> "ReasonView":
        return cls.model_validate(reason, from_attributes=True)


class ReasonList(BaseModel):
    items: list[ReasonView]
