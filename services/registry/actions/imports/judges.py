"""Who judges the rows of an import: records that are reviewed, or a list beside them."""

from datetime import date

from services.registry.actions.imports.judging import Judge
from services.registry.actions.imports.judging_known import KnownJudge
from services.registry.domain.imports import Import, Listed
from shared.mongo import Database


def judge_of(db: Database, one: Import, today: date) -> Judge | KnownJudge:
    return KnownJudge(db, one, today) if one.kind is Listed.KNOWN else Judge(db, one, today)
