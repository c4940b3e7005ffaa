"""The time by the database's server, which all processes of the service share."""

from datetime import UTC, datetime

from shared.mongo import Database


async def present(db: Database) -> datetime:
    """Now, whatever the clock of this process says."""
    told = await db.handle.command("hello")
    found: datetime = told["localTime"]
    return found.replace(tzinfo=UTC)
