"""Taking an account over on one's own device, confirmed by the officer; see domain/claims.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.actions import history
from services.identity.actions.applications import limit
from services.identity.actions.oneself import contact_of, not_for_oneself
from services.identity.domain import claims as domain
from services.identity.domain import passwords, secrets
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account, AccountIsRevoked
from services.identity.domain.claims import (
    Claim,
    ClaimIsOver,
    ClaimNotConfirmed,
    ClaimUnknown,
    InPersonNeeded,
    OwnDevice,
    PasswordIsSet,
    PhoneNotOnRecord,
    Seen,
)
from services.identity.domain.management import require_managed
from services.identity.guard import Guard
from services.identity.store import accounts, credentials, factors
from services.identity.store import claims as store
from shared import audit
from shared.auth import Principal
from shared.errors import NotFound
from shared.mongo import Database, Tx, transact

ISSUE = "account.issue"
HAND_OVER = "account.hand_over"
SET = "password.set"
# A hall full of people in training, or a village behind one carrier address.
ASKS = 300
ASKS_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """`secret` stays on the device; `word` is what the person reads to the officer."""

    secret: str
    word: str


async def ask(
    username: str,
    *,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
    known_device: str = "",
) -> Asked:
    """Begin to take an account over. The answer is the same for names that nobody has.

    `known_device`: the mark of this browser, if somebody has signed in there. Raises TooOften.
    Nothing can be done with it before an officer confirms the word, which is what the ledger
    records.
    """
    await limit("claim", ASKS, ASKS_WINDOW, origin, db, guard, now)
    secret = secrets.new_ticket()
    claim = domain.ask(
        secret,
        username,
        origin.place,
        origin.device,
        now,
        known_device=known_device,
        network=guard.mark("address", origin.network),
    )
    await store.insert(db, claim)
    return Asked(secret, domain.word_of(secret))


async def standing(secret: str, *, db: Database, now: datetime) -> Claim | None:
    """The claim of this device, while it is good for anything."""
    claim = await store.find(db, domain.claim_id(secret)) if secret else None
    return claim if claim and claim.alive(now) else None


async def confirm(
    account_id: str,
    word: str,
    seen: Seen,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
    own_claim: str = "",
) -> Claim:
    """The officer has made sure who reads the word to them; that device may set the password.

    `own_claim`: the secret of the claim that the officer's own browser holds, if any. Raises
    ClaimUnknown, PasswordIsSet, InPersonNeeded, PhoneNotOnRecord, AccountIsRevoked, OwnDevice, and
    what require_managed and not_for_oneself raise.
    """
    async with audit.attempt(db, who, HAND_OVER, account_id):

        async def work(tx: Tx) -> Claim:
            account = await accounts.get(tx, account_id)
            require_managed(who, ISSUE, account)
            await not_for_oneself(tx, who, contact_of(account))
            claim = await _asked_for(tx, account, word, seen)
            own = await accounts.get(tx, who.account_id)
            if claim.id == domain.claim_id(own_claim) or guard.knows_device(
                own.username, claim.known_device
            ):
                raise OwnDevice("word")
            near = claim.network == guard.mark("address", origin.network)
            return await _confirmed(tx, claim, account, seen, who, origin, now, same_network=near)

        return await transact(db, work)


async def confirm_installed(username: str, word: str, *, db: Database, now: datetime) -> Claim:
    """The same for the accounts of the top, which nobody issued: by who has the machine.

    Raises NotFound and what `confirm` raises of the claim.
    """
    async with audit.attempt(db, None, HAND_OVER, username):

        async def work(tx: Tx) -> Claim:
            account = await accounts.by_username(tx, username)
            if account is None:
                raise NotFound()
            seen = Seen.IN_PERSON
            claim = await _asked_for(tx, account, word, seen)
            return await _confirmed(
                tx, claim, account, seen, None, Origin(), now, same_network=True
            )

        return await transact(db, work)


async def _asked_for(tx: Tx, account: Account, word: str, seen: Seen) -> Claim:
    if account.revoked:
        raise AccountIsRevoked()
    if (await credentials.find(tx, account.id)).password_hash:
        raise PasswordIsSet("word")
    factor = await factors.find(tx, account.id)
    if factor.removal and not factor.enrolled and seen is not Seen.IN_PERSON:
        raise InPersonNeeded("seen")
    if seen is Seen.BY_PHONE and not account.phone:
        raise PhoneNotOnRecord("seen")
    claim = await store.by_word(tx, domain.word_mark(word), account.username)
    if claim is None:
        raise ClaimUnknown("word")
    return claim


async def _confirmed(
    tx: Tx,
    claim: Claim,
    account: Account,
    seen: Seen,
    who: Principal | None,
    origin: Origin,
    now: datetime,
    *,
    same_network: bool,
) -> Claim:
    confirmed = claim.confirm(account.id, account.username, now)
    await store.confirm(tx, confirmed)
    by = who.account_id if who else ""
    await history.note(tx, account.id, Did.HANDED_OVER, origin, now, by=by)
    await audit.accepted(
        tx, who, HAND_OVER, account.id, seen=seen, device=claim.device, same_network=same_network
    )
    return confirmed


async def set_password(
    secret: str, password: str, *, origin: Origin, db: Database, guard: Guard, now: datetime
) -> Account:
    """The device sets the password, once. One against the rules leaves the claim as it was.

    Raises ClaimIsOver, ClaimNotConfirmed, TooManySignIns and the refusals of domain.passwords.
    """
    claim = await standing(secret, db=db, now=now)
    if claim is None:
        raise ClaimIsOver()
    async with audit.attempt(db, None, SET, claim.account_id or "unconfirmed"):
        if not claim.confirmed:
            raise ClaimNotConfirmed()
        account = await accounts.get(db, claim.account_id)
        passwords.check(password, username=account.username, tier=account.tier)
        password_hash = await guard.hasher.hash(password)

        async def work(tx: Tx) -> Account:
            current = await accounts.get(tx, account.id)
            if current.revoked or not await store.use_up(tx, claim.id):
                raise ClaimIsOver()
            await credentials.set_password(tx, account.id, password_hash)
            await history.note(tx, account.id, Did.PASSWORD_SET, origin, now)
            await audit.accepted(tx, None, SET, account.id, by="claim")
            return current

        return await transact(db, work)
