"""Loads the first units and accounts into an empty installation; run again it changes nothing.

Run as `python -m services.identity.bootstrap FILE.json`, where the file holds
{"units": [{id, name, tier, parent_id?, communes?, sector?}], "accounts": [{username, name,
position?, kinds, unit_id, assignment?: {number, date}, totp_seed?}]}. The new accounts' password
comes from TXNG_BOOTSTRAP_PASSWORD; without it each waits for its person, who opens /sign-in/claim
on their own device and reads the word it shows to who has this machine:
`python -m services.identity.bootstrap confirm USERNAME WORD`. (With TXNG_SETUP_CODES_SHOWN each
gets a setup code instead, which is printed once.)
Officials without a `totp_seed` enrol their second factor at the first sign-in. Units that are
there already follow the file; accounts that are there already are left alone, but for a second
factor that they lack and the file gives.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from services.identity import store
from services.identity.actions import claiming, install
from services.identity.domain.accounts import Assignment
from services.identity.domain.issuing import Person
from services.identity.domain.units import WHOLE, Reach
from services.identity.fields.accounts import AssignmentInput
from services.identity.hashing import Hasher
from services.identity.inputs import Commune, Name, NewName, ObjectId, Position, Word
from services.identity.sealing import FactorKeys
from services.identity.settings import IdentitySettings
from shared import access
from shared.errors import Refusal
from shared.ids import now
from shared.messaging import consumer, outbox
from shared.mongo import Database
from shared.web.fields import Input

# Base 32 of 160 bits. For demonstrations and tests; people enrol by themselves.
Seed = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]


class FirstUnit(Input):
    id: ObjectId
    name: Name
    tier: Word
    parent_id: ObjectId | None = None
    communes: tuple[Commune, ...] = ()
    sector: Word = WHOLE


class FirstAccount(Input):
    username: NewName
    name: Name
    position: Position = ""
    kinds: Annotated[tuple[Word, ...], Field(min_length=1)]
    unit_id: ObjectId
    assignment: AssignmentInput | None = None
    totp_seed: Seed | None = None

    def person(self) -> Person:
        given = self.assignment
        assignment = Assignment(given.number, given.date) if given else None
        return Person(self.username, self.name, self.position, frozenset(self.kinds), assignment)


class Installation(Input):
    """The whole file; units in any order."""

    units: tuple[FirstUnit, ...] = ()
    accounts: tuple[FirstAccount, ...] = ()


async def load(installation: Installation, settings: IdentitySettings, password: str) -> list[str]:
    """Brings units and accounts in; returns a line for each new account."""
    db = Database(settings.mongo_url, settings.database("identity"), "identity")
    sealing = FactorKeys.load(settings.secrets_dir)
    hasher = Hasher(threads=os.cpu_count() or 1, waiting=len(installation.accounts))
    try:
        for prepare in (outbox.prepare, consumer.prepare, access.prepare, store.prepare):
            await prepare(db)
        for unit in _parents_first(installation.units):
            reach = Reach(unit.communes, unit.sector)
            await install.install_unit(
                unit.id, unit.name, unit.tier, unit.parent_id, reach, db=db, now=now()
            )
        made = [
            install.install_account(
                one.person(),
                one.unit_id,
                password,
                one.totp_seed,
                db=db,
                hasher=hasher,
                sealing=sealing,
                codes_shown=settings.setup_codes_shown,
                now=now(),
            )
            for one in installation.accounts
        ]
        return [line for line in await asyncio.gather(*made) if line]
    finally:
        hasher.close()
        await db.close()


def _parents_first(units: tuple[FirstUnit, ...]) -> list[FirstUnit]:
    """Raises ValueError if a unit's parents lead in a circle or nowhere within the file."""
    by_id = {unit.id: unit for unit in units}
    done: dict[str, FirstUnit] = {}

    def visit(unit: FirstUnit, below: tuple[str, ...]) -> None:
        if unit.id in below:
            raise ValueError(f"units lie under one another in a circle: {', '.join(below)}")
        if unit.parent_id in by_id:
            visit(by_id[unit.parent_id], (*below, unit.id))
        done.setdefault(unit.id, unit)

    for unit in units:
        visit(unit, ())
    return list(done.values())


async def confirm(username: str, word: str, settings: IdentitySettings) -> None:
    """Let the device that shows this word set the first password of an installed account."""
    db = Database(settings.mongo_url, settings.database("identity"), "identity")
    try:
        await claiming.confirm_installed(username.casefold(), word, db=db, now=now())
    finally:
        await db.close()


def confirm_main(username: str, word: str) -> int:
    try:
        asyncio.run(confirm(username, word, IdentitySettings()))
    except Refusal as refusal:
        sys.stderr.write(f"{username}: {refusal.code}: {refusal}\n")
        return 1
    sys.stdout.write(f"{username}: confirmed, its person now sets the password on that device\n")
    return 0


def main() -> int:
    if len(sys.argv) == 4 and sys.argv[1] == "confirm":
        return confirm_main(*sys.argv[2:])
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        usage = "python -m services.identity.bootstrap"
        sys.stderr.write(f"usage: {usage} FILE.json | {usage} confirm USERNAME WORD\n")
        return 2
    try:
        installation = Installation.model_validate_json(Path(sys.argv[1]).read_bytes())
        password = os.environ.get("TXNG_BOOTSTRAP_PASSWORD", "")
        lines = asyncio.run(load(installation, IdentitySettings(), password))
    except (OSError, ValidationError, ValueError) as error:
        sys.stderr.write(f"{sys.argv[1]}: {error}\n")
        return 1
    except Refusal as refusal:
        sys.stderr.write(f"{sys.argv[1]}: {refusal.code}: {refusal} {refusal.params}\n")
        return 1
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.write(
        f"{len(installation.units)} units and {len(installation.accounts)} accounts in place, "
        f"{len(lines)} accounts new\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
