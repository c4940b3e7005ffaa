"""What scan tells: scans in batches, and the receipt of each notice from each replica."""

from datetime import date

from pydantic import AwareDatetime

from shared.contracts.event import Event, Fact

# What a consumer's page says of a stamp, worst first.
VERDICTS = (
    "unknown",
    "recalled",
    "withdrawn",
    "revoked",
    "suspect_copy",
    "suspended",
    "not_activated",
    "expired",
    "warning",
    "unconfirmed",
    "genuine",
)


class NoticeApplied(Event):
    """A replica shows this notice from now on. `subject` is the replica's name.

    Passes by the outbox: it is kept in the replica's memory until the bus confirms it.
    `by` tells which way the notice came: bus, feed or start.
    """

    type = "scan.notice_applied.v1"

    notice: str
    case_id: str
    notice_version: int
    replica: str
    incarnation: str
    applied_at: AwareDatetime
    by: str


class ScanCount(Fact):
    """Scans of one hour of one thing. `commune` only where the phone gave it.

    `first_of_stamp` counts scans that were the first of their stamp since it stands on its lot: in
    all, the different stamps of a lot that were scanned.
    """

    hour: AwareDatetime
    verdict: str
    facility_id: str = ""
    product_id: str = ""
    lot_id: str = ""
    commune: str = ""
    scans: int
    first_of_user: int
    first_of_stamp: int = 0


class ScansRecorded(Event):
    """What one sealed spool segment held, counted once. `subject` is the segment's name.

    `first_of_user` counts scans that were the first of their daily-keyed user that day.
    """

    type = "scan.scans_recorded.v1"

    replica: str
    sequence: int
    counts: tuple[ScanCount, ...]


class Finding(Fact):
    """What one rule found in a day's scans of a stamp: so many independent `sources` bear it out.

    `figure` is the rule's own: kilometres for impossible_travel and far_from_sales, days for
    long_after, else 0. `communes` are places it names.
    """

    rule: str
    points: int
    sources: int
    figure: float = 0
    communes: tuple[str, ...] = ()


class SuspicionPublished(Event):
    """Whether a stamp is thought to be copied, as it now stands. `subject` is "<batch>/<serial>".

    `state`: suspected (by the rules; buyers are warned), held_back (by the rules, but beyond what
    of one product is believed in a day: buyers are told nothing), confirmed or cleared (by an
    official, with a reason). `day` is that of the scans, in Vietnam.
    """

    type = "scan.suspicion_published.v1"

    batch: int
    serial: int
    facility_id: str
    product_id: str
    lot_id: str
    state: str
    day: str
    points: int
    findings: tuple[Finding, ...]
    reason: str = ""
    by: str = ""


class ComplaintFiled(Event):
    """Somebody reported a problem with a stamp, or with goods without one. `subject` is the
    report, `reference` the number by which its reporter knows it.

    `kind` is looks_fake, spoiled, made_ill, wrong_information or other; `verdict` is what the
    reporter says the stamp's page showed, "" if they do not. `commune` only where it was chosen,
    `place` in their words. `photo` is the address of the photo at scan's desk, "" without one; it
    and the reporter's phone number, of which only `has_phone` is told, are gone from
    `private_until`, everything else from `kept_until`. `typed` is a code of no stamp here, as the
    reporter read it; `batch` and `serial` are 0 then.

    `origin` is stamp, no_stamp (the stamp is missing or cannot be read: `facility_id` and
    `product_id` are then what the reporter chose, `goods` what they say of the label) or official:
    entered by one of the unit `entered_by` who was told on the day `heard_on` by `channel` (phone,
    in_person, letter or online); `clerk` is the same for all that one official enters, and tells of
    them nothing else. `more_photos` are addresses as `photo` is, and go when it goes.
    """

    type = "scan.complaint_filed.v1"

    reference: str
    batch: int
    serial: int
    facility_id: str = ""
    product_id: str = ""
    lot_id: str = ""
    verdict: str = ""
    kind: str
    words: str
    commune: str = ""
    place: str = ""
    photo: str = ""
    has_phone: bool = False
    filed_at: AwareDatetime
    private_until: AwareDatetime
    kept_until: AwareDatetime
    typed: str = ""
    origin: str = "stamp"
    goods: str = ""
    channel: str = ""
    heard_on: date | None = None
    entered_by: str = ""
    clerk: str = ""
    more_photos: tuple[str, ...] = ()


class ReporterReplied(Event):
    """Who reported a problem answered what officials asked. `subject` is "<report>/<question>".

    `photo` is its address at scan's desk, "" without one; it is gone from `private_until`.
    """

    type = "scan.reporter_replied.v1"

    complaint_id: str
    question: int
    words: str
    photo: str = ""
    private_until: AwareDatetime
