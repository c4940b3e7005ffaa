"""By what prepared answers are told apart: the versions of everything that they show.

So nothing has to be thrown away when something changes: what changed has another key.
"""

from collections.abc import Hashable
from typing import NamedTuple

from services.scan.answering.spoken import Heard
from services.scan.domain.aggregates import Aggregate
from services.scan.domain.verdict import Case, Judgement
from shared.contracts.event import Event


class Variant(NamedTuple):
    """In which language and in which form somebody wants the verdict."""

    lang: str
    json: bool


def of_form(
    case: Case | None, judgement: Judgement, confirmed: bool, variant: Variant, linked: bool
) -> Hashable:
    """What a whole answer depends on, but for the time, the number of scans and the code."""
    told = (variant, confirmed, linked, judgement)
    if case is None:
        return told
    return (*told, case.spoken, *_of_goods(case), _marks(case.lot))


def of_frame(
    case: Case | None, judgement: Judgement, confirmed: bool, variant: Variant, heard: Heard
) -> Hashable:
    """What an answer depends on beside these and the lot: of that its status alone, which may hold
    the stamp back. `heard` names what can be heard of the product and the notices."""
    told = (variant, confirmed, judgement)
    if case is None:
        return told
    lot = case.published_lot
    return (
        *(*told, heard.product, tuple(heard.notices.items()), lot.status if lot else None),
        *_of_goods(case),
    )


def _of_goods(case: Case) -> tuple[Hashable, ...]:
    """All that is shown of a stamp and its goods, but for the lot."""
    return (
        *(case.state, case.said, case.suspected, case.ended_certificates),
        *(_marks(case.facility), _marks(case.product), _marks(case.area)),
        tuple([_mark(event) for event in (*case.notices, *case.holds)]),
    )


def _marks(passport: Aggregate) -> Hashable:
    return tuple([_mark(event) for event in passport.values()])


def _mark(event: Event) -> Hashable:
    return type(event), event.subject, event.version
