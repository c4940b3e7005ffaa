"""Pages as a browser reads them: links, forms, the list of errors; and a walk over them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx2
from fastapi import FastAPI

from shared.web.routes import all_routes, is_api

# Looked at of each kind of address that links lead to; a page's forms hardly differ from one
# object to the next, and where they do, the object is named to begin with.
MOST: Final = 1
# The forms of a diary differ by the step that the address names.
MOST_STEPS: Final = 14
TEXTS: Final = ("text", "search", "tel", "email", "url", "date", "time", "datetime-local", "area")


@dataclass(frozen=True)
class Entry:
    """An input as it is served; `value` is what would be sent, None for an unmarked box."""

    name: str
    kind: str
    value: str | None = None
    options: tuple[str, ...] = ()
    required: bool = False

    @property
    def typed(self) -> bool:
        return self.kind in TEXTS


@dataclass
class Found:
    """A form that is posted to `action`, on the page at `page`."""

    page: str
    action: str
    entries: list[Entry] = field(default_factory=list)
    multipart: bool = False

    @property
    def visible(self) -> list[Entry]:
        """What a person fills in; the trap for machines is no such input."""
        unseen = ("hidden", "submit")
        return [one for one in self.entries if one.kind not in unseen and one.name != "website"]

    def hidden(self) -> list[tuple[str, str]]:
        """What is sent along unasked, and what the first button says, which Enter presses."""
        told = [(one.name, one.value or "") for one in self.entries if one.kind == "hidden"]
        buttons = [(one.name, one.value or "") for one in self.entries if one.kind == "submit"]
        return [*told, *((name, value) for name, value in buttons[:1] if name)]


class Reading(HTMLParser):
    """A page read as a browser reads it: its links, forms, ids, and the list of errors."""

    def __init__(self, page: str, html: str) -> None:
        super().__init__()
        self.page = page
        self.links: list[str] = []
        self.forms: list[Found] = []
        self.ids: list[str] = []
        self.summaries = 0
        self.told: list[str] = []
        self._form: Found | None = None
        self._select: dict[str, Any] | None = None
        self._area: dict[str, Any] | None = None
        self._in_summary = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if self._in_summary:
            self._in_summary += tag == "div"
        elif "errors" in given.get("class", "").split():
            self.summaries += 1
            self._in_summary = 1
        if tag == "a" and "href" in given:
            (self.told if self._in_summary else self.links).append(given["href"])
        elif tag == "form" and given.get("method", "").lower() == "post":
            action = urljoin(self.page, given.get("action") or self.page)
            multipart = given.get("enctype") == "multipart/form-data"
            self._form = Found(self.page, action, multipart=multipart)
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "select", "textarea", "button", "option"):
            self._entry(tag, given)

    def _entry(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name, required = given.get("name", ""), "required" in given
        if tag == "option" and self._select is not None:
            self._select["options"].append(given.get("value", ""))
            if "selected" in given:
                self._select["value"] = given.get("value", "")
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._form.entries.append(Entry(name, "submit", given.get("value", "")))
        elif not name or tag == "button":
            return
        elif tag == "select":
            self._select = {"name": name, "required": required, "options": [], "value": None}
        elif tag == "textarea":
            self._area = {"name": name, "required": required, "text": ""}
        else:
            kind = given.get("type", "text")
            value: str | None = given.get("value", "")
            if kind in ("radio", "checkbox"):
                options = (given.get("value", "on"),)
                value = options[0] if "checked" in given else None
                self._form.entries.append(Entry(name, kind, value, options, required))
            else:
                self._form.entries.append(Entry(name, kind, value, (), required))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area["text"] += data

    def handle_endtag(self, tag: str) -> None:
        if self._in_summary:
            self._in_summary -= tag == "div"
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None and self._form is not None:
            made = self._select
            value = made["value"] if made["value"] is not None else (made["options"] or [""])[0]
            options = tuple(made["options"])
            self._form.entries.append(
                Entry(made["name"], "select", value, options, made["required"])
            )
            self._select = None
        elif tag == "textarea" and self._area is not None and self._form is not None:
            area = self._area
            # A browser leaves out the line break after the opening tag.
            text = area["text"].removeprefix("\n")
            self._form.entries.append(Entry(area["name"], "area", text, (), area["required"]))
            self._area = None


def template_at(app: FastAPI, method: str, path: str) -> str:
    """The route's template that answers this; "" for what is another service's or no page."""
    for route in all_routes(app):
        pattern, methods = getattr(route, "path_regex", None), getattr(route, "methods", None) or ()
        if pattern is not None and method in methods and pattern.match(path):
            return str(route.path_format)
    return ""


def posted_to(app: FastAPI) -> set[str]:
    """The templates of all pages' forms."""
    return {
        route.path_format
        for route in all_routes(app)
        if "POST" in (getattr(route, "methods", None) or ()) and not is_api(route.path_format)
    }


# Each kind of form, its route's template first, with the name of a browser that is shown it.
Walk = dict[tuple[str, ...], tuple[str, Found]]


async def walked(
    app: FastAPI,
    browsers: Mapping[str, httpx2.AsyncClient],
    seeds: Sequence[str],
    *,
    most: int = MOST,
    elsewhere: Sequence[str] = (),
) -> Walk:
    """These pages and those that links lead to from them, as each of these people sees them;
    without the forms that go to addresses `elsewhere`, which another service answers."""
    found: Walk = {}
    for who, browser in browsers.items():
        visits: dict[str, int] = {}
        seen: set[str] = set()
        waiting = list(seeds)
        while waiting:
            path = urldefrag(waiting.pop(0)).url
            template = template_at(app, "GET", urlsplit(path).path)
            enough = MOST_STEPS if "step=" in path else most
            known = path not in seeds and visits.get(template, 0) >= enough
            if path in seen or not template or is_api(path) or known:
                continue
            seen.add(path)
            answer = await browser.get(path)
            if answer.status_code != 200 or "html" not in answer.headers.get("content-type", ""):
                continue
            visits[template] = visits.get(template, 0) + 1
            read = Reading(path, answer.text)
            here = str(browser.base_url).rstrip("/")
            links = [link.removeprefix(here) for link in read.links]
            waiting += [urljoin(path, link) for link in links if not urlsplit(link).netloc]
            for form in read.forms:
                if urlsplit(form.action).path in elsewhere:
                    continue
                found.setdefault(_kind(app, form), (who, form))
    return found


def _kind(app: FastAPI, form: Found) -> tuple[str, ...]:
    """What makes a form another one: where it goes and what it asks."""
    path = urlsplit(form.action).path
    last = path.rpartition("/")[2]
    words = last if last.replace("-", "").isalpha() else ""
    names = sorted({one.name for one in form.entries})
    return (template_at(app, "POST", path), words, *names)
