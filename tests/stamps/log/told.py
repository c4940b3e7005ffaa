"""What tests of the log have in common: waiting for an entry, and a stamp's code."""

from typing import Any

from services.stamps import keys
from services.stamps.log import verify
from services.stamps.store import log as store
from tests.polling import eventually
from tests.stamps.conftest import API, Stamps

LOG = f"{API}/log"


async def text(stamps: Stamps, path: str) -> str:
    answer = await stamps.client.get(f"{LOG}{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.text


async def checkpoint(stamps: Stamps) -> verify.Checkpoint:
    key = verify.Key(await text(stamps, "/key"))
    return verify.Checkpoint(await text(stamps, "/checkpoint"), key)


async def logged(stamps: Stamps, key: str) -> dict[str, Any]:
    """The entry of this key, once the newest checkpoint covers it."""

    async def covered() -> dict[str, Any] | None:
        row = await stamps.db.collection(store.ENTRIES).find_one({"key": key})
        return row if row and (await checkpoint(stamps)).size > row["_id"] else None

    found: dict[str, Any] = await eventually(covered)
    return found


def code_of(stamps: Stamps, batch: int, serial: int) -> str:
    return keys.codes(keys.keyring(stamps.settings), batch, serial, serial)[0]
