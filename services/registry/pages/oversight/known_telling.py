"""A known facility told field by field: on its page, and of two what differs."""

from services.registry import telling
from services.registry.domain.known import SHARED, Particulars
from services.registry.telling import Change, Told
from shared.web.i18n import N_, translate


def told(it: Particulars) -> list[Told]:
    """The fields that the list holds, in the order of a facility's page."""
    rows = [one for one in telling.told(it.as_facility(), {}) if one.field in SHARED]
    return [*rows, Told("source", translate(N_("Biết từ đâu")), it.source)]


def differences(stored: Particulars, typed: Particulars) -> list[Change]:
    """The fields in which what is stored and what was typed differ."""
    pairs = zip(told(stored), told(typed), strict=True)
    return [
        Change(mine.field, mine.label, now.text, mine.text)
        for now, mine in pairs
        if now.text != mine.text
    ]
