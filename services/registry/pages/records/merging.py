"""Two people's changes of one form brought together: what only the other one changed is taken over.

A form is compared by its inputs as texts; rows and repeated inputs count as one input. Where it
cannot be told for sure that somebody left an input alone, what they typed stays.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from shared.web.forms import KEYS, Form

# What pages tell as one field, by the input it is entered in.
_TOLD_AS: Final = {"latitude": "location", "longitude": "location", "points": "boundary"}
# What belongs to the form itself and not to the record.
_OWN: Final = frozenset({*KEYS, "version", "handover", "photos"})


def brought_together(
    mine: Form[Any], base: Form[Any], fresh: Form[Any]
) -> tuple[Form[Any], frozenset[str]]:
    """The typed form, with the newest text of every input that stands in it as it was opened.

    `base` is the form as it was when it was opened, `fresh` as it would be opened now. Also told is
    which inputs were taken over, also by the names under which pages tell of them.
    """
    names = {_input(name) for form in (mine, base, fresh) for name in form.raw} - _OWN
    taken = frozenset(
        name for name in names if _texts(mine, name) == _texts(base, name) != _texts(fresh, name)
    )
    kept = {name: texts for name, texts in mine.raw.items() if _input(name) not in taken}
    came = {name: texts for name, texts in fresh.raw.items() if _input(name) in taken}
    told = {_TOLD_AS[name] for name in taken if name in _TOLD_AS}
    return replace(mine, raw={**kept, **came}), taken | told


def _input(name: str) -> str:
    return name.partition(".")[0]


def _texts(form: Form[Any], wanted: str) -> list[tuple[str, Sequence[str]]]:
    """What stands in an input, in all its rows: empty ones are none."""
    rows: dict[int, dict[str, Sequence[str]]] = {}
    for name, texts in form.raw.items():
        if _input(name) != wanted:
            continue
        number, _, rest = name.partition(".")[2].partition(".")
        found = [text.replace("\r\n", "\n").strip() for text in texts]
        if any(found):
            row = rows.setdefault(int(number) if number.isdecimal() else 0, {})
            row[rest] = found
    return [part for number in sorted(rows) for part in (("", ()), *sorted(rows[number].items()))]
