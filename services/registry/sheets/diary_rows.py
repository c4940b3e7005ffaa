"""Rows of a sheet and entries of a lot's diary: each is read back as what it was written from.

A row with the key of an entry changes what its cells say otherwise; one without adds an entry, and
brings it only once. An entry leaves the diary only by a row that says so, never by being left out;
nor does a field by an empty cell, which is told of, but by one that says `(xóa)`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, Final

from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.diary import Entry, Step
from services.registry.sheets.cells import taken
from services.registry.sheets.column import EMPTIED
from services.registry.sheets.diary_columns import DIARY, INPUT
from services.registry.sheets.given import given
from services.registry.sheets.in_row import InRow
from shared.days import VIETNAM
from shared.errors import Kind, Phrase, Refusal
from shared.web.i18n import N_

# Entries that a row brings have ids that follow from the row, so that it brings each once.
ENTRY: Final = "row"
_DAY_MINUTES: Final = 24 * 60
# Cells whose field of an entry has the same name and takes the value as it is.
_PLAIN: Final = (
    "place", "place_code", "name", "active_substance", "dose", "withdrawal_days", "lot_number",
    "material", "source", "destination", "vehicle", "method", "unit", "note",
)  # fmt: skip

REMOVED: Final = N_("Bỏ {count} mục khỏi nhật ký.")
KEPT: Final = N_(
    "{count} ô trống của nhật ký giữ nguyên nội dung cũ. Muốn xóa nội dung cũ, hãy ghi (xóa) vào ô."
)
NOT_THERE: Final = N_("Có dòng ghi Bỏ mà nhật ký không có mục như vậy.")


class DiaryRowWrong(Refusal):
    code = "diary_row"
    kind = Kind.INVALID
    message = "{problem}"


class DiaryRowIncomplete(Refusal):
    code = "diary_row_incomplete"
    kind = Kind.INVALID
    message = "Hãy ghi đủ việc đã làm, ngày và nơi."


class DiaryEntryGone(Refusal):
    code = "diary_entry_gone"
    kind = Kind.INVALID
    message = (
        "Nhật ký không còn mục mang mã này. Hãy xuất lại tệp, hoặc xóa mã mục để ghi thành mục mới."
    )


class ClockUnreadable(Refusal):
    code = "clock_unreadable"
    kind = Kind.INVALID
    message = "Hãy ghi giờ dạng 08:30."


@dataclass
class Diary:
    """The entries after all rows, and what was done that the person should be told of."""

    entries: tuple[Entry, ...]
    removed: int = 0
    kept: int = 0
    missed: bool = False

    def notes(self) -> Iterator[tuple[str, str, dict[str, object]]]:
        """What its rows took out, or did not, though it may look so: code, msgid and params."""
        if self.removed:
            yield "removed", REMOVED, {"count": self.removed}
        if self.kept:
            yield "kept", KEPT, {"count": self.kept}
        if self.missed:
            yield "not_there", NOT_THERE, {}


def shown(entry: Entry) -> SimpleNamespace:
    """An entry as its cells tell it, by the fields of the columns."""
    at = entry.at.astimezone(VIETNAM)
    is_input = entry.step is Step.INPUT and not entry.variant
    return SimpleNamespace(
        **{name: getattr(entry, name) for name in _PLAIN},
        done=f"{INPUT}{entry.kind}" if is_input else entry.variant or entry.step.value,
        on=at.date(),
        clock="" if at.time() == time() else at.strftime("%H:%M"),
        amount=entry.quantity,
        remove=False,
        key=entry.id,
    )


def applied(rows: Sequence[InRow], entries: Sequence[Entry], now: datetime) -> Diary:
    """The diary with what the rows say; raises DiaryRowWrong, which names the row."""
    found = Diary(tuple(entries))
    for row in rows:
        try:
            _apply(found, row.values, now)
        except Refusal as refusal:
            problem = row.problem(Phrase(refusal.message, refusal.params))
            raise DiaryRowWrong("diary", problem=problem) from refusal
    return found


def _apply(diary: Diary, told: Mapping[str, Any], now: datetime) -> None:
    key = str(told.get("key") or "")
    known = next((one for one in diary.entries if one.id == key), None) if key else None
    if known is None and not key:
        known = next((one for one in diary.entries if _tells(one, _filled(told))), None)
        # Without a key it says nothing new of an entry: at most that it is to go.
        told = {**_cells(known), "remove": told.get("remove")} if known is not None else told
    if told.get("remove"):
        diary.entries = tuple(one for one in diary.entries if one is not known)
        diary.removed += known is not None
        diary.missed |= known is None
        return
    if known is None and key:
        raise DiaryEntryGone("diary")
    if known is None:
        made = _new(_filled(told))
    else:
        made = _changed(known, told)
        diary.kept += len(_cells(known).keys() - told.keys())
    if made != known and not (known is None and any(one.id == made.id for one in diary.entries)):
        others = tuple(one for one in diary.entries if one is not known)
        diary.entries = (*others, made.checked(now))


def _tells(entry: Entry, told: Mapping[str, Any]) -> bool:
    """Whether the entry says all that the row says already."""
    cells = _cells(entry)
    return all(cells.get(name) == value for name, value in told.items() if name != "remove")


def _filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without the cells that empty a field: a new entry has nothing to be emptied."""
    return {name: value for name, value in told.items() if value != EMPTIED}


def _cells(entry: Entry) -> dict[str, Any]:
    """The values that its own cells are read back as."""
    it = shown(entry)
    read = {one.field: taken(one, given(one, getattr(it, one.field))).value for one in DIARY}
    return {name: value for name, value in read.items() if value is not None}


def _new(told: Mapping[str, Any]) -> Entry:
    if any(not told.get(name) for name in ("done", "on", "place")):
        raise DiaryRowIncomplete("diary")
    digest = sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]
    step, kind, variant = _done(told["done"])
    entry = Entry(
        f"{ENTRY}-{digest}", step, _at(told, None), told["place"], kind=kind, variant=variant
    )
    return replace(entry, **_plain(told), quantity=_amount(told))


def _changed(before: Entry, told: Mapping[str, Any]) -> Entry:
    """Only what a cell says otherwise than the entry's own: so nothing is lost by rounding."""
    cells = _cells(before)
    other = {name: value for name, value in told.items() if cells.get(name) != value}
    changes: dict[str, Any] = _plain(other)
    if "done" in other:
        changes["step"], changes["kind"], changes["variant"] = _done(other["done"])
    if {"on", "clock"} & other.keys():
        changes["at"] = _at(told, before)
    if "amount" in other:
        changes["quantity"] = _amount(other)
        if changes["quantity"] is None:
            changes["unit"] = ""
    return replace(before, **changes) if changes else before


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: told[name] for name in _PLAIN if name in told}
    if found.get("withdrawal_days") == EMPTIED:
        found["withdrawal_days"] = None
    return found


def _amount(told: Mapping[str, Any]) -> Decimal | None:
    return None if told.get("amount") in (None, EMPTIED) else Decimal(str(told["amount"]))


def _done(key: str) -> tuple[Step, str, str]:
    """Step, kind of what was used, and the row of the catalogue that was added to it."""
    if key.startswith(INPUT):
        return Step.INPUT, key.removeprefix(INPUT), ""
    if key in list(Step):
        return Step(key), "", ""
    return Step(str(all_rows(Catalogue.STEPS)[key].values["like"])), "", key


def _at(told: Mapping[str, Any], before: Entry | None) -> datetime:
    known = before.at.astimezone(VIETNAM) if before is not None else None
    day = date.fromisoformat(told["on"]) if told.get("on") or known is None else known.date()
    clock = known.time() if known is not None and "clock" not in told else time()
    if told.get("clock"):
        clock = _clock(str(told["clock"]))
    return datetime.combine(day, clock, VIETNAM)


def _clock(text: str) -> time:
    """`08:30`, `8h30`, or the part of a day that Excel makes of a time."""
    try:
        if ":" in text or "h" in text:
            hour, _, minute = text.replace("h", ":").partition(":")
            return time(int(hour), int(minute.partition(":")[0] or 0))
        minutes = round(float(text.replace(",", ".")) * _DAY_MINUTES)
        return time(minutes // 60, minutes % 60)
    except ValueError:
        raise ClockUnreadable("diary") from None
