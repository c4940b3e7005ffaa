"""Codes within an act: a shown one is checked and used up, a new factor's first one confirms it."""

from collections.abc import Sequence
from datetime import datetime

from services.identity.domain import factors as domain
from services.identity.domain import totp
from services.identity.domain.access import Did
from services.identity.domain.factors import CodeAlreadyUsed, SecondFactorRefused
from services.identity.domain.tickets import Ticket
from services.identity.guard import Guard
from services.identity.store import factors
from shared.mongo import Tx

WRONG = (SecondFactorRefused, CodeAlreadyUsed)


async def spend(tx: Tx, account_id: str, typed: str, guard: Guard, now: datetime) -> Did:
    """Use up the code that was typed, of the app or of the paper; which of them it was.

    Raises SecondFactorRefused, CodeAlreadyUsed. Of two at once with the same code one wins: both
    write the same record, so the other one is run again and finds the step used.
    """
    factor = await factors.find(tx, account_id)
    if factor.sealed is None:
        raise SecondFactorRefused("code")
    digits = domain.read_digits(typed)
    if digits is None:
        code = domain.read_recovery(typed)
        marks = guard.factors.matching(account_id, code, factor.recovery)
        await factors.put(tx, factor.use_recovery(marks, now))
        return Did.RECOVERY_USED
    seed = guard.factors.open(account_id, factor.sealed)
    await factors.put(tx, factor.use_step(totp.matching_step(seed, digits, now), now))
    return Did.PROVEN


async def enrol(
    tx: Tx, ticket: Ticket, typed: str, recovery: Sequence[str], guard: Guard, now: datetime
) -> None:
    """Keep the ticket's seed as the account's factor if the code is one of its; raises
    SecondFactorRefused. An earlier seed and its recovery codes are void."""
    sealed = ticket.sealed or b""
    seed = guard.factors.open(ticket.account_id, sealed)
    step = totp.matching_step(seed, domain.read_digits(typed) or "", now)
    if step is None:
        raise SecondFactorRefused("code")
    factor = await factors.find(tx, ticket.account_id)
    marks = marks_of(ticket.account_id, recovery, guard)
    await factors.put(tx, factor.enrol(sealed, step, marks, now, guard.factors.current))


def marks_of(account_id: str, recovery: Sequence[str], guard: Guard) -> list[bytes]:
    """What is kept of recovery codes."""
    return [guard.factors.mark(account_id, domain.read_recovery(code)) for code in recovery]
