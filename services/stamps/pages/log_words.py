"""Entries of the public log in words, for people; what was hashed stands beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup, escape

from services.stamps.log import leaves
from services.stamps.pages.words import CHANGES
from services.stamps.store import facts
from services.stamps.store.log import Entry
from shared.mongo import Database
from shared.web.environment import in_its_language, vietnamese
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

NOTICES: Final = {
    "recall": N_("Thu hồi sản phẩm"),
    "withdrawal": N_("Rút khỏi thị trường"),
    "warning": N_("Cảnh báo"),
}
ISSUED: Final = N_("{quantity} tem, số sê-ri 0–{last}, cho {facility}: {product}.")
HELD_BATCH: Final = N_("Tạm giữ lô tem {batch}")
HELD_FACILITY: Final = N_("Tạm giữ mọi tem của {facility}")
LIFTED: Final = N_("Dỡ bỏ: {kind}")
_ICONS: Final = {"suspend": "pause", "unsuspend": "play", "activate": "check", "revoke": "stop"}
_TONES: Final = {"activate": "good", "suspend": "caution", "lost": "bad", "revoke": "bad"}
_NOTICE_TONES: Final = {"recall": "bad", "withdrawal": "bad", "warning": "caution"}


@dataclass(frozen=True)
class Told:
    """An entry as a page's time line shows it; `time` is when the act was done."""

    number: int
    title: str | Markup
    text: str | Markup
    time: datetime
    icon: str
    tone: str
    href: str
    line: str


async def names_in(entries: Iterable[Entry], *, db: Database) -> dict[str, str]:
    """How people call the facilities, products and lots that these entries name alone."""
    wanted: dict[str, set[str]] = {"facilities": set(), "products": set(), "lots": set()}
    for entry in entries:
        for collection, field in (("facilities", "facility"), ("products", "product")):
            wanted[collection].update(filter(None, [entry.fact.get(field)]))
        if entry.fact.get("scope") == "facility":
            wanted["facilities"].add(entry.fact["target"])
        wanted["lots"].update(filter(None, [entry.fact.get("lot")]))
    found: dict[str, str] = {}
    for collection, ids in wanted.items():
        if ids:
            found |= await facts.names(db, collection, ids)
    return found


def told(entry: Entry, names: Mapping[str, str]) -> Told:
    """The entry in the reader's language."""
    fact = entry.fact
    words = {
        leaves.BATCH: _batch,
        leaves.CHANGE: _change,
        leaves.HOLD: _hold,
        leaves.NOTICE: _notice,
    }
    said = words[fact["kind"]](entry, fact, names)
    at = datetime.fromisoformat(fact["at"])
    return Told(number=entry.number, time=at, line=entry.line, **{"href": "", **said})


def _batch(_: Entry, fact: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": translate(N_("Cấp lô tem {batch}"), batch=show_number(fact["batch"])),
        "text": escape(translate(ISSUED)).format(
            quantity=show_number(fact["quantity"]),
            last=show_number(fact["quantity"] - 1),
            facility=vietnamese(names.get(fact["facility"], fact["facility"])),
            product=vietnamese(names.get(fact["product"], fact["product"])),
        ),
        "icon": "qr",
        "tone": "neutral",
    }


def _change(entry: Entry, fact: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    title = translate(
        N_("{change}: tem {first}–{last} của lô tem {batch}"),
        change=translate(CHANGES[fact["change"]]) if fact["change"] in CHANGES else fact["change"],
        first=show_number(fact["first"]),
        last=show_number(fact["last"]),
        batch=show_number(fact["batch"]),
    )
    text: str | Markup = ""
    if fact.get("lot"):
        text = translate(N_("Cho lô sản phẩm {lot}."), lot=names.get(fact["lot"], fact["lot"]))
    elif entry.opened is not None:
        text = _said(entry, "public_reason")
    return {
        "title": title,
        "text": text,
        "icon": _ICONS.get(fact["change"], "edit"),
        "tone": _TONES.get(fact["change"], "neutral"),
    }


def _hold(entry: Entry, fact: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    if fact["scope"] == "batch":
        held = escape(translate(HELD_BATCH)).format(batch=show_number(int(fact["target"])))
    else:
        facility = vietnamese(names.get(fact["target"], fact["target"]))
        held = escape(translate(HELD_FACILITY)).format(facility=facility)
    return {
        "title": held if fact["active"] else escape(translate(LIFTED)).format(kind=held),
        "text": _said(entry, "reason"),
        "icon": "lock" if fact["active"] else "check-circle",
        "tone": "caution" if fact["active"] else "good",
    }


def _said(entry: Entry, name: str) -> Markup:
    """Words of an entry, as the reader's language has them."""
    words = entry.opened.words if entry.opened is not None else {}
    return in_its_language(*(words.get(name + lang, "") for lang in ("", "_en", "_zh")))


def _notice(entry: Entry, fact: Mapping[str, Any], _: Mapping[str, str]) -> dict[str, Any]:
    kind = translate(NOTICES[fact["type"]]) if fact["type"] in NOTICES else fact["type"]
    words = entry.opened.words if entry.opened is not None else {}
    title = in_its_language(
        words.get("title", ""), words.get("title_en", ""), words.get("title_zh", "")
    )
    if not fact["active"]:
        kind = translate(LIFTED, kind=kind)
    return {
        "title": Markup("{} – {}").format(kind, title) if title else kind,
        "text": _said(entry, "reason"),
        "icon": "recall" if fact["active"] else "check-circle",
        "tone": _NOTICE_TONES.get(fact["type"], "caution") if fact["active"] else "good",
        "href": f"/recalls/{fact['case']}",
    }
