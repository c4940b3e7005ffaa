"""The parts of a case's page that belong to one line of work each, such as carrying it out.

Each is a module of its own: it reads what it shows and brings its template.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.recall.domain.case import Case
from services.recall.pages import (
    complaints_section,
    correction_section,
    deadlines_section,
    decision,
    recovery_section,
    requests,
    suspicions_section,
    target_section,
    told_section,
    violations,
)
from shared.auth import Principal
from shared.mongo import Database
from shared.web.i18n import N_, translate


@dataclass(frozen=True, slots=True)
class Section:
    """`load` answers what the template finds as `section`, or None where there is nothing to show
    to this person. Those with `first` stand above the notice's words: they ask for an act now.
    `heading` is what the page's contents say of it, which leave out what has none."""

    template: str
    load: Callable[[Database, Principal, Case], Awaitable[dict[str, Any] | None]]
    first: bool = False
    heading: str | Callable[[dict[str, Any]], str] = ""


def _recovery(given: dict[str, Any]) -> str:
    return N_("Thực hiện thu hồi") if given["goods"] else N_("Ai đã nhận thông báo")


SECTIONS: Sequence[Section] = (
    # What a facility is asked first, on a telephone above all else.
    Section("acknowledge_section.html", recovery_section.load_asking, first=True),
    Section("deadlines_section.html", deadlines_section.running, True, N_("Thời hạn")),
    Section("requests_section.html", requests.load, first=True),
    Section("decision_section.html", decision.load, heading=N_("Văn bản quyết định")),
    Section("target_section.html", target_section.load, heading=N_("Đối tượng của vụ việc")),
    Section("recovery_section.html", recovery_section.load, heading=_recovery),
    Section(told_section.TEMPLATE, told_section.load, heading=N_("Đã báo cho ai")),
    Section(
        "complaints_section.html",
        complaints_section.section,
        heading=N_("Phản ánh của người dùng"),
    ),
    Section(
        "suspicions_section.html",
        suspicions_section.section,
        heading=N_("Nghi ngờ dẫn tới vụ việc"),
    ),
    Section("deadlines_over_section.html", deadlines_section.over, heading=N_("Thời hạn đã xong")),
    Section("correction_first.html", correction_section.waiting, first=True),
    Section("correction_section.html", correction_section.made, heading=N_("Đính chính")),
    Section("violations_section.html", violations.section, heading=N_("Báo cáo vi phạm")),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """`heading`: in the language that is spoken, or "" where the page's contents leave it out."""

    template: str
    given: dict[str, Any]
    first: bool
    heading: str

    @property
    def anchor(self) -> str:
        return self.template.removesuffix(".html").replace("_", "-")


async def shown(db: Database, who: Principal, case: Case) -> list[Shown]:
    """What this person sees of the case besides its own page."""
    found = []
    for section in SECTIONS:
        given = await section.load(db, who, case)
        if given is not None:
            name = section.heading if isinstance(section.heading, str) else section.heading(given)
            heading = translate(name) if name else ""
            found.append(Shown(section.template, given, section.first, heading))
    return found
