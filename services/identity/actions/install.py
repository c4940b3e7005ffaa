"""What an installation begins with: units and accounts that nobody could issue yet."""

from datetime import datetime

from services.identity.actions import history
from services.identity.actions.issue import new_code, wait_for_person
from services.identity.domain import passwords
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account
from services.identity.domain.issuing import Person, UnitIsClosed, issue_official
from services.identity.domain.units import Reach, Unit, UnitRootNeedsInstallation, found
from services.identity.hashing import Hasher
from services.identity.sealing import FactorKeys
from services.identity.store import accounts, credentials, factors
from services.identity.store import units as unit_store
from shared import audit
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ACTION = "installation"


async def install_unit(
    unit_id: str,
    name: str,
    tier: str,
    parent_id: str | None,
    reach: Reach,
    *,
    db: Database,
    now: datetime,
) -> None:
    """Found the unit, or bring its name and reach up to date; its place in the tree stays."""

    async def work(tx: Tx) -> None:
        before = await unit_store.find(tx, unit_id)
        unit = (
            before.edit(name=name, reach=reach, active=before.active, now=now) if before else None
        )
        if before is not None and unit is not None:
            if (before.name, before.reach) == (name, reach):
                return
            await unit_store.put(tx, unit)
        else:
            unit = found(
                unit_id,
                name=name,
                tier=tier,
                parent=await _parent(tx, parent_id),
                reach=reach,
                now=now,
            )
            await unit_store.insert(tx, unit)
        await outbox.append(tx, unit.published(now))
        await audit.accepted(tx, None, ACTION, unit_id, unit=name, tier=tier)

    await transact(db, work)


async def install_account(
    person: Person,
    unit_id: str,
    password: str,
    seed: str | None = None,
    *,
    db: Database,
    hasher: Hasher,
    sealing: FactorKeys,
    codes_shown: bool,
    now: datetime,
) -> str:
    """Issue an official's account unless the name is taken; a line about it, "" if it was.

    With a password it can sign in at once; without one it waits for its person, or, with
    `codes_shown`, the line tells its setup code. With a `seed` its second factor is enrolled if it
    has none, without recovery codes.
    """
    known = await accounts.by_username(db, person.username)
    if known is not None:
        await transact(db, lambda tx: _enrol(tx, known.id, seed, sealing, now))
        return ""
    unit = await unit_store.find(db, unit_id)
    if unit is None:
        raise UnitIsClosed("unit_id", unit=unit_id)
    account = issue_official(new_id(), person, unit.tier, unit, by=ACTION, now=now)
    code = new_code(shown=codes_shown)
    password_hash = ""
    if password:
        passwords.check(password, username=account.username, tier=account.tier)
        password_hash = await hasher.hash(password)

    async def work(tx: Tx) -> None:
        await accounts.insert(tx, account)
        if password_hash:
            await credentials.set_password(tx, account.id, password_hash)
        else:
            await wait_for_person(tx, account.id, code, now)
        await _enrol(tx, account.id, seed, sealing, now)
        await _tell(tx, account, now)

    await transact(db, work)
    return f"{account.username} {code}" if code and not password_hash else account.username


async def _enrol(
    tx: Tx, account_id: str, seed: str | None, sealing: FactorKeys, now: datetime
) -> None:
    factor = await factors.find(tx, account_id) if seed else None
    if seed and factor is not None and not factor.enrolled:
        await factors.put(tx, factor.enrol(sealing.seal(account_id, seed), 0, (), now))
        await audit.accepted(tx, None, ACTION, account_id, second_factor="enrolled")


async def _tell(tx: Tx, account: Account, now: datetime) -> None:
    await outbox.append(tx, account.published(now))
    await history.note(tx, account.id, Did.ISSUED, Origin(), now)
    kinds = ",".join(sorted(account.kinds))
    await audit.accepted(tx, None, ACTION, account.id, tier=account.tier, kinds=kinds)


async def _parent(tx: Tx, parent_id: str | None) -> Unit | None:
    if parent_id is None:
        return None
    parent = await unit_store.find(tx, parent_id)
    if parent is None:
        raise UnitRootNeedsInstallation("parent_id", parent=parent_id)
    return parent
