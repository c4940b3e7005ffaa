"""Reads posted forms strictly: broken UTF-8, floods of fields and malformed parts are refused."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from shared.web.refusals import MalformedBody

MAX_FIELDS = 2000
MAX_FILES = 20
MAX_TEXT_BYTES = 1_000_000

# Names of inputs whose text is kept nowhere and shown to nobody, not even for an hour.
_SECRETS = frozenset({"password", "old", "again", "setup_code", "proof_code"})

Value = str | UploadFile


def is_secret(name: str, path: str) -> bool:
    """Whether what was typed here, in a form sent to `path`, proves who somebody is."""
    # Elsewhere a code is that of a lot or a batch.
    return name in _SECRETS or (name == "code" and path.startswith(("/account", "/sign-in")))


@dataclass
class Submitted:
    """The name–value pairs as sent, in order, without what was taken out."""

    pairs: list[tuple[str, Value]] = field(default_factory=list)

    def take(self, name: str) -> str:
        """Removes a field from the form and returns its text, "" if it is not there."""
        found = [value for key, value in self.pairs if key == name]
        self.pairs = [(key, value) for key, value in self.pairs if key != name]
        return found[0] if len(found) == 1 and isinstance(found[0], str) else ""

    async def kept(self, file: str, instead: Mapping[str, str]) -> None:
        """A chosen file was taken in: these fields say as what, wherever the form goes on to."""
        gone = {file, *instead}
        for name, value in self.pairs:
            if name in gone and isinstance(value, UploadFile):
                await value.close()
        self.pairs = [pair for pair in self.pairs if pair[0] not in gone]
        self.pairs += instead.items()


@asynccontextmanager
async def receive_form(request: Request) -> AsyncIterator[Submitted]:
    """The form of this request, its temporary files closed afterwards; raises MalformedBody."""
    submitted = Submitted(await _pairs(request))
    request.state.submitted = submitted
    try:
        yield submitted
    finally:
        for _, value in submitted.pairs:
            if isinstance(value, UploadFile):
                await value.close()


async def _pairs(request: Request) -> list[tuple[str, Value]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request)
    if kind == "application/x-www-form-urlencoded":
        return await _urlencoded(request)
    if not await request.body():
        return []
    raise MalformedBody()


async def _urlencoded(request: Request) -> list[tuple[str, Value]]:
    body = await request.body()
    if not body:
        return []
    try:
        found = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:  # UnicodeDecodeError is one.
        raise MalformedBody() from error
    return list(found)


async def _multipart(request: Request) -> list[tuple[str, Value]]:
    try:
        parser = _StrictParser(
            request.headers,
            request.stream(),
            max_files=MAX_FILES,
            max_fields=MAX_FIELDS,
            max_part_size=MAX_TEXT_BYTES,
        )
        return (await parser.parse()).multi_items()
    except (MultiPartException, UnicodeDecodeError) as error:
        raise MalformedBody() from error


class _StrictParser(MultiPartParser):
    """UTF-8 whatever the request claims; Starlette itself would fall back to Latin-1."""

    def on_part_end(self) -> None:
        self._charset = "utf-8"
        if self._current_part.file is None:
            self._current_part.data.decode("utf-8")
        super().on_part_end()

    def on_headers_finished(self) -> None:
        self._charset = "utf-8"
        (self._current_part.content_disposition or b"").decode("utf-8")
        super().on_headers_finished()
