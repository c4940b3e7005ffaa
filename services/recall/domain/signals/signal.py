"""A signal of early warning (R55): what a rule found, and what an official decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final, Literal

from services.recall.domain.complaint import Step
from services.recall.domain.signals.fact import SEPARATOR, Fact, part_of, rule_of
from services.recall.domain.signals.finding import Finding
from services.recall.domain.signals.rules import Rule, Severity
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Place
from shared.contracts.recall import SignalDecided, SignalPlace, SignalRaised
from shared.errors import EditConflict, Kind, Refusal

State = Literal["open", "subsided", "dismissed", "suspicion", "inspection", "recall"]
STATES: Final[tuple[State, ...]] = (
    "open",
    *("suspicion", "inspection", "recall", "dismissed", "subsided"),
)
DECIDED: Final[tuple[State, ...]] = ("dismissed", "suspicion", "inspection", "recall")
# So many facts are kept with a signal; of more the latest, and how many there were.
MOST_KEPT: Final = 1_000


class SignalOver(Refusal):
    code = "signal_decided"
    message = "Cảnh báo này đã có quyết định hoặc không còn nữa. Hãy tải lại trang để xem."


class SignalOfOthers(Refusal):
    code = "signal_decided_by_others"
    kind = Kind.FORBIDDEN
    message = (
        "Cảnh báo này do cấp khác quyết định. Xem cột Ai quyết định ở bảng quy tắc, "
        "hoặc báo cấp đó."
    )


class SignalWider(Refusal):
    code = "signal_wider_than_area"
    kind = Kind.FORBIDDEN
    message = (
        "Cảnh báo này gồm cả cơ sở ngoài địa bàn hoặc ngành của bạn. "
        "Hãy báo đơn vị phụ trách toàn bộ các cơ sở đó, hoặc cấp tỉnh, quyết định."
    )


class GoodsNotInSignal(Refusal):
    code = "signal_of_other_goods"
    kind = Kind.INVALID
    message = "Hàng này không có trong bằng chứng của cảnh báo. Hãy chọn trong danh sách."


@dataclass(frozen=True, slots=True)
class Decision:
    """What an official decided and where it led: the id of a suspicion, or of a case."""

    by: str
    authority: str
    at: datetime
    words: str
    suspicion_id: str = ""
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """`key` is rule and subject, `start` the day on which it begins: together they are its `id`.

    `count` of `needed` different ones bear it out, at `places`; `facts` are those that are kept of
    `total`, whose ids are all in `ids`; `label` is what they have in common as it is read. While it
    is open it follows the facts; once decided it stays as the official saw it. `joined` says with
    which version each of `ids` came, `firm` the last version that was more than growth.
    """

    id: str
    version: int
    key: str
    start: date
    state: State
    severity: Severity
    count: int
    needed: int
    total: int
    facts: tuple[Fact, ...]
    places: tuple[Place, ...]
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    changed_at: datetime
    decision: Decision | None = None
    steps: tuple[Step, ...] = ()
    ids: tuple[str, ...] = ()
    label: str = ""
    joined: tuple[int, ...] = ()
    firm: int = 1

    @property
    def rule(self) -> Rule | None:
        return rule_of(self.key)

    @property
    def rule_key(self) -> str:
        return self.key.partition(SEPARATOR)[0]

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def commune(self) -> str:
        """Where the reports come from, of a rule about one commune; "" of others. Whoever answers
        for all goods there decides, wherever these were made."""
        return part_of(self.key, "commune")

    @property
    def target(self) -> Target | None:
        """What a recall would be aimed at, where the rule says so."""
        rule = self.rule
        if rule is None or not rule.target:
            return None
        name = "input" if rule.target == "input" else f"{rule.target}_id"
        found = part_of(self.key, name)
        return Target(TargetKind(rule.target), found) if found else None

    def following(self, found: Finding, places: Sequence[Place], now: datetime) -> "Signal":
        """As the facts are now; the same where nothing changed."""
        told = _told(found, places)
        if self.is_open and all(getattr(self, name) == value for name, value in told.items()):
            return self
        steps = self.steps if self.is_open else (*self.steps, Step(now, "reopened", ""))
        version = self.version + 1
        had = dict(zip(self.ids, self.joined, strict=True)) if self.is_open else {}
        changes: dict[str, Any] = {**told, "state": "open", "changed_at": now, "steps": steps}
        changes["joined"] = tuple(had.get(id_, version) for id_ in told["ids"])
        changes["firm"] = self.firm if self._only_grows_to(told) else version
        return replace(self, version=version, **changes)

    def _only_grows_to(self, told: dict[str, Any]) -> bool:
        """It is what it was, with more evidence: no worse, nowhere else, and nothing taken back."""
        same = all(getattr(self, name) == told[name] for name in ("severity", "places"))
        return self.is_open and same and set(self.ids) <= set(told["ids"])

    def subsided(self, now: datetime) -> "Signal":
        """The facts no longer bear it out: some were taken back, or another signal has them."""
        steps = (*self.steps, Step(now, "subsided", ""))
        changes: dict[str, Any] = {"state": "subsided", "changed_at": now, "steps": steps}
        return replace(self, version=self.version + 1, **changes)

    def decided(self, state: State, decision: Decision, version: int | None) -> "Signal":
        """With what the official saw, at this version: what only added to it meanwhile is left to
        be counted anew. Raises SignalOver, and EditConflict where more changed than that."""
        if not self.is_open:
            raise SignalOver()
        if version is not None and not self.firm <= version <= self.version:
            raise EditConflict()
        seen = self if version is None else self._as_of(version)
        steps = (*self.steps, Step(decision.at, state, decision.by, decision.words))
        changes: dict[str, Any] = {"state": state, "decision": decision, "steps": steps}
        return replace(seen, version=self.version + 1, changed_at=decision.at, **changes)

    def _as_of(self, version: int) -> "Signal":
        """As far as its facts had come then; of very many it is not known how many different."""
        born = {id_: at for id_, at in zip(self.ids, self.joined, strict=True) if at <= version}
        if len(born) == len(self.ids):
            return self
        facts = tuple(fact for fact in self.facts if fact.id in born)
        rule, whole = self.rule, len(facts) == len(born)
        counted = len({fact.unit(rule.counts) for fact in facts}) if rule and whole else self.count
        return replace(
            self,
            ids=tuple(born),
            joined=tuple(born.values()),
            facts=facts,
            total=len(born),
            count=counted,
            last_at=facts[-1].at if facts else self.last_at,
        )

    def told(self) -> SignalRaised:
        return SignalRaised(
            subject=self.id,
            version=self.version,
            time=self.changed_at,
            rule=self.rule_key,
            open=self.is_open,
            severity=self.severity,
            count=self.count,
            needed=self.needed,
            starts_on=self.start,
            places=tuple(SignalPlace(commune=c, sector=s) for c, s in sorted(self._told_places())),
        )

    def _told_places(self) -> set[tuple[str, str]]:
        found = {(one.commune, one.sector) for one in self.places}
        return found | ({(self.commune, "*")} if self.commune else set())

    def told_decision(self) -> SignalDecided:
        assert self.decision is not None
        return SignalDecided(
            subject=self.id,
            version=self.version,
            time=self.changed_at,
            rule=self.rule_key,
            decision=self.state,
            authority=self.decision.authority,
            suspicion_id=self.decision.suspicion_id,
            case_id=self.decision.case_id,
        )


def raised(id_: str, key: str, found: Finding, places: Sequence[Place], now: datetime) -> Signal:
    return Signal(
        id=id_,
        version=1,
        key=key,
        start=found.start,
        state="open",
        raised_at=now,
        changed_at=now,
        joined=(1,) * len(found.facts),
        **_told(found, places),
    )


def id_of(key: str, start: date, after: int = 0) -> str:
    """The same whoever raises it, however often. `after`: so many of this subject and day were
    decided before it."""
    return sha256(SEPARATOR.join((key, start.isoformat(), str(after))).encode()).hexdigest()[:32]


def _told(found: Finding, places: Sequence[Place]) -> dict[str, Any]:
    return {
        "severity": found.severity,
        "count": found.count,
        "needed": found.needed,
        "total": len(found.facts),
        "facts": found.facts[-MOST_KEPT:],
        "ids": tuple(fact.id for fact in found.facts),
        "label": found.facts[0].label if "what" in found.rule.subject else "",
        "places": tuple(places),
        "first_at": found.facts[0].at,
        "last_at": found.facts[-1].at,
    }
