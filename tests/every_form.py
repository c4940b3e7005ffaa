"""Every form of a service, found as a person finds it and sent as nobody should send it.

Each form is sent empty, filled with rubbish, from a version that another editor has overtaken, and
after the session has ended. What comes back must be a page that says what is wrong and holds
everything that was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from tests.form_pages import Entry, Found, Reading, Walk

# A mark that turns the direction of writing: no text of ours may hold it, so no field takes it.
RUBBISH: Final = "r\u202eác"
OVERTAKEN: Final = "999999"


@dataclass
class Sender:
    """Sends one form in one browser, and collects what is wrong with the answers."""

    browser: httpx2.AsyncClient
    form: Found
    origin: str

    async def send(self, pairs: Sequence[tuple[str, str]]) -> httpx2.Response:
        data: dict[str, Any] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        # Without a file the form would not go as the browser sends it, in parts.
        files = {"": ("", b"")} if self.form.multipart else None
        return await self.browser.post(
            self.form.action, data=data, files=files, headers={"Origin": self.origin}
        )

    async def empty(self) -> list[str]:
        """Everything left blank."""
        if not any(one.required for one in self.form.visible):
            return []
        blank = [(one.name, "") for one in self.form.visible if one.typed or one.kind == "select"]
        return self.judged("empty", await self.send([*self.form.hidden(), *blank]), {})

    async def rubbish(self) -> list[str]:
        """Rubbish in every text, the last choice of every list: only the texts are to be mended."""
        texts = [one for one in self.form.visible if one.typed]
        pairs: dict[str, list[str]] = {}
        for one in self.form.visible:
            if one.typed:
                pairs.setdefault(one.name, []).append(f"{RUBBISH} {one.name}")
            elif one.kind in ("select", "radio", "checkbox") and one.options:
                last = one.options[-1] if texts else RUBBISH
                if one.kind == "checkbox" and texts:
                    pairs.setdefault(one.name, []).append(last)
                else:
                    pairs[one.name] = [last]
        sent = [(name, value) for name, values in pairs.items() for value in values]
        kept = pairs if texts else {}
        return self.judged("rubbish", await self.send([*self.form.hidden(), *sent]), kept)

    async def mangled(self) -> list[str]:
        """Rubbish where nobody can type: a page says no, whatever it was."""
        hidden = [(n, v if n == "csrf" else RUBBISH) for n, v in self.form.hidden()]
        if len(hidden) == 1:
            return []  # A button without anything that could be mangled: it would only be pressed.
        return self._page("mangled", await self.send(hidden))

    async def overtaken(self) -> list[str]:
        """Right as it stands, but another has saved meanwhile: nothing is lost, it can go again."""
        version = next((v for n, v in self.form.hidden() if n == "version"), "0")
        if version in ("", "0") or not self.form.visible:
            return []
        pairs = [(n, OVERTAKEN if n == "version" else v) for n, v in self.form.hidden()]
        kept: dict[str, list[str]] = {}
        changed = self._prose()
        for one in self.form.visible:
            value = one.value
            if one is changed or (one.required and one.typed and not value):
                value = f"{value or ''} Thử hai người cùng sửa".strip()
            if one.kind not in ("file", "password") and value:
                kept.setdefault(one.name, []).append(value)
        pairs += [(name, value) for name, values in kept.items() for value in values]
        answer = await self.send(pairs)
        wrong = self.judged("overtaken", answer, kept)
        if answer.status_code == 409:
            again = self._again(Reading(self.form.page, answer.text))
            if again is not None and dict(again.hidden()).get("version") != version:
                wrong.append(self._said("overtaken", "cannot be sent again: the version is stale"))
        return wrong

    def _prose(self) -> Entry | None:
        """An input that holds words, so that more words are right in it too."""
        areas = [one for one in self.form.visible if one.kind == "area"]
        words = [
            one for one in self.form.visible if one.kind == "text" and " " in (one.value or "")
        ]
        return next(iter(areas or words), None)

    async def signed_out(self, stranger: httpx2.AsyncClient) -> list[str]:
        """The session is over: the form is sent on, as it stands, to be kept over the sign-in."""
        stranger.cookies.clear()
        answer = await replace(self, browser=stranger).send(self.form.hidden())
        if answer.status_code != 307 or not answer.headers["location"].startswith("/session/"):
            return [self._said("signed out", f"answers {answer.status_code}")]
        return []

    def judged(self, how: str, answer: httpx2.Response, kept: Mapping[str, list[str]]) -> list[str]:
        wrong = self._page(how, answer)
        if wrong:
            return wrong
        read = Reading(self.form.page, answer.text)
        if not read.summaries:
            wrong.append(self._said(how, "no list of errors"))
        for link in read.told:
            if link.startswith("#") and link[1:] not in read.ids:
                wrong.append(self._said(how, f"the list of errors leads nowhere: {link}"))
        for one in sorted({one for one in read.ids if read.ids.count(one) > 1}):
            wrong.append(self._said(how, f"two things are called {one}"))
        again = self._again(read)
        if again is None:
            return [*wrong, self._said(how, "the form is gone")]
        for name, values in kept.items():
            shown = [one.value for one in again.entries if one.name == name]
            if missing := [value for value in values if value not in shown]:
                wrong.append(self._said(how, f"lost in {name}: {missing}, there is {shown}"))
        return wrong

    def _again(self, read: Reading) -> Found | None:
        """The same form on the page that came back."""
        path = urlsplit(self.form.action).path
        names = {one.name for one in self.form.visible}
        return next(
            (
                form
                for form in read.forms
                if urlsplit(form.action).path == path
                and names <= {one.name for one in form.entries}
            ),
            None,
        )

    def _page(self, how: str, answer: httpx2.Response) -> list[str]:
        wrong = []
        if not 400 <= answer.status_code < 500:
            wrong.append(self._said(how, f"answers {answer.status_code}"))
        elif "html" not in answer.headers.get("content-type", ""):
            wrong.append(self._said(how, "is answered by no page"))
        return wrong

    def _said(self, how: str, what: str) -> str:
        return f"{self.form.action} (on {self.form.page}), {how}: {what}"


async def complaints(
    walk: Walk,
    browsers: Mapping[str, httpx2.AsyncClient],
    stranger: httpx2.AsyncClient,
    origin: str,
) -> list[str]:
    """Everything that is wrong with the answers, worded for whoever mends it."""
    wrong: list[str] = []
    for who, form in walk.values():
        sender = Sender(browsers[who], form, origin)
        if form.visible:
            wrong += [*await sender.empty(), *await sender.rubbish(), *await sender.overtaken()]
        else:
            wrong += await sender.mangled()
        if form.action.startswith(("/console", "/account")):
            wrong += await sender.signed_out(stranger)
    return wrong
