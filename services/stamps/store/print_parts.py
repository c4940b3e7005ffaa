"""The parts of print files as they are finished, and the file that they are (GridFS)."""

from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gridfs import AsyncGridFSBucket

from services.stamps.domain.printing import PrintJob
from services.stamps.printing.pdf import Fragment
from services.stamps.store.print_jobs import CHUNK, mine
from shared.contracts.event import Event
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


@dataclass(frozen=True, slots=True)
class Part:
    """A part that lies in the file `file_id`."""

    file_id: str
    fragment: Fragment


async def finished(db: Database, job: PrintJob, recipe: str) -> dict[int, Part]:
    """The parts that are there already, drawn by this recipe, by their numbers."""
    found: dict[int, Part] = {}
    wanted = {"_id": _of(job), "metadata.recipe": recipe}
    async for row in db.collection("prints.files").find(wanted):
        told = row["metadata"]
        offsets = array("Q")
        offsets.frombytes(told["offsets"])
        fragment = Fragment(int(row["length"]), offsets.tolist(), told["digest"])
        found[told["part"]] = Part(row["_id"], fragment)
    return found


async def keep(
    db: Database, job: PrintJob, recipe: str, number: int, path: Path, fragment: Fragment
) -> Part:
    """A part counts from the moment that its file is whole: GridFS writes that down last."""
    file_id = f"{job.id}/{number}/{new_id()}"
    told = {"job": job.id, "recipe": recipe, "part": number, "digest": fragment.digest}
    told["offsets"] = array("Q", fragment.offsets).tobytes()
    with path.open("rb") as file:
        await _files(db).upload_from_stream_with_id(file_id, job.file_name, file, metadata=told)
    return Part(file_id, fragment)


async def finish(
    db: Database,
    job: PrintJob,
    head: bytes,
    parts: Sequence[str],
    tail: bytes,
    length: int,
    manifest: str = "",
    tells: Sequence[Event] = (),
) -> None:
    """Mark the job done and its file whole, and tell of it, unless another worker has it or it was
    cancelled."""
    before, behind = f"{job.id}/head/{job.attempt}", f"{job.id}/tail/{job.attempt}"
    for file_id, content in ((before, head), (behind, tail)):
        await _forget(db, [file_id])
        await _files(db).upload_from_stream_with_id(file_id, job.file_name, content)
    done = {
        "state": "done",
        "done": job.total,
        "pieces": [before, *parts, behind],
        "bytes": len(head) + length + len(tail),
        "manifest": manifest,
    }

    async def work(tx: Tx) -> bool:
        answer = await tx.collection("print_jobs").update_one(mine(job), {"$set": done})
        mine_still = bool(answer.matched_count)
        if mine_still:
            await outbox.append(tx, *tells)
        return mine_still

    if not await transact(db, work):
        await _forget(db, [before, behind])
        return
    # What workers that died left, and parts of an earlier recipe.
    others = {**_of(job), "$nin": done["pieces"]}
    await db.collection("prints.chunks").delete_many({"files_id": others})
    await db.collection("prints.files").delete_many({"_id": others})


async def digest(db: Database, head: bytes, parts: Sequence[str], tail: bytes) -> str:
    """The SHA-256 of the whole file, in hexadecimal."""
    found = sha256(head)
    for file_id in parts:
        async for chunk in _read(db, file_id):
            found.update(chunk)
    found.update(tail)
    return found.hexdigest()


async def read_file(db: Database, job: PrintJob) -> AsyncIterator[bytes]:
    """The file in pieces."""
    for file_id in job.pieces or [job.file_id]:
        async for chunk in _read(db, file_id):
            yield chunk


async def _read(db: Database, file_id: str) -> AsyncIterator[bytes]:
    stream = await _files(db).open_download_stream(file_id)
    while chunk := await stream.read(CHUNK):
        yield bytes(chunk)


def _of(job: PrintJob) -> dict[str, Any]:
    """The ids of a job's files: "/" and what follows it, before "0"."""
    return {"$gte": f"{job.id}/", "$lt": f"{job.id}0"}


async def _forget(db: Database, ids: Sequence[str]) -> None:
    await db.collection("prints.chunks").delete_many({"files_id": {"$in": list(ids)}})
    await db.collection("prints.files").delete_many({"_id": {"$in": list(ids)}})


def _files(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name="prints")
