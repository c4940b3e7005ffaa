"""Acts kept by idempotency key: the same request sent again is answered, not done again."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from shared.auth import Principal
from shared.errors import Refusal
from shared.mongo import Database, Tx

KEYS = "keys"
DAYS = 30


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    message = (
        "Mã chống gửi trùng (Idempotency-Key) này đã dùng cho một yêu cầu khác. "
        "Hãy dùng mã mới cho mỗi yêu cầu."
    )


@dataclass(frozen=True, slots=True)
class Once:
    """A client's key of one act, and a digest of what it asked for."""

    id: str
    digest: str


def once(who: Principal, key: str, *asked: object) -> Once | None:
    """The key of `who` for what is asked; None without a key: then nothing is remembered."""
    return Once(_digest(who.account_id, key), _digest(*map(str, asked))) if key else None


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()


async def prepare(db: Database) -> None:
    await db.collection(KEYS).create_index("at", expireAfterSeconds=DAYS * 86_400)


async def answered(where: Tx | Database, asked: Once | None) -> str | None:
    """The id of what this key made or decided; raises KeyReused if it asked for something else."""
    if asked is None:
        return None
    row = await where.collection(KEYS).find_one({"_id": asked.id})
    if row is None:
        return None
    if row["digest"] != asked.digest:
        raise KeyReused()
    return str(row["subject"])


async def keep(tx: Tx, asked: Once | None, subject: str, now: datetime) -> None:
    """Remember the key together with the act; of two at once, one is run again and finds it."""
    if asked is not None:
        await tx.collection(KEYS).insert_one(
            {"_id": asked.id, "digest": asked.digest, "subject": subject, "at": now}
        )
