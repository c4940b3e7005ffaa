"""Moving second factors to a new key: what is sealed under which, and sealing it anew.

Run as `python -m services.identity.factor_keys [reseal]` (`./txng factors [reseal]`). How a key is
rolled over is told in docs/operations.md. Exit status 1 while an old key is still needed.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag

from services.identity.domain.factors import Factor
from services.identity.sealing import FactorKeys, is_keyed_hash
from services.identity.settings import IdentitySettings
from services.identity.store import factors
from shared.mongo import Database, Tx, transact

UNREADABLE = "none"


@dataclass
class Found:
    """How many enrolled factors there are by the key their seed is sealed under; how many have
    recovery codes under another key than the present one: `movable` ones, and the keyed hashes of
    earlier versions, which are not."""

    current: str
    seeds: Counter[str] = field(default_factory=Counter)
    movable: int = 0
    old_recovery: int = 0
    resealed: int = 0

    @property
    def done(self) -> bool:
        """Whether the present key alone is enough for all that can be moved."""
        return set(self.seeds) <= {self.current} and not self.movable


async def look(db: Database, keys: FactorKeys) -> Found:
    """Nothing is changed by it."""
    found = Found(keys.current)
    async for factor in factors.every(db):
        found.seeds[_key_of(keys, factor.account_id, factor.sealed or b"")] += 1
        found.movable += _movable(keys, factor)
        found.old_recovery += _needs_older(keys, factor)
    return found


async def reseal(db: Database, keys: FactorKeys) -> Found:
    """Seal what an older key sealed under the present one, seeds and recovery codes; their owners
    notice nothing.

    It may run while people sign in: who is met in the act is done the next time.
    """
    resealed = 0
    async for one in factors.every(db):
        under = _key_of(keys, one.account_id, one.sealed or b"")
        if under == UNREADABLE or (under == keys.current and not _movable(keys, one)):
            continue

        async def work(tx: Tx, account_id: str = one.account_id) -> None:
            factor = await factors.find(tx, account_id)
            if factor.sealed is not None:
                seed = keys.open(account_id, factor.sealed)
                recovery = [keys.mark_anew(account_id, mark) for mark in factor.recovery]
                await factors.put(tx, factor.reseal(keys.seal(account_id, seed), recovery))

        await transact(db, work)
        resealed += 1
    found = await look(db, keys)
    found.resealed = resealed
    return found


def _movable(keys: FactorKeys, factor: Factor) -> bool:
    """Whether it has recovery codes that an older key, which is there, sealed."""
    sealed = [mark for mark in factor.recovery if not is_keyed_hash(mark)]
    return any(
        not keys.is_present(factor.account_id, mark)
        and keys.mark_anew(factor.account_id, mark) != mark
        for mark in sealed
    )


def _needs_older(keys: FactorKeys, factor: Factor) -> bool:
    """Whether it has keyed hashes made with another key than the present one; where that was not
    noted, an older one that is still there is taken to be theirs."""
    made_with = factor.recovery_key or ("" if keys.rotating else keys.current)
    return any(map(is_keyed_hash, factor.recovery)) and made_with != keys.current


def _key_of(keys: FactorKeys, account_id: str, sealed: bytes) -> str:
    try:
        return keys.key_of(account_id, sealed)
    except InvalidTag:
        return UNREADABLE


def report(found: Found) -> str:
    lines = [f"present key: {found.current}"]
    if found.resealed:
        lines.append(f"sealed anew: {found.resealed}")
    for key, count in sorted(found.seeds.items()):
        word = " (no key of factor.key opens them)" if key == UNREADABLE else ""
        lines.append(f"second factors under key {key}: {count}{word}")
    lines.append(f"accounts whose recovery codes are to be sealed anew: {found.movable}")
    lines.append(f"accounts whose recovery codes need an older key for good: {found.old_recovery}")
    if found.done:
        lines.append("Older keys may go; recovery codes that need them then no longer work.")
    else:
        lines.append("An older key is still needed: run it with `reseal`.")
    return "\n".join(lines)


async def run(arguments: list[str]) -> int:
    settings = IdentitySettings()
    keys = FactorKeys.load(settings.secrets_dir)
    db = Database(settings.mongo_url, settings.database("identity"), "identity")
    try:
        found = await (reseal if arguments == ["reseal"] else look)(db, keys)
    finally:
        await db.close()
    sys.stdout.write(report(found) + "\n")
    return 0 if found.done else 1


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["reseal"]):
        sys.stderr.write("usage: python -m services.identity.factor_keys [reseal]\n")
        sys.exit(2)
    sys.exit(asyncio.run(run(sys.argv[1:])))
