"""What a run does and what befalls it, from its seed alone."""

import random
from dataclasses import asdict, dataclass
from typing import Any

ACTS = ("issue", "derive", "recall", "lift", "recall again", "scan")
MOST_FAULTS = 3
SERVICES = (
    "registry",
    "stamps",
    "recall",
    "reporting",
    "projector",
    "recorder",
    "scan-1",
    "scan-2",
)
CRASHES = {
    "stamps": ("stamps.issue.number_drawn", "stamps.issue.before_commit", "relay.confirmed"),
    "recall": ("recall.order.before_commit", "recall.order.after_commit", "relay.numbered"),
    "registry": ("relay.numbered", "relay.confirmed"),
    "projector": ("consumer.scan.projection.applied", "consumer.scan.projection.before_ack"),
    "recorder": ("consumer.scan.recorder.applied", "consumer.scan.recorder.before_ack"),
    "reporting": (
        "consumer.reporting.ledger.before_ack",
        "consumer.reporting.statistics.before_ack",
    ),
}
QUEUES = (
    *("scan.projection", "scan.recorder", "recall.genealogy", "recall.stamps", "recall.scans"),
    *("stamps.facts", "reporting.ledger", "reporting.statistics"),
)
# Of each of these groups at most one fault a run: a majority of every kind of server stays.
BROKER = ("a node is killed", "two nodes are killed", "a node is frozen", "memory alarm")
DATABASE = ("primary killed", "primary frozen", "primary steps down", "secondary killed")
PROCESS = ("killed", "frozen", "crashes", "restarted", "no descriptors")
NETWORK = ("reset", "black hole", "slow")
EVENTS = ("told again", "queue deleted", "binding removed")


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` befalls `what`, from just before the act `at` on, for so many seconds."""

    kind: str
    what: str
    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Schedule:
    seed: int
    acts: tuple[str, ...]
    faults: tuple[Fault, ...]

    def told(self) -> dict[str, Any]:
        return asdict(self)


def schedule(seed: int) -> Schedule:
    """The same for the same seed, for ever."""
    chance = random.Random(seed)
    acts = ["recall", *chance.choices(("issue", "derive", "scan"), k=chance.randint(1, 3))]
    chance.shuffle(acts)
    if chance.random() < 0.5:
        acts.append("lift")
        if chance.random() < 0.6:
            acts.append("recall again")
    acts.insert(chance.randint(0, len(acts)), "scan")
    groups = chance.sample((BROKER, DATABASE, PROCESS, PROCESS, NETWORK, EVENTS), MOST_FAULTS)
    faults, met = [], set()
    for group in groups[: chance.randint(1, MOST_FAULTS)]:
        kind = chance.choice(group)
        what = _what(kind, group, chance)
        at, seconds = chance.randrange(len(acts)), round(chance.uniform(0.3, 4.0), 2)
        if what.split("@")[0] not in met or not what:
            met.add(what.split("@")[0])
            faults.append(Fault(kind, what, at, seconds))
    return Schedule(seed, tuple(acts), tuple(faults))


def _what(kind: str, group: tuple[str, ...], chance: random.Random) -> str:
    if kind == "crashes":
        name = chance.choice(sorted(CRASHES))
        return f"{name}@{chance.choice(CRASHES[name])}"
    if group is PROCESS:
        return chance.choice(SERVICES)
    if group is NETWORK:
        return chance.choice(("scan-1", "recall"))
    if kind in ("queue deleted", "binding removed"):
        return chance.choice(QUEUES)
    if kind in ("a node is killed", "two nodes are killed", "a node is frozen"):
        return f"node {chance.randrange(3)}"
    return ""
