"""Programs of partner systems: registered, given tokens, their secrets rotated, revoked (R66)."""

import secrets as random
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain import clients as domain
from services.identity.domain import secrets
from services.identity.domain.access import Origin
from services.identity.domain.clients import Client, Secret
from services.identity.domain.units import Unit
from services.identity.guard import Guard
from services.identity.store import clients as store
from services.identity.store import rates, units
from shared import audit
from shared.auth import Principal, require
from shared.errors import Kind, Refusal
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

MANAGE = "client.manage"
TOKEN = "client.token"  # noqa: S105 - an act, not a secret
TOKENS = 60
TOKENS_WINDOW = timedelta(minutes=1)


class ClientRefused(Refusal):
    """The same for an unknown program, a wrong secret and a revoked one (RFC 6749, 5.2)."""

    code = "invalid_client"
    kind = Kind.UNAUTHENTICATED
    message = "Mã phần mềm hoặc khóa bí mật không đúng, hoặc quyền đã bị thu hồi."


class ScopeRefused(Refusal):
    code = "invalid_scope"
    kind = Kind.INVALID
    message = "Phần mềm không được cấp quyền «{scope}»."


class TokensTooOften(Refusal):
    code = "too_many_requests"
    kind = Kind.LIMIT
    message = (
        "Xin mã truy cập quá nhiều lần. Hãy dùng lại mã đang còn hạn; thử lại sau {minutes} phút."
    )


@dataclass(frozen=True, slots=True)
class Registered:
    """A program with its secret; the secret is told once and kept nowhere."""

    client: Client
    secret: str


@dataclass(frozen=True, slots=True)
class ClientToken:
    """`seconds` until the token expires; `scope` the actions it is good for."""

    access_token: str
    seconds: int
    scope: tuple[str, ...]


async def register(
    name: str,
    contact: str,
    actions: tuple[str, ...],
    *,
    who: Principal,
    db: Database,
    now: datetime,
) -> Registered:
    """Raises Forbidden, ScopeNotGrantable."""
    secret, client_id = random.token_urlsafe(32), new_id()
    async with audit.attempt(db, who, MANAGE, client_id):
        require(who, MANAGE)

        async def work(tx: Tx) -> Client:
            unit = await units.get(tx, who.unit_id)
            client = Client(
                id=client_id,
                version=1,
                name=name,
                contact=contact,
                unit_id=unit.id,
                unit_path=unit.path,
                actions=domain.checked(actions),
                secrets=(Secret(secrets.fingerprint(secret), now),),
                created_at=now,
                created_by=who.account_id,
            )
            await store.insert(tx, client)
            scope = " ".join(client.actions)
            await audit.accepted(tx, who, MANAGE, client_id, name=name, scope=scope)
            return client

        return Registered(await transact(db, work), secret)


async def rotate(
    client_id: str, overlap: timedelta, *, who: Principal, db: Database, now: datetime
) -> Registered:
    """A new secret; the old one is good for `overlap` yet, and without one its tokens are void too.

    Raises NotFound, Forbidden, ClientIsRevoked.
    """
    secret = random.token_urlsafe(32)
    async with audit.attempt(db, who, MANAGE, client_id):

        async def work(tx: Tx) -> Client:
            client = await store.get(tx, client_id, who)
            require(who, MANAGE)
            changed = client.rotate(secrets.fingerprint(secret), overlap, now)
            await store.put(tx, changed)
            if not overlap:
                # The old secret has leaked: so may have what was got with it.
                await outbox.append(tx, changed.void("client_rotated", now))
            await audit.accepted(tx, who, MANAGE, client_id, rotated=True, overlap=overlap)
            return changed

        return Registered(await transact(db, work), secret)


async def revoke(
    client_id: str, reason: str, *, who: Principal, db: Database, now: datetime
) -> Client:
    """Out of every service within seconds; raises NotFound, Forbidden, ClientIsRevoked."""
    async with audit.attempt(db, who, MANAGE, client_id):

        async def work(tx: Tx) -> Client:
            client = await store.get(tx, client_id, who)
            require(who, MANAGE)
            changed, void = client.revoke("client_revoked", now)
            await store.put(tx, changed)
            await outbox.append(tx, void)
            await audit.accepted(tx, who, MANAGE, client_id, reason, revoked=True)
            return changed

        return await transact(db, work)


async def token(
    client_id: str,
    secret: str,
    wanted: tuple[str, ...],
    *,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
) -> ClientToken:
    """An access token; an empty `wanted` means all that was granted.

    Raises TokensTooOften, ClientRefused, ScopeRefused.
    """
    key = f"client:{guard.mark('address', origin.network)}"
    if wait := await rates.count(db, key, TOKENS, TOKENS_WINDOW, now):
        raise TokensTooOften(retry_after=wait, minutes=-(-wait // 60))
    subject = f"unknown:{guard.mark('client', client_id)}"
    async with audit.attempt(db, None, TOKEN, subject):
        client = await store.find(db, client_id[:64])
        if client is None or not client.proves(secret, now):
            raise ClientRefused()
        for action in wanted:
            if action not in client.actions:
                raise ScopeRefused("scope", scope=action)

        async def work(tx: Tx) -> Principal:
            standing = await store.find(tx, client.id)
            if standing is None or not standing.proves(secret, now):
                raise ClientRefused()
            principal = _principal(standing, await _unit(tx, standing), wanted, guard, now)
            await store.used(tx, client.id, now)
            await audit.accepted(tx, principal, TOKEN, client.id)
            return principal

        principal = await transact(db, work)
    scope = tuple(sorted(principal.only or ()))
    return ClientToken(guard.keys.sign(principal), guard.access_seconds, scope)


async def follow(tx: Tx, unit_id: str, unit: Unit, now: datetime) -> None:
    """The programs of `unit_id` are kept by `unit` from now on, and read what it answers for."""
    for client in await store.of_unit(tx, unit_id):
        changed, void = client.kept_by(unit.id, unit.path, now)
        await store.put(tx, changed)
        await outbox.append(tx, void)


async def _unit(tx: Tx, client: Client) -> Unit:
    """The unit it reads for: where that was merged, its successor."""
    unit = await units.get(tx, client.unit_id)
    while unit.successor_id:
        unit = await units.get(tx, unit.successor_id)
    if not unit.works:
        raise ClientRefused()
    return unit


def _principal(
    client: Client, unit: Unit, wanted: tuple[str, ...], guard: Guard, now: datetime
) -> Principal:
    issued = int(now.timestamp())
    return Principal(
        account_id=client.id,
        name=client.name,
        tier=domain.TIER,
        kinds=domain.KINDS,
        unit_id=unit.id,
        session_id=f"client-{client.id}",
        communes=unit.reach.communes,
        sector=unit.reach.sector,
        issued_at=issued,
        expires_at=issued + guard.access_seconds,
        only=frozenset(wanted or client.actions),
    )
