"""Answers kept by idempotency key: the same request sent again is answered, not done again."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from shared.errors import Refusal
from shared.mongo import Database, Tx

ANSWERS = "answers"
DAYS = 30


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    message = (
        "Mã chống gửi trùng (Idempotency-Key) này đã dùng cho một yêu cầu khác. "
        "Hãy dùng mã mới cho mỗi yêu cầu."
    )


@dataclass(frozen=True, slots=True)
class Once:
    """A client's key of one request, and a digest of what it asked for."""

    account_id: str
    key: str
    digest: str

    @property
    def id(self) -> str:
        return sha256(f"{self.account_id}\n{self.key}".encode()).hexdigest()


async def prepare(db: Database) -> None:
    await db.collection(ANSWERS).create_index("at", expireAfterSeconds=DAYS * 86_400)


async def answered(tx: Tx, once: Once | None) -> dict[str, Any] | None:
    """The first answer to this key; raises KeyReused if it was given to another request."""
    if once is None:
        return None
    row = await tx.collection(ANSWERS).find_one({"_id": once.id})
    if row is None:
        return None
    if row["digest"] != once.digest:
        raise KeyReused()
    answer: dict[str, Any] = row["answer"]
    return answer


async def keep(tx: Tx, once: Once | None, answer: dict[str, Any], now: datetime) -> None:
    """Keep the answer with the act itself; of two at once, one is run again and finds it."""
    if once is not None:
        await tx.collection(ANSWERS).insert_one(
            {"_id": once.id, "digest": once.digest, "answer": answer, "at": now}
        )
