"""Acts kept by idempotency key: the same request sent again is answered, not done again."""

from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

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
    """A client's key of one act, and a digest of what it asked for; `former` is that digest as
    programs made it that told also what was not asked for.

    None can be read back: answers may be sealed under the key (identity's setup codes).
    """

    id: bytes
    digest: bytes
    former: bytes = b""


def once(who: Principal, key: str | None, *asked: object) -> Once | None:
    """The key of `who` for what is asked; None without a key: then nothing is remembered.

    What is asked is told apart by its repr, which must say every word of it. Fields that stay as
    they are by default are left out: a later program, which knows more of them, still takes the
    same request for the same.
    """
    if not key:
        return None
    words = [_set_alone(one) for one in asked]
    return Once(_digest(who.account_id, key), _digest(*words), _digest(*asked))


def _set_alone(one: object) -> object:
    if is_dataclass(one) and not isinstance(one, type):
        given = {field.name: getattr(one, field.name) for field in fields(one)}
        unset = {field.name: _default(field) for field in fields(one)}
        told = [(n, _set_alone(value)) for n, value in given.items() if value != unset[n]]
        return type(one).__name__, told
    if isinstance(one, list | tuple):
        return [_set_alone(each) for each in one]
    return one


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


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
    if row["digest"] not in (asked.digest, asked.former):
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
