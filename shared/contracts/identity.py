"""What identity tells: units, the life of accounts, and the keys that verify access tokens."""

from pydantic import AwareDatetime

from shared.contracts.event import Event


class UnitPublished(Event):
    """A unit of the tree as it now stands. `subject` is the unit's id.

    `path` lists the ids from the root to the unit itself; `communes` holds the commune codes the
    unit answers for, ("*",) meaning the whole province; `sector` is agriculture, health,
    industry_trade or "*". `successor_id`: the unit it was merged into at `valid_to`;
    `former_names`: its own and those of the units merged into it, oldest first.
    """

    type = "identity.unit_published.v1"

    name: str
    tier: str
    parent_id: str | None = None
    path: tuple[str, ...]
    communes: tuple[str, ...] = ()
    sector: str = "*"
    active: bool = True
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    successor_id: str | None = None
    former_names: tuple[str, ...] = ()


class AccountPublished(Event):
    """An account as it now stands, without credentials. `status`: active, suspended, revoked.

    `erased`: its person's data was erased; the names are pseudonyms, and earlier ones are to be
    forgotten by whoever kept them. `commune`, `sector`: of a facility's account, where the facility
    lies as far as identity knew then; what registry publishes of the facility goes before them.
    """

    type = "identity.account_published.v1"

    username: str
    name: str
    tier: str
    kinds: tuple[str, ...]
    unit_id: str
    facility_id: str | None = None
    status: str
    erased: bool = False
    commune: str | None = None
    sector: str | None = None


class AccessRevoked(Event):
    """Tokens of this account issued before `not_before` are void. `subject` is the account.

    With a `session_id` only the tokens of that session are.
    """

    type = "identity.access_revoked.v1"

    not_before: AwareDatetime
    session_id: str = ""
    reason: str = ""


class KeysPublished(Event):
    """The public keys that verify access tokens: a JWK Set (RFC 7517), Ed25519 only (RFC 8037)."""

    type = "identity.keys_published.v1"

    keys: tuple[dict[str, str], ...]


class ApplicationPublished(Event):
    """An application for an account (R5) as it now stands; nothing personal. `subject` is its id.

    `wish`: new or reissue; `state`: waiting, more_asked, accepted, rejected, withdrawn (by its
    sender; nothing of it is kept); `papers`: how many are enclosed.
    """

    type = "identity.application_published.v1"

    wish: str
    commune: str
    sector: str
    state: str
    submitted_at: AwareDatetime
    papers: int = 0
