"""Early warning: signals that rules raise, and what officials decide about them (R55)."""

from datetime import date

from shared.contracts.event import Event, Fact


class SignalPlace(Fact):
    """A commune with the sector of goods there; "" where nobody knows whose they were, "*" where
    the signal is about the commune itself, for whoever answers for all goods there."""

    commune: str
    sector: str


class SignalRaised(Event):
    """A signal as it now stands: told when it is raised, when it changes, when it is decided and
    when facts no longer bear it out (`open` false then). `subject` is the signal.

    `rule` is a key of recall's rules; `severity` attention, serious or critical; `count` of
    `needed` different ones bear it out since `starts_on`. It names no goods and no facility.
    """

    type = "recall.signal_raised.v1"
    derived = True

    rule: str
    open: bool
    severity: str
    count: int
    needed: int
    starts_on: date
    places: tuple[SignalPlace, ...] = ()


class SignalDecided(Event):
    """An official decided about a signal. `subject` is the signal.

    `decision` is dismissed, suspicion (one was opened), inspection (one was asked for, with a
    suspicion) or recall (ordered on what the signal names, by whomever). It carries no words.
    """

    type = "recall.signal_decided.v1"

    rule: str
    decision: str
    authority: str
    suspicion_id: str = ""
    case_id: str = ""
