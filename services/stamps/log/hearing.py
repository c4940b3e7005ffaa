"""The notices of recalls that the log hears; each version of each part is a leaf."""

import os

from services.stamps.log.leaves import SALT_BYTES, leaf_of
from services.stamps.store import log as store
from shared.contracts.recall import NoticePublished
from shared.messaging.wiring import Queue, on
from shared.mongo import Tx


async def note_notice(tx: Tx, event: NoticePublished) -> None:
    await store.add(tx, leaf_of(event, os.urandom(SALT_BYTES)))


QUEUE = Queue("stamps.log", on(NoticePublished, note_notice))
