"""The formats of a feed: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1, and the plain list in JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree

from services.recall.domain.case import Case
from services.recall.domain.terms import State
from services.recall.pages import labels
from services.recall.store.corrections import Corrected
from shared.web.filters import show_datetime
from shared.web.i18n import N_, language_of, language_tag, translate

ATOM: Final = "http://www.w3.org/2005/Atom"
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"
PATH: Final = "/recalls"
# The feed is part of what the system says; its words are those of the pages.
TITLE: Final = N_("Thu hồi và cảnh báo")
AUTHOR: Final = N_("Hệ thống truy xuất nguồn gốc thực phẩm tỉnh Quảng Ninh")
# What became of a case stands before its title, so that readers of a feed see it as news.
_ENDED: Final = {
    State.LIFTED: N_("Đã dỡ bỏ: {title}"),
    State.CLOSED: N_("Đã kết thúc: {title}"),
}
_CORRECTED: Final = N_("Đã đính chính: {title}")


@dataclass(frozen=True, slots=True)
class Feed:
    """What is told: the cases, the latest changed first, and the feed's own address; `corrected`
    is the last correction of each case that was corrected."""

    cases: Sequence[Case]
    total: int
    origin: str
    address: str
    corrected: Mapping[str, Corrected] = field(default_factory=dict)

    @property
    def changed_at(self) -> datetime | None:
        return max((case.changed_at for case in self.cases), default=None)

    def url(self, case: Case) -> str:
        return f"{self.origin}{PATH}/{case.id}"


def plain(feed: Feed) -> bytes:
    body = {"total": feed.total, "items": [_item(case, feed) for case in feed.cases]}
    return json.dumps(body, ensure_ascii=False).encode()


def json_feed(feed: Feed) -> bytes:
    """`_txng` holds what JSON Feed has no field for."""
    items = []
    for case in feed.cases:
        items.append(
            {
                "id": f"urn:uuid:{case.id}",
                "url": feed.url(case),
                "title": _title(case),
                "content_text": _said(case, feed),
                "date_published": _published(case).isoformat(),
                "date_modified": case.changed_at.isoformat(),
                "authors": [{"name": case.authority}],
                "tags": [str(case.kind), str(case.state), str(case.level)],
                "_txng": {
                    "kind": case.kind,
                    "state": case.state,
                    "active": case.is_standing,
                    "corrected_at": _when(case.corrected_at),
                },
            }
        )
    body = {
        "version": JSON_FEED,
        "title": translate(TITLE),
        "home_page_url": f"{feed.origin}{PATH}",
        "feed_url": feed.address,
        "language": language_tag(language_of()),
        "authors": [{"name": translate(AUTHOR)}],
        "items": items,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def atom(feed: Feed) -> bytes:
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language_tag(language_of())})
    _add(root, "title", translate(TITLE))
    _add(root, "id", f"{feed.origin}{PATH}")
    _add(ElementTree.SubElement(root, "author"), "name", translate(AUTHOR))
    newest = feed.changed_at
    _add(root, "updated", newest.isoformat() if newest else "1970-01-01T00:00:00Z")
    ElementTree.SubElement(root, "link", {"rel": "self", "href": feed.address})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": f"{feed.origin}{PATH}"})
    for case in feed.cases:
        entry = ElementTree.SubElement(root, "entry")
        _add(entry, "id", f"urn:uuid:{case.id}")
        _add(entry, "title", _title(case))
        _add(entry, "updated", case.changed_at.isoformat())
        _add(entry, "published", _published(case).isoformat())
        ElementTree.SubElement(entry, "link", {"href": feed.url(case)})
        ElementTree.SubElement(entry, "category", {"term": case.kind})
        ElementTree.SubElement(entry, "category", {"term": case.state})
        level = {"term": case.level, "label": translate(labels.LEVELS[case.level])}
        ElementTree.SubElement(entry, "category", level)
        _add(entry, "summary", _said(case, feed))
    return _written(root)


def rss(feed: Feed) -> bytes:
    """An item's pubDate stays that of the order; `atom:updated` says when it last changed."""
    root = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = ElementTree.SubElement(root, "channel")
    _add(channel, "title", translate(TITLE))
    _add(channel, "link", f"{feed.origin}{PATH}")
    _add(channel, "description", translate(AUTHOR))
    _add(channel, "language", language_tag(language_of()))
    if newest := feed.changed_at:
        _add(channel, "lastBuildDate", format_datetime(newest))
    here = {"rel": "self", "type": "application/rss+xml", "href": feed.address}
    ElementTree.SubElement(channel, "atom:link", here)
    for case in feed.cases:
        item = ElementTree.SubElement(channel, "item")
        _add(item, "title", _title(case))
        _add(item, "link", feed.url(case))
        _add(item, "description", _said(case, feed))
        _add(item, "category", str(case.kind))
        _add(item, "category", str(case.state))
        ElementTree.SubElement(item, "guid", {"isPermaLink": "false"}).text = f"urn:uuid:{case.id}"
        _add(item, "pubDate", format_datetime(_published(case)))
        _add(item, "atom:updated", case.changed_at.isoformat())
    return _written(root)


def _item(case: Case, feed: Feed) -> dict[str, object]:
    return {
        "id": case.id,
        "url": feed.url(case),
        "kind": case.kind,
        "level": case.level,
        "reason_key": case.reason_key,
        "state": case.state,
        "active": case.is_standing,
        **asdict(case.wording),
        "authority": case.authority,
        "ordered_at": _when(case.ordered_at),
        "changed_at": case.changed_at.isoformat(),
        "corrected_at": _when(case.corrected_at),
        "corrections": case.revision,
        "correction": _correction(feed.corrected.get(case.id)),
        "lots": case.lot_count,
    }


def _correction(one: Corrected | None) -> dict[str, object] | None:
    """The last one: what changed and why; all of them stand on the case's page."""
    if one is None:
        return None
    return {"at": one.at.isoformat(), "why": one.why, "changed": list(one.changed)}


def _title(case: Case) -> str:
    title = labels.in_language(case.wording)["title"]
    became = _ENDED.get(case.state) or (_CORRECTED if case.corrected_at else None)
    return translate(became, title=title) if became is not None else title


def _said(case: Case, feed: Feed) -> str:
    words = labels.in_language(case.wording)
    told = [words["reason"], words["instruction"]]
    if one := feed.corrected.get(case.id):
        at = show_datetime(one.at)
        told.append(translate(N_("Đính chính lúc {at}: {why}"), at=at, why=one.why))
    return "\n\n".join(told)


def _when(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _published(case: Case) -> datetime:
    return case.ordered_at or case.changed_at


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _written(root: ElementTree.Element) -> bytes:
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
