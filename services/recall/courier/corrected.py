"""What a message says of a correction: why it was made, and what was said before and is now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.recall.pages import differences
from services.recall.store import corrections, genealogy
from services.recall.store.corrections import Corrected
from services.recall.store.newest import Reader
from shared.web.i18n import N_, translate

# Lots that a message names by their codes; it says how many there are in all.
MOST_LOTS: Final = 50


@dataclass(frozen=True, slots=True)
class Correction:
    """One that was made, with the codes of the first lots that it added and took out."""

    made: Corrected
    codes: Mapping[str, str] = field(default_factory=dict)


async def of(reader: Reader, case_id: str, case_version: int) -> Correction | None:
    """The correction that made this version of the case; None where it is not kept."""
    made = await corrections.at_version(reader, case_id, case_version)
    if made is None:
        return None
    first = [*made.added[:MOST_LOTS], *made.removed[:MOST_LOTS]]
    known = await genealogy.lots(reader, first)
    return Correction(made, {id_: one.code for id_, one in known.items()})


def paragraphs(one: Correction) -> list[str]:
    """In the language that is spoken."""
    told = [translate(N_("Lý do đính chính: {words}"), words=one.made.why)]
    for row in differences.between(one.made.before, one.made.after):
        told.append(
            translate(
                N_("{label}, trước đây: {before}. Nay: {after}"),
                label=row.label,
                before=row.before or "—",
                after=row.after or "—",
            )
        )
    for lots, words in (
        (one.made.added, N_("{count} lô được thêm vào vụ việc: {codes}")),
        (
            one.made.removed,
            N_("{count} lô được bỏ khỏi vụ việc và không còn bị thu hồi hay cảnh báo: {codes}"),
        ),
    ):
        if lots:
            codes = ", ".join(_codes(one, lots))
            told.append(translate(words, count=len(lots), codes=codes))
    return told


def data(one: Correction) -> dict[str, Any]:
    """The same for programs."""
    made = one.made
    return {
        "at": made.at.isoformat(),
        "why": made.why,
        "changed": list(made.changed),
        "added_lots": _codes(one, made.added),
        "added_lots_total": len(made.added),
        "removed_lots": _codes(one, made.removed),
        "removed_lots_total": len(made.removed),
    }


def _codes(one: Correction, lots: Any) -> list[str]:
    return [one.codes.get(lot, lot) for lot in lots[:MOST_LOTS]]
