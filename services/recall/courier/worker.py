"""One process of the courier: it hears what was ordered, and tells whom that concerns.

A program of its own: strange servers may be slow, and an order never waits for them.
"""

from typing import Final

from fastapi import FastAPI

from services.recall.courier.hearing import QUEUES
from services.recall.courier.keys import CourierKeys
from services.recall.courier.mail import Mailer
from services.recall.courier.rounds import Courier, Sender
from services.recall.courier.settings import CourierSettings
from services.recall.courier.spreading import Spreader
from services.recall.courier.webhook import Webhooks
from services.recall.domain.contact import Channel
from services.recall.store import contacts, deliveries, ended_owners, standings, tellings
from shared import telemetry
from shared.mongo import Database
from shared.priority import give_way
from shared.service import Service, serve

# Whoever scans, and whoever orders, goes first.
_NICENESS: Final = 5


async def prepare(db: Database) -> None:
    await contacts.prepare(db)
    await deliveries.prepare(db)
    await tellings.prepare(db)
    await standings.prepare(db)
    await ended_owners.prepare(db)


def senders(settings: CourierSettings) -> dict[Channel, Sender]:
    """Mail waits where neither a server nor a folder is set."""
    made: dict[Channel, Sender] = {Channel.WEBHOOK: Webhooks(settings)}
    if settings.has_mail:
        made[Channel.MAIL] = Mailer(settings)
    return made


def make(settings: CourierSettings) -> FastAPI:
    keys = CourierKeys.load(settings.secrets_dir)
    service = Service(
        "recall", settings, queues=QUEUES, prepare=prepare, publishes=False, verifies=False
    )
    courier = Courier(service.db, keys, settings.public_origin, senders(settings))
    service.jobs += [courier.run, Spreader(service.db).run]
    return service.program()


def main() -> None:
    give_way(_NICENESS)
    settings = CourierSettings()
    telemetry.start("recall-courier")
    serve(make(settings), settings)


if __name__ == "__main__":
    main()
