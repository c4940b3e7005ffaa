"""What was used on a lot, summed up from the entries of its diaries, as its passport tells it."""

from collections.abc import Iterable

from services.registry.domain.diary import Entry, Step
from shared.contracts.registry import InputUsed
from shared.spelling import fold


def inputs_used(entries: Iterable[Entry]) -> tuple[InputUsed, ...]:
    """One for each input and number on its package, in the order of first use."""
    found: dict[tuple[str, str, str], InputUsed] = {}
    uses = [one for one in sorted(entries, key=lambda one: one.at) if one.step is Step.INPUT]
    substances = _substances(uses)
    for entry in uses:
        key = input_key(entry)
        of = (key, entry.kind, entry.lot_number)
        before = found.get(of)
        found[of] = InputUsed(
            key=key,
            kind=entry.kind,
            name=before.name if before else entry.name,
            active_substance=substances[key, entry.kind],
            lot_number=entry.lot_number,
            first=before.first if before else entry.day,
            last=entry.day,
        )
    return tuple(found.values())


def _substances(uses: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """By input: whoever wrote the substance down once did so for every time it was used, whatever
    package it came from. Where several are written down, each may be meant, so all are told."""
    written: dict[tuple[str, str], dict[str, str]] = {}
    for entry in uses:
        of = written.setdefault((input_key(entry), entry.kind), {})
        if entry.active_substance:
            of.setdefault(fold(entry.active_substance), entry.active_substance)
    return {of: " + ".join(texts.values()) for of, texts in written.items()}


def input_key(entry: Entry) -> str:
    """By what two entries mean the same input: the row of the catalogue that it was chosen from,
    else its name, however it was capitalised and accented."""
    return entry.supply or " ".join(fold(entry.name).replace(":", " ").split())
