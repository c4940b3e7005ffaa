"""Who is asking, and whether they may: access tokens, the permission matrix and scope."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared import opened
from shared.errors import Forbidden, OutOfReach, ProofNeeded, Unauthenticated
from shared.mongo import Database, Unasked, is_outage
from shared.permissions import matrix

log = structlog.get_logger()

ISSUER = "txng-identity"
AUDIENCE = "txng"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068, not a secret
ALGORITHM = "Ed25519"  # RFC 9864; nothing else is ever accepted.
LEEWAY_SECONDS = 5

# Collections every service keeps for itself, filled by shared/access.py.
KEYS = "access_keys"
DENIED: Final = Unasked("access_denied")

# How long a suspension may stay unnoticed by a process, in seconds (the limit is 60).
REFRESH_SECONDS = 2.0
REMEMBERED_TOKENS = 10_000

# RFC 8176: the token speaks for somebody who has proven a second factor too.
SECOND_FACTOR = "otp"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an object belongs to: its facility, that facility's commune and sector."""

    facility_id: str | None = None
    commune: str | None = None
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in account, as its access token says.

    `communes` are the commune codes its unit answers for, ("*",) the whole province; `sector`
    agriculture, health, industry_trade or "*". `proven_at` is when the person last proved who
    they are: by the second factor, or by the password where the account has no other
    (`has_factor`); until `fresh_until` that is good for acts marked `fresh` in the matrix. All
    times are whole seconds since 1970. `only`: the actions that a program's token is limited to,
    whatever the matrix allows; None for people. `person`: keyed hashes of the mobile number and
    the e-mail address of who holds the account, by which two accounts of one person are told.
    """

    account_id: str
    name: str
    tier: str
    kinds: frozenset[str]
    unit_id: str
    session_id: str
    facility_id: str | None = None
    communes: tuple[str, ...] = ()
    sector: str = "*"
    issued_at: int = 0
    expires_at: int = 0
    proven_at: int = 0
    fresh_until: int = 0
    has_factor: bool = False
    only: frozenset[str] | None = None
    person: frozenset[str] = frozenset()

    def may(self, action: str) -> bool:
        """Whether the matrix names this account's tier and kind for the action."""
        granted = self.only is None or action in self.only
        return granted and _named(action, self.tier, self.kinds)

    def covers(self, action: str, scope: Scope) -> bool:
        """Whether the object lies where this account may do the action."""
        rule = matrix()[action].scope
        if rule == "none":
            return True
        where = "area" if self.facility_id is None else "own"
        return where in rule.split("|") and self.reaches(scope)

    def reaches(self, scope: Scope) -> bool:
        """Whether the object is the account's own, or lies in its area: such it may know of."""
        if self.facility_id is not None:
            return scope.facility_id == self.facility_id
        in_area = "*" in self.communes or scope.commune in self.communes
        return in_area and self.sector in ("*", scope.sector)


@cache
def _named(action: str, tier: str, kinds: frozenset[str]) -> bool:
    return any(t in ("*", tier) and (k == "*" or k in kinds) for t, k in matrix()[action].who)


def require(principal: Principal, action: str, scope: Scope | None = None) -> None:
    """Raise OutOfReach for an object of others, Forbidden for an act that is not the account's.

    An object out of reach does not exist for the asker, so that ids cannot be probed; of its own
    a facility is told that the act belongs to the authorities.
    """
    if scope is not None and not principal.covers(action, scope):
        raise Forbidden() if principal.reaches(scope) else OutOfReach()
    if not principal.may(action):
        raise Forbidden()
    if scope is not None and scope.facility_id:
        opened.note(scope.facility_id)


def require_fresh(principal: Principal, action: str, at: datetime) -> None:
    """Raise ProofNeeded where the action needs a newer proof of who it is.

    Asked after `require`: whoever may not do it is told so, not asked for a code.
    """
    if matrix()[action].fresh and at.timestamp() > principal.fresh_until:
        raise ProofNeeded()


def area_filter(
    principal: Principal,
    *,
    facility: str = "facility_id",
    commune: str = "commune",
    sector: str = "sector",
) -> dict[str, Any]:
    """The MongoDB filter that leaves only what the account may read; field names as given."""
    if principal.facility_id is not None:
        return {facility: principal.facility_id}
    wanted: dict[str, Any] = {}
    if "*" not in principal.communes:
        wanted[commune] = {"$in": list(principal.communes)}
    if principal.sector != "*":
        wanted[sector] = principal.sector
    return wanted


class Verifier:
    """Verifies access tokens with the keys and denials that this service was told by events."""

    def __init__(self, db: Database, *, fresh_seconds: int = 600) -> None:
        matrix()  # A wrong permissions file stops the start, not the first request.
        self._db = db
        self._fresh_seconds = fresh_seconds
        self._keys: KeySet = KeySet([])
        self._kids: frozenset[str] = frozenset()
        self._denied: dict[str, float] = {}
        self._tokens: dict[str, Principal] = {}
        self._refreshing = asyncio.Lock()
        self._refreshed = 0.0

    async def run(self) -> None:
        """Keep keys and denials fresh until cancelled."""
        while True:
            try:
                await self.refresh()
            except Exception as error:
                if not is_outage(error):
                    log.exception("access data could not be read")
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        keys = [k async for k in self._db.collection(KEYS).find({}, {"_id": 0, "key": 1})]
        denied = {
            d["_id"]: d["not_before"].timestamp()
            async for d in self._db.collection(DENIED).find({})
        }
        kids = frozenset(k["key"]["kid"] for k in keys)
        if kids != self._kids:
            self._keys = KeySet([OKPKey.import_key(k["key"]) for k in keys])
            self._kids = kids
            self._tokens.clear()
        self._denied = denied
        self._refreshed = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether any key has arrived: without one nobody can be let in."""
        return bool(self._kids)

    @property
    def keys(self) -> KeySet:
        """The public keys of identity, for what else it signs."""
        return self._keys

    async def verify(self, token: str) -> Principal:
        """The account a token speaks for; raises Unauthenticated."""
        principal = self._tokens.get(token)
        if principal is None:
            principal = await self._decode(token)
            if len(self._tokens) >= REMEMBERED_TOKENS:
                self._tokens.clear()
            self._tokens[token] = principal
        if principal.expires_at + LEEWAY_SECONDS <= time.time():
            self._tokens.pop(token, None)
            raise Unauthenticated()
        for key in (principal.account_id, principal.session_id):
            not_before = self._denied.get(key)
            if not_before is not None and principal.issued_at < not_before:
                raise Unauthenticated()
        return principal

    async def _decode(self, token: str) -> Principal:
        try:
            return self._read(token)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            # Perhaps the key is new: look once, at most once a second.
            if time.monotonic() - self._refreshed < 1.0:
                raise Unauthenticated() from error
        async with self._refreshing:
            await self.refresh()
        try:
            return self._read(token)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated() from error

    def _read(self, token: str) -> Principal:
        read = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
        return _principal(read, self._fresh_seconds)


def _principal(token: jwt.Token, fresh_seconds: int) -> Principal:
    header, claims = token.header, token.claims
    if header.get("typ") != TOKEN_TYPE or set(header) - {"alg", "kid", "typ"}:
        raise ValueError("not an access token of ours")
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nbf={"essential": True},
    ).validate(claims)
    proven = int(claims.get("auth_time", 0))
    return Principal(
        account_id=claims["sub"],
        name=claims["name"],
        tier=claims["tier"],
        kinds=frozenset(claims["kinds"]),
        unit_id=claims["unit"],
        session_id=claims["sid"],
        facility_id=claims.get("facility"),
        communes=tuple(claims.get("communes", ())),
        sector=claims.get("sector", "*"),
        issued_at=int(claims["iat"]),
        expires_at=int(claims["exp"]),
        proven_at=proven,
        fresh_until=proven + fresh_seconds if proven else 0,
        has_factor=SECOND_FACTOR in claims.get("amr", ()),
        # RFC 9068, 2.2.3: only a program's token has one.
        only=frozenset(claims["scope"].split()) if "scope" in claims else None,
        person=frozenset(claims.get("person", ())),
    )
