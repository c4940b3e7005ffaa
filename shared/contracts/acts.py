"""The audit record of one official act, accepted or refused; every service publishes its own."""

from pydantic import Field

from shared.contracts.event import Event, Fact


class Actor(Fact):
    """Who acted. `account_id` is empty for the system itself and for the signed-out public; `name`
    for people, whose names are looked up by the id when the record is read.
    """

    account_id: str = ""
    name: str = ""
    tier: str = ""
    unit_id: str = ""
    facility_id: str | None = None


class Words(Fact):
    """Words inside those of a refusal: Vietnamese, their `{names}` to be filled from `facts`, and
    from `phrases` where what is named is words again."""

    said: str
    facts: dict[str, str] = Field(default_factory=dict)
    phrases: dict[str, "Words"] = Field(default_factory=dict)


class ActRecorded(Event):
    """Who did what to what, why, with which outcome (Decree 85/2016: access is recorded).

    `subject` is the object acted upon, `action` a name of shared/permissions.toml or of the
    service's own vocabulary, `outcome` "accepted" or the refusal's code. `said` is what a refusal
    told who acted, in Vietnamese and before its `{names}` are filled from `facts`; "" if accepted.
    `phrases` has those of the facts again that are words themselves, so that they can be told in
    another language. `records`, where records were read (`access.read`): the ids of those that were
    opened within the hour, and of the facilities whose they are; `time` is then that of the last
    read, and `facts` say how many there were (`times`), from when (`from`), at which address.
    """

    actor: Actor
    action: str
    outcome: str = "accepted"
    reason: str = ""
    trace_id: str = ""
    facts: dict[str, str] = Field(default_factory=dict)
    said: str = ""
    phrases: dict[str, Words] = Field(default_factory=dict)
    records: tuple[str, ...] = ()


class IdentityActRecorded(ActRecorded):
    type = "identity.act_recorded.v1"


class RegistryActRecorded(ActRecorded):
    type = "registry.act_recorded.v1"


class StampsActRecorded(ActRecorded):
    type = "stamps.act_recorded.v1"


class RecallActRecorded(ActRecorded):
    type = "recall.act_recorded.v1"


class ScanActRecorded(ActRecorded):
    type = "scan.act_recorded.v1"


class ReportingActRecorded(ActRecorded):
    type = "reporting.act_recorded.v1"


BY_SERVICE: dict[str, type[ActRecorded]] = {
    "identity": IdentityActRecorded,
    "registry": RegistryActRecorded,
    "stamps": StampsActRecorded,
    "recall": RecallActRecorded,
    "scan": ScanActRecorded,
    "reporting": ReportingActRecorded,
}
