"""Links of the ledger as people read them: who, from where, did what, to what, and why not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.reporting.addresses import kind_at, shown_at
from services.reporting.codes import event_label, refusal_label
from services.reporting.labels import act_label
from services.reporting.store import statistics, worklist
from services.reporting.store.reads import ACTION
from shared.auth import Principal
from shared.mongo import Database
from shared.web.filters import show_datetime
from shared.web.i18n import N_, Catalogues, catalogues, fill, language_of, translate

# What an act is done to → where its name is kept, the page that shows it, and who may open that.
OBJECTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "account": ("people", "/console/identity/accounts/{}", "account.read"),
    "application": ("applications", "/console/identity/applications/{}", "application.read"),
    "facility": ("facilities", "/console/registry/facilities/{}", "facility.read"),
    "growing_area": ("", "/console/registry/growing-areas/{}", "facility.read"),
    "inspection": ("", "/console/registry/inspections/{}", "inspection.read"),
    "lot": ("lots", "/console/registry/lots/{}", "lot.read"),
    "product": ("products", "/console/registry/products/{}", "product.read"),
    "recall": ("", "/console/recall/{}", "recall.read"),
    "shipment": ("", "/console/registry/shipments/{}", "lot.read"),
    "unit": ("units", "/console/identity/units/{}", "unit.read"),
}
# Acts whose subject is another thing than their first word says.
OTHER_THINGS: Final = frozenset({"lot.collect", "lot.test", "inspection.record", "recall.preview"})
MANY: Final = N_("Nhiều nơi")
# An application has no name here, for whoever sent it is a person: it is told by what it asks for.
APPLIED: Final = {
    "new": N_("Đăng ký mới, nộp {at}"),
    "reissue": N_("Đăng ký cấp lại, nộp {at}"),
}
NAMED: Final = ("facilities", "lots", "people", "products", "units")


@dataclass(frozen=True, slots=True)
class Read:
    """`accepted` is None of an event that is no act; `object` is a name where one is known, else
    the id; `href` is "" where there is no page, or none that the reader may open; `address` is what
    a read asked for. Of reads that were accepted (ADR 18): `since` is the first of `times`,
    `records` how many records they opened (`more`: at least), `own` those of one's own facility.
    `shown`: the address in words, "" where there are none.
    """

    seq: int
    at: datetime | None
    who: str
    place: str
    act: str
    accepted: bool | None
    refusal: str
    reason: str
    times: int
    object: str
    href: str
    address: str = ""
    trace_id: str = ""
    since: datetime | None = None
    records: int = 0
    more: bool = False
    own: bool = False
    shown: str = ""


async def read(
    db: Database,
    who: Principal,
    rows: Sequence[Mapping[str, Any]],
    *,
    unnamed: frozenset[str] = frozenset(),
) -> list[Read]:
    """The links in words of the reader's language; what is `unnamed` is told by its id alone."""
    names = await _names(db, rows)
    return [_read(who, row, names, unnamed) for row in rows]


async def _names(db: Database, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    wanted = {str(row.get("subject", "")) for row in rows}
    for act in (row["act"] for row in rows if row.get("act")):
        wanted.add(act.get("unit_id", ""))
    wanted |= {_facility(_data(row)) for row in rows if row.get("act")}
    ids = sorted(wanted - {"", "-"})
    names = {kept: await statistics.names(db, kept, ids) for kept in NAMED}
    names["applications"] = await applied(db, ids)
    return names


async def applied(db: Database, ids: Sequence[str]) -> dict[str, str]:
    """Applications by id, in words of the reader's language."""
    return {
        one: translate(APPLIED[wish], at=show_datetime(at))
        for one, (wish, at) in (await worklist.submitted(db, ids)).items()
        if wish in APPLIED
    }


def _read(
    who: Principal,
    row: Mapping[str, Any],
    names: Mapping[str, Mapping[str, str]],
    unnamed: frozenset[str],
) -> Read:
    subject = str(row.get("subject", ""))
    act = row.get("act")
    if not act:
        told = event_label(row["type"])
        return Read(row["_id"], row.get("at"), "", "", told, None, "", "", 1, subject, "")
    data = _data(row)
    facts = data.get("facts", {})
    accepted = act["outcome"] == "accepted"
    opened = accepted and act["action"] == ACTION
    hidden = subject in unnamed
    asked = facts.get("address", "")
    named, href = (
        (subject, "") if hidden else _object(who, _kind(act["action"], asked), subject, names)
    )
    return Read(
        seq=row["_id"],
        at=row.get("at"),
        who=act["who"],
        place=names["facilities"].get(_facility(data))
        or names["units"].get(act.get("unit_id", ""), ""),
        act=act_label(act["action"]),
        accepted=accepted,
        refusal="" if accepted else refusal_told(row["source"], act["outcome"], data),
        reason=act.get("reason", ""),
        times=int(facts.get("times", 1)),
        object=named,
        href=href,
        address=_address(asked) if opened or not accepted else "",
        trace_id=data.get("trace_id", ""),
        since=datetime.fromisoformat(facts["from"]) if opened and "from" in facts else None,
        records=len(data.get("records", ())),
        more="more" in facts,
        own="own" in facts,
        shown=shown_at(asked),
    )


def _data(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.get("body") or "{}").get("data", {})
    return found


def _facility(data: Mapping[str, Any]) -> str:
    """Of who acted."""
    return data.get("actor", {}).get("facility_id") or ""


def refusal_told(source: str, code: str, data: Mapping[str, Any]) -> str:
    """What who acted was told, in the reader's language; of older links what the code suggests.

    The words are in the catalogues of the service that refused.
    """
    said = data.get("said", "")
    if not said:
        return refusal_label(code)
    return _spoken_words(catalogues(source), said, data)


def _spoken_words(texts: Catalogues, said: str, data: Mapping[str, Any]) -> str:
    """The words with what they name, in the reader's language: also where that is words itself.

    Links from before `phrases` were kept have these in Vietnamese only.
    """
    facts = dict(data.get("facts", {}))
    for name, inner in data.get("phrases", {}).items():
        facts[name] = _spoken_words(texts, inner["said"], inner)
    return fill(texts.text(said, language_of(), facts.get("count")), facts)


def _kind(action: str, address: str) -> str:
    """What an act is done to, as OBJECTS names it; of a read its address says so."""
    if action == ACTION:
        return kind_at(address)
    other = any(action.startswith(one) for one in OTHER_THINGS)
    return "" if other else action.partition(".")[0]


def _object(
    who: Principal, what: str, subject: str, names: Mapping[str, Mapping[str, str]]
) -> tuple[str, str]:
    """Its name and page."""
    # A list that was taken away is told as an act on the unit or facility whose list it was.
    if subject in names["facilities"]:
        what = "facility"
    elif what != "unit" and subject in names["units"]:
        what = ""
    kept, page, right = OBJECTS.get(what, ("", "", ""))
    name = names.get(kept, {}).get(subject) or _first(names, subject)
    known = subject not in ("", "-", "*") and bool(page) and who.may(right)
    return name or _spoken(subject), page.format(subject) if known else ""


def _first(names: Mapping[str, Mapping[str, str]], subject: str) -> str:
    found: Iterable[str] = (of[subject] for of in names.values() if subject in of)
    return next(iter(found), "")


def _address(template: str) -> str:
    return translate(MANY) if template == "*" else template


def _spoken(subject: str) -> str:
    if subject == "*":
        return translate(MANY)
    return "" if subject == "-" else subject
