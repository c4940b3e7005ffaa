"""Acts kept by idempotency key: the same request sent again is answered, not done again."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pymongo.errors import DuplicateKeyError

from shared.auth import Principal
from shared.errors import EditConflict, Refusal
from shared.mongo import Database, Document, Tx

KEYS = "idempotency_keys"
DAYS = 30


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    message = (
        "Mã chống gửi trùng (Idempotency-Key) này đã dùng cho một yêu cầu khác. "
        "Hãy dùng mã mới cho mỗi yêu cầu."
    )


@dataclass(frozen=True, slots=True)
class Once:
    """A client's key of one act, and a digest of what it asked for.

    Neither can be read back: answers may be sealed under the key (identity's setup codes).
    """

    id: bytes
    digest: bytes


def once(who: Principal, key: str | None, *asked: object) -> Once | None:
    """The key of `who` for what is asked; None without a key: then nothing is remembered.

    What is asked is told apart by its repr, which must say every word of it.
    """
    return Once(_digest(who.account_id, key), _digest(*asked)) if key else None


def _digest(*parts: object) -> bytes:
    return sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()


async def prepare(db: Database) -> None:
    await db.collection(KEYS).create_index("at", expireAfterSeconds=DAYS * 86_400)


async def answered(where: Tx | Database, asked: Once | None) -> Document | None:
    """What was kept at the first act under this key; raises KeyReused if it was another act."""
    if asked is None:
        return None
    row = await where.collection(KEYS).find_one({"_id": asked.id})
    if row is None:
        return None
    if row["digest"] != asked.digest:
        raise KeyReused()
    answer: Document = row["answer"]
    return answer


async def keep(tx: Tx, asked: Once | None, answer: Document, now: datetime) -> None:
    """Remember the answer together with the act.

    Of two at once one is run again and finds it, and gets EditConflict where it looked for it
    outside its transaction.
    """
    if asked is None:
        return
    row = {"_id": asked.id, "digest": asked.digest, "answer": answer, "at": now}
    try:
        await tx.collection(KEYS).insert_one(row)
    except DuplicateKeyError as error:
        raise EditConflict() from error
