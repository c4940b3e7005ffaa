"""The same request sent twice: the second gets the first answer, and nothing is made again."""

from datetime import datetime
from hashlib import sha256

from services.identity.store import repeats
from services.identity.store.repeats import Repeat
from shared.auth import Principal
from shared.errors import Refusal
from shared.mongo import Tx


class RepeatDiffers(Refusal):
    code = "idempotency_key_reused"
    message = "Khóa chống gửi lặp này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới."


async def first_answer(tx: Tx, who: Principal, key: str | None, asked: object) -> Repeat | None:
    """What the key's first request made; raises RepeatDiffers if that asked for something else."""
    if key is None:
        return None
    repeat = await repeats.find(tx, who.account_id, key)
    if repeat is not None and repeat.asked != _fingerprint(asked):
        raise RepeatDiffers()
    return repeat


async def remember(
    tx: Tx,
    who: Principal,
    key: str | None,
    asked: object,
    made: str,
    now: datetime,
    *,
    sealed: bytes = b"",
) -> None:
    """Keep what the request made, if it has a key. `asked` must have a telling repr."""
    if key is not None:
        repeat = Repeat(made, sealed, _fingerprint(asked))
        await repeats.insert(tx, who.account_id, key, repeat, now)


def _fingerprint(asked: object) -> bytes:
    return sha256(repr(asked).encode()).digest()
