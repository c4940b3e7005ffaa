"""The transparency log, open to everybody: checkpoint, entries, proofs, what it says of a stamp.

Hashes are base64. `services/stamps/log/verify.py` is a program that checks all of this.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from services.stamps import keys
from services.stamps.log import checkpoints, reading, sequencing
from services.stamps.log.reading import Proof
from services.stamps.store.log import Entry
from shared.stampcode import MAX_TYPED

router = APIRouter(prefix="/log", tags=["log"])

MOST_ENTRIES = 200
# Numbers of entries stay below what JavaScript counts exactly.
Number = Annotated[int, Query(ge=0, le=2**53 - 1)]
Positive = Annotated[int, Query(ge=1, le=2**53 - 1)]
Size = Annotated[int | None, Query(ge=1, le=2**53 - 1)]
Code = Annotated[str, Path(min_length=1, max_length=MAX_TYPED)]
# Anybody's program may read this, in a browser too; a checkpoint is renewed three times a minute.
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=5"}


class OpenedView(BaseModel):
    """SHA-256 over `salt` (hex) and `text` is the leaf's `words`; `text` is JSON."""

    salt: str
    text: str


class EntryView(BaseModel):
    """`leaf` is the line whose UTF-8 is hashed; `logged_at` when it came into the log.

    `opened` are the public words it vouches for; null where there are none or they were erased.
    """

    index: int
    leaf: str
    logged_at: str
    opened: OpenedView | None


class EntriesView(BaseModel):
    """Entries in order; `size` is how many the newest checkpoint covers."""

    size: int
    entries: list[EntryView]


class ProofView(BaseModel):
    """The hashes of RFC 9162's proof, from the leaf upwards, against the tree of `size` entries."""

    size: int
    path: list[str]


class ProvenEntryView(EntryView):
    """`path` proves the entry against the tree of the answer's `size`."""

    path: list[str]


class StampView(BaseModel):
    """What the log says of one stamp. `checkpoint` is the newest one; the paths hold for `size`.

    `more`: there are older entries of it than these.
    """

    batch: int
    serial: int
    size: int
    checkpoint: str
    entries: list[ProvenEntryView]
    more: bool


@router.get("/checkpoint", response_class=PlainTextResponse)
async def get_checkpoint(request: Request) -> Response:
    """The newest signed checkpoint (C2SP tlog-checkpoint), renewed at least once a minute."""
    checkpoint = await reading.newest(request.app.state.db)
    return PlainTextResponse(checkpoint.note, headers=OPEN)


@router.get("/key", response_class=PlainTextResponse)
async def get_key(request: Request) -> Response:
    """The key that checkpoints are signed with, as C2SP signed-note writes it."""
    settings = request.app.state.settings
    key = checkpoints.key_of(settings.secrets_dir)
    text = checkpoints.verifier_key(key, sequencing.origin_of(settings))
    return PlainTextResponse(f"{text}\n", headers=OPEN)


@router.get("/entries")
async def list_entries(
    request: Request,
    response: Response,
    start: Number = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
) -> EntriesView:
    """Entries from `start` on, oldest first, as far as the newest checkpoint covers them."""
    found, checkpoint = await reading.entries(request.app.state.db, start, limit)
    response.headers.update(OPEN)
    return EntriesView(
        size=checkpoint.size, entries=[EntryView(**_entry_fields(one)) for one in found]
    )


@router.get("/proofs/inclusion")
async def prove_inclusion(
    request: Request, response: Response, index: Number, size: Size = None
) -> ProofView:
    """That entry `index` is in the tree of `size` entries (RFC 9162, 2.1.3)."""
    response.headers.update(OPEN)
    return _proof(await reading.inclusion(request.app.state.db, index, size))


@router.get("/proofs/consistency")
async def prove_consistency(
    request: Request, response: Response, first: Positive, second: Size = None
) -> ProofView:
    """That the tree of `second` entries begins with that of `first` (RFC 9162, 2.1.4)."""
    response.headers.update(OPEN)
    return _proof(await reading.consistency(request.app.state.db, first, second))


@router.get("/stamps/{code}")
async def get_stamp(request: Request, code: Code, size: Size = None) -> StampView:
    """Every entry that touches the stamp of this code, each with its proof. Not kept by caches."""
    state = request.app.state
    found = await reading.of_stamp(state.db, keys.keyring(state.settings), code, size)
    return StampView(
        batch=found.batch,
        serial=found.serial,
        size=found.size,
        checkpoint=found.checkpoint.note,
        entries=[
            ProvenEntryView(**_entry_fields(one.entry), path=_texts(one.path)) for one in found.told
        ],
        more=found.more,
    )


def _entry_fields(entry: Entry) -> dict[str, object]:
    opened = entry.opened
    return {
        "index": entry.number,
        "leaf": entry.line,
        "logged_at": f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
        "opened": {"salt": opened.salt, "text": opened.text} if opened else None,
    }


def _proof(found: Proof) -> ProofView:
    return ProofView(size=found.size, path=_texts(found.path))


def _texts(path: list[bytes]) -> list[str]:
    return [checkpoints.as_base64(one) for one in path]
