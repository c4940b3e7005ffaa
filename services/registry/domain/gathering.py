"""A grower's word against what a collector says that it bought of its goods (ADR 19).

A collector buys from growers who often have no account, so a gathering counts as their word.
Whoever made the goods reads of it, and may say that it never sold them: then it counts no more.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from services.registry.domain import sender_word
from services.registry.domain.sender_word import Speaker
from services.registry.domain.transformation import Denial, Given, Kind, Transformation
from shared.errors import NotFound, Refusal


class GatheringCancelled(Refusal):
    code = "gathering_cancelled"
    message = "Người thu mua đã hủy lần này; hàng đã được trả lại. Không cần làm gì thêm."


def bought(one: Transformation, holder: str = "") -> Iterator[Given]:
    """What a collector took straight from whoever made it: of all, or of one maker."""
    if one.kind is not Kind.COLLECT:
        return
    for given in one.given:
        direct = bool(given.lot_id) and given.holder not in ("", one.facility_id)
        if direct and holder in ("", given.holder):
            yield given


def deny(
    one: Transformation, lot_id: str, reason: str, speaker: Speaker, now: datetime
) -> Transformation:
    """Its maker never sold that. Said again it changes nothing. Raises NotFound for a lot that was
    not bought so."""
    found = next((given for given in bought(one) if given.lot_id == lot_id), None)
    if found is None:
        raise NotFound()
    if one.cancelled:
        raise GatheringCancelled()
    sender_word.check(found.holder, one.by, one.by_person, speaker)
    if found.denied is not None:
        return one
    basis = sender_word.basis_of(found.holder, speaker)
    said = replace(found, denied=Denial(reason, speaker.by, now, basis))
    return replace(one, given=tuple(said if given is found else given for given in one.given))
