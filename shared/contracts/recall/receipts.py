"""Whether all scan replicas said that they show what was decided, or which did not."""

from pydantic import AwareDatetime

from shared.contracts.event import Event


class ReceiptsMissing(Event):
    """Replicas have not said within five seconds that they show an act of a case. `subject` is
    the act, "<case>@<version of the case>"; told once for each set of `replicas`.

    `act` is ordered, grown or lifted. No `replicas`: none of them answers at all. Such a replica
    calls nothing safe until it has caught up. `facility_id`, `commune` and `sector` are of the
    owner of the goods.
    """

    type = "recall.receipts_missing.v1"

    case_id: str
    case_version: int
    act: str
    replicas: tuple[str, ...]
    since: AwareDatetime
    facility_id: str
    commune: str
    sector: str


class ReceiptsComplete(Event):
    """After an alarm all replicas that count show the act. `subject` is the act, as in
    ReceiptsMissing. `gone` were named and have not answered for ten minutes: they count as taken
    away, and never confirmed it."""

    type = "recall.receipts_complete.v1"

    case_id: str
    case_version: int
    act: str
    since: AwareDatetime
    gone: tuple[str, ...] = ()
