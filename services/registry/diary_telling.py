"""What an entry of a diary tells, in words of the page."""

from services.registry.domain.diary import Entry
from services.registry.naming import amount
from services.registry.stages import is_regrouped, titles
from shared.web.filters import show_datetime
from shared.web.i18n import N_, translate, worded


def entry_title(entry: Entry) -> str:
    return worded(*titles(entry))


def entry_line(entry: Entry) -> str:
    """One diary entry in one line."""
    about = [f"{show_datetime(entry.at)} · {entry_title(entry)}", entry.place, *entry_facts(entry)]
    return " · ".join(about)


def entry_facts(entry: Entry) -> list[str]:
    """What was written down at an entry beside time, step and place."""
    days = entry.withdrawal_days
    found = [
        entry.name,
        entry.active_substance,
        entry.dose,
        translate(N_("cách ly {count} ngày"), count=days) if days is not None else "",
        entry.material,
        "" if is_regrouped(entry) else entry.method,  # Its title says that already.
        entry.source,
        entry.vehicle,
        translate(N_("đến {place}"), place=entry.destination) if entry.destination else "",
        amount(entry.quantity, entry.unit) if entry.quantity else "",
        translate(N_("mã nơi {code}"), code=entry.place_code) if entry.place_code else "",
        translate(N_("số lô {number}"), number=entry.lot_number) if entry.lot_number else "",
        translate(N_("{count} ảnh"), count=len(entry.photos)) if entry.photos else "",
        translate(N_("{count} ảnh nhãn"), count=len(entry.labels)) if entry.labels else "",
        entry.note,
    ]
    return [text for text in found if text]
