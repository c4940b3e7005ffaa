"""Nobody grants, confirms or publishes what is their own: every act of the permission matrix is
either gone over here with the account that began it, or stands in the list of those that one does
alone, with the reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.identity.domain.accounts import Account, Assignment
from services.identity.domain.management import require_managed
from services.identity.domain.oneself import Contact, require_another
from services.recall.domain import correcting
from services.recall.domain.case import Case
from services.recall.domain.drill import Drill, Plan, Reached
from services.recall.domain.explaining import Differs, Explanation
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Cap, Correction, Extent, Official, Order, Place, Wording
from services.recall.domain.terms import Kind as CaseKind
from services.registry.domain import catalogue_changes, inspections, records, testing
from services.registry.domain.article import Article, Text
from services.registry.domain.article import State as ArticleState
from services.registry.domain.catalogues import Catalogue
from services.registry.domain.records import Aggregate, Author, Owner
from services.registry.domain.sender_word import Speaker, acknowledge
from services.registry.domain.shipment import End, Line, Shipment, Status
from services.stamps.domain.designs import Design, Face
from services.stamps.domain.handover_refusals import OwnHandOver
from services.stamps.domain.handovers import HandOver
from services.stamps.domain.life import Changed
from services.stamps.domain.requests import Request
from services.stamps.domain.undoing import must_be_undoable
from shared.auth import Principal
from shared.errors import Kind, Refusal
from shared.permissions import delivered

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWNER = Owner("f", "Cơ sở", "CS", "07090", "agriculture")
MAKER, HELPER, ANOTHER = "maker", "helper", "another"

Act = Callable[[str], Any]


def author(account: str) -> Author:
    return Author(account, account, "department", "u")


def submitted(aggregate: Aggregate, editors: tuple[str, ...] = (MAKER,)) -> records.Record[Any]:
    record: records.Record[Any] = records.entered(
        aggregate, "x", record_id="r", code="C", owner=OWNER, by=author(editors[0]), now=NOW
    )
    for account in editors[1:]:
        record = record.edit(
            record.content + "y", version=record.version, by=author(account), now=NOW
        )
    return record.submit(version=record.version, by=author(editors[-1]), now=NOW)


def check(aggregate: Aggregate, editors: tuple[str, ...] = (MAKER,)) -> Act:
    def act(by: str) -> Any:
        record = submitted(aggregate, editors)
        decide = record.accept_and_publish if aggregate is Aggregate.LOT else record.accept
        return decide(version=record.version, by=author(by), now=NOW)

    return act


def publish(aggregate: Aggregate, *, editor: str, checker: str) -> Act:
    def act(by: str) -> Any:
        record = submitted(aggregate, (editor, "somebody"))
        record = record.accept(version=record.version, by=author(checker), now=NOW)
        return record.publish(version=record.version, by=author(by), now=NOW)

    return act


def own_result(by: str) -> Any:
    result = testing.TestResult(
        id="t",
        lot_id="l",
        owner=OWNER,
        version=1,
        sample="S",
        sampled_on=date(2026, 11, 1),
        laboratory="L",
        parameter="Chì",
        value="0,1",
        verdict=testing.Verdict.PASSED,
        by=author(MAKER),
        entered_at=NOW,
    )
    return result.decide(testing.Standing.APPROVED, by=author(by), reason="", now=NOW)


def inspection(*, corrected: bool) -> Act:
    def act(by: str) -> Any:
        minute = inspections.Minute(date(2026, 11, 1), "planned", "Đoàn 1", "passed", "Đạt")
        recorder = HELPER if corrected else MAKER
        one = inspections.Inspection(
            "i", "f", "Cơ sở", "07090", "agriculture", minute, 1, recorder, NOW, writers=(recorder,)
        )
        if corrected:
            one = one.correct(
                replace(minute, findings="Đạt hết"),
                (),
                reason="Chép thiếu",
                by=author(MAKER),
                version=1,
                now=NOW,
            )
        return one.publish(public=True, reason="Điều 20", by=author(by), version=one.version)

    return act


def catalogue_change(by: str) -> Any:
    change = catalogue_changes.Change(
        "c", Catalogue.SUPPLIES, "x", {}, date(2026, 12, 1), False, "vì", author(MAKER), NOW
    )
    return change.decided(approved=True, by=author(by), reason="", now=NOW)


def article(by: str) -> Any:
    one = Article(
        id="a",
        version=1,
        state=ArticleState.SUBMITTED,
        unit_id="u",
        commune="*",
        sector="*",
        draft=Text("news", "T", "S", "B"),
        published=None,
        writers=(author(MAKER), author(HELPER)),
        created_at=NOW,
        updated_at=NOW,
    )
    return one.publish(version=1, by=author(by), now=NOW)


def design(writers: tuple[str, ...]) -> Act:
    def act(by: str) -> Any:
        face = Face("20mm", "none", "grey", "black")
        one = Design("d", "f", "*", "n", face, "draft", NOW, NOW, hands=writers)
        handed_in = one.submit(by=[HELPER if writers else MAKER], account=HELPER, now=NOW)
        return handed_in.decide("approve", "", by=[by], account=by, now=NOW)

    return act


def stamp_request(by: str) -> Any:
    request = Request("r", "f", "p", "", 10, "", MAKER, NOW)
    return request.approve(quantity=None, batch=1, by=by, reason="", now=NOW)


def stamps_received(by: str) -> Any:
    """By the account that handed over, and by another account of the same person."""
    mark = "mobile of the maker"
    made = HandOver(
        "h", 1, "f", "p", "u", ((0, 9),), "A", "2026-11-20", MAKER, "A", "unit", (mark,), NOW
    )
    helper = replace(_system(HELPER), facility_id="f", person=frozenset({mark}))
    with pytest.raises(OwnHandOver):
        made.receive((), (), "", who=helper, now=NOW)
    return made.receive((), (), "", who=replace(_system(by), facility_id="f"), now=NOW)


def difference_agreed(by: str) -> Any:
    """With what the authority said, by who handed over, from an account of the facility."""
    mark = "mobile of the maker"
    made = HandOver(
        "h", 1, "f", "p", "u", ((0, 9),), "A", "2026-11-20", MAKER, "A", "unit", (mark,), NOW
    )

    def of_facility(account: str) -> Principal:
        person = frozenset({mark} if account == HELPER else ())
        return replace(_system(account), tier="facility", facility_id="f", person=person)

    differs = made.receive(((9, 9),), (), "Thiếu", who=of_facility("receiver"), now=NOW)
    answered = differs.answer("Đủ", agrees=False, who=_system("colleague"), now=NOW)
    return answered.answer("", agrees=True, who=of_facility(by), now=NOW)


def difference_of_ones_own(by: str) -> Any:
    """Found on receipt, agreed with by an account of the authority."""
    made = HandOver("h", 1, "f", "p", "u", ((0, 9),), "A", "2026-11-20", "x", "A", "unit", (), NOW)
    mark = frozenset({"mobile of the maker"})
    receiver = replace(_system(MAKER), tier="facility", facility_id="f", person=mark)
    differs = made.receive(((9, 9),), (), "Thiếu", who=receiver, now=NOW)
    person = mark if by == HELPER else frozenset()
    return differs.answer("", agrees=True, who=replace(_system(by), person=person), now=NOW)


def undo_of_revocation(by: str) -> None:
    """By the account that revoked, and by another account of the same person."""
    mark = "mobile of the maker"
    made = Changed(
        1, 1, 0, 9, "revoke", lot="", reason="", by=MAKER, by_name="A", by_authority=True, at=NOW,
        by_person=(mark,),
    )  # fmt: skip
    person = frozenset({mark} if by == HELPER else ())
    must_be_undoable(made, who=replace(_system(by), person=person), now=NOW)


def _waiting_case() -> Case:
    place = Place("f", "07090", "agriculture")
    order = Order(CaseKind.RECALL, Target(TargetKind.LOT, "l"), Wording("T", "R", "I"))
    extent = Extent(place, (place,), ("l",), 5)
    case, _ = Case.order(
        "c", order, extent, who=_official(MAKER), authority="Sở", cap=Cap(1, 0), now=NOW
    )
    return case


def _official(account: str) -> Official:
    return Official(account, account)


def large_recall(by: str) -> Any:
    case = _waiting_case()
    extent = Extent(case.owner, case.places, ("l",), 5)
    return case.confirm(extent, who=_official(by), now=NOW)


def large_drill(by: str) -> Any:
    target = Target(TargetKind.LOT, "l")
    plan = Plan(target, "Lô", "Lot", "批次", "Giả định", 24)
    reached = Reached(lots=1, facilities=1, stamps=5, seconds=0.1, known_number=1)
    drill = Drill.begin(
        "d", plan, reached, owner=Place("f", "07090", "agriculture"), who=_official(MAKER),
        unit_id="u", authority="Sở", cap=Cap(1, 0), now=NOW,
    )  # fmt: skip
    return drill.confirm(reached, who=_official(by), now=NOW)


def lift(by: str) -> Any:
    case = _waiting_case()
    extent = Extent(case.owner, case.places, ("l",), 5)
    case, _ = case.confirm(extent, who=_official(HELPER), now=NOW)
    return case.request_lift("Đã xử lý", who=_official(MAKER), now=NOW).confirm_lift(
        who=_official(by), now=NOW
    )


def large_difference(by: str) -> Any:
    differs = (Differs("l", Decimal(6), Decimal("0.06")),)
    given = Explanation.give(
        "e", "c", differs, "Hao hụt", evidence=(), by=_official(MAKER), now=NOW
    )
    return given.decide(agreed=True, by=_official(by), now=NOW)


def narrowed(by: str) -> Any:
    case = _waiting_case()
    extent = Extent(case.owner, case.places, ("l", "m"), 5)
    case, _ = case.confirm(extent, who=_official(HELPER), now=NOW)
    wanted = Correction(case.said, "Nhầm lô", remove=("m",))
    case = correcting.ask(case, wanted, who=_official(MAKER), now=NOW)
    return correcting.asked_of(case, _official(by))


def managed(action: str) -> Act:
    """An account's life, its person, its factor, its handing over: never one's own."""
    account = Account(
        id=MAKER,
        version=1,
        username=MAKER,
        name="A",
        position="",
        tier="unit",
        kinds=frozenset({"system"}),
        unit_id="below",
        unit_path=("u", "below"),
        facility_id=None,
        commune=None,
        sector=None,
        assignment=Assignment("1", date(2026, 1, 1)),
        holds=frozenset(),
        revoked=False,
        issued_at=NOW,
        issued_by=HELPER,
    )

    def act(by: str) -> Any:
        require_managed(_system(by), action, account)

    return act


def _system(account: str) -> Principal:
    return Principal(
        account_id=account,
        name=account,
        tier="department",
        kinds=frozenset({"system"}),
        unit_id="u",
        session_id="s",
        communes=("*",),
    )


def same_person(by: str) -> Any:
    """An account, or an application, with the mobile number of who decides on it."""
    own = {MAKER: Contact("+84 912 345 678", ""), ANOTHER: Contact("0987 654 321", "")}
    require_another(own[by], Contact("0203 000 1111", "b@c.vn"), Contact("0912.345.678", ""))


def receipt(by: str) -> Any:
    """The sender's word, by an official, on goods whose receipt one recorded for their receiver."""
    other = replace(OWNER, facility_id="g")
    line = Line("l", Decimal(1), "kg")
    one = Shipment(
        "s", "SH", 1, End.TRANSFER, Status.RECEIVED, OWNER, other, (line,), author(MAKER), NOW, NOW,
        declared=True, by_person=("mobile of the maker",),
    )  # fmt: skip
    person = frozenset({"mobile of the maker"} if by == HELPER else ())
    return acknowledge(one, Speaker(author(by), person, "Biên bản 12"), NOW)


def by_their_second_account(act: Act) -> Act:
    return lambda by: act(HELPER if by == MAKER else by)


OWN: dict[str, dict[str, Act]] = {
    "facility.check": {
        "entered": check(Aggregate.FACILITY),
        "an earlier draft": check(Aggregate.FACILITY, (MAKER, HELPER)),
    },
    "facility.publish": {
        "entered": publish(Aggregate.FACILITY, editor=MAKER, checker=HELPER),
        "checked": publish(Aggregate.FACILITY, editor=HELPER, checker=MAKER),
    },
    "product.check": {"entered": check(Aggregate.PRODUCT)},
    "product.publish": {
        "entered": publish(Aggregate.PRODUCT, editor=MAKER, checker=HELPER),
        "checked": publish(Aggregate.PRODUCT, editor=HELPER, checker=MAKER),
    },
    "growing_area.publish": {
        "check of what one entered": check(Aggregate.GROWING_AREA),
        "entered": publish(Aggregate.GROWING_AREA, editor=MAKER, checker=HELPER),
        "checked": publish(Aggregate.GROWING_AREA, editor=HELPER, checker=MAKER),
    },
    "lot.check": {"entered": check(Aggregate.LOT), "a result of one's own": own_result},
    "lot.enter": {
        "the sender's word on one's receipt": receipt,
        "by a second account": by_their_second_account(receipt),
    },
    # To override is part of the check, which the lot's editors may not do.
    "lot.override": {"entered": check(Aggregate.LOT)},
    "inspection.publish": {
        "recorded": inspection(corrected=False),
        "corrected": inspection(corrected=True),
    },
    "catalogue.approve": {"proposed": catalogue_change},
    "article.publish": {"written": article},
    "stamps.decide": {"asked for": stamp_request},
    "stamps.design_decide": {"handed in": design(()), "written": design((MAKER,))},
    "stamps.receive": {
        "handed over": stamps_received,
        "a difference settled from both sides": difference_agreed,
        "from both sides by a second account": by_their_second_account(difference_agreed),
        "one's own difference": difference_of_ones_own,
        "one's own by a second account": by_their_second_account(difference_of_ones_own),
    },
    "stamps.undo": {
        "one's own revocation": undo_of_revocation,
        "by a second account": by_their_second_account(undo_of_revocation),
    },
    "recall.order": {"above the cap": large_recall},
    "recall.drill": {"above the cap": large_drill},
    "recall.correct": {"narrowed": narrowed},
    "recall.lift": {"asked for": lift},
    # Closing leaves every notice standing; what is missing from its sums is explained by two.
    "recall.close": {"a large difference": large_difference},
    "account.issue": {"oneself": managed("account.issue"), "the same person": same_person},
    "account.suspend": {"oneself": managed("account.suspend")},
    "account.revoke": {"oneself": managed("account.revoke")},
    "account.edit": {"oneself": managed("account.edit")},
    "account.remove_factor": {"oneself": managed("account.remove_factor")},
    "application.decide": {"the same person": same_person},
}

# What one person does, and why nobody else need agree.
ALONE: dict[str, str] = {
    "unit.edit": "never of one's own unit (tests/identity/test_units.py)",
    "client.manage": "programs read only, in the registrar's own area",
    "facility.enter": "a draft",
    "facility.stop": "takes away; what an authority stopped, a facility does not resume",
    "import.enter": "drafts",
    "suspicion.judge": "of what rules found, and can be judged otherwise at any time",
    "complaint.enter": "what somebody told, in their name; it is weighed as any other",
    "complaint.hand_over": "who answers a reporter; it changes nothing that buyers see",
    "complaint.link": "what a case rests on; the order is gone over by itself",
    "hazard.suspect": "a thought on record; what follows from it is ordered by itself",
    "hazard.ask_inspection": "others inspect; it says nothing of what they find",
    "signal.decide": "what it leads to is decided by itself; what was dismissed comes back",
    "violation.write": "it says what was found; the tier above receives it",
    "violation.receive": "never by the tier that wrote it (tests/recall/test_violations.py)",
    "complaint.join": "which reports are answered together; each can be parted again",
    "complaint.answer": "words to one reporter; it changes nothing that buyers see",
    "inspection.record": "seen by authorities and the facility only",
    "known_facility.enter": "the authorities' own list",
    "product.enter": "a draft",
    "product.withdraw": "takes away",
    "growing_area.enter": "a draft",
    "revenue.declare": "a figure of the facility's own",
    "catalogue.propose": "a proposal",
    "stamps.request": "a request, or one taken back that nobody has decided on",
    "stamps.quota": "a limit; each issue within it is still asked by one and approved by another",
    "stamps.print": "of what was issued",
    "stamps.print_centrally": "of what was issued, for the facility that asked for it",
    "stamps.hand_over": "gives what another person has to receive",
    "stamps.design": "a draft, or handed in to be decided",
    "stamps.activate": "of stamps issued to the facility itself",
    "stamps.revoke": "takes away",
    "stamps.sell": "of the facility's own goods; the stamps stay as they are",
    "stamps.hold": "takes away; lifting gives back no more than was issued",
    "recall.preview": "only looks",
    "recall.drill_answer": "says what the facility itself knows, in an exercise",
    "recall.acknowledge": "says what the facility itself knows",
    "recall.report_recovery": "counts; a large loss wants a second person before the closing",
    "recall.contacts": "where one's own facility or unit is told; each address confirms itself",
    "recall_message.retry": "tells again what was decided already, or lets one address be",
    "inquiry.answer": "the facility's own words",
    "inquiry.moderate": "officials are neither of the two that write",
    "article.write": "a draft",
}


def test_every_act_is_either_gone_over_or_said_to_be_done_alone() -> None:
    reads = {action for action in delivered() if action.endswith(".read")}
    assert set(OWN) | set(ALONE) | reads == set(delivered())
    assert not set(OWN) & set(ALONE)


@pytest.mark.parametrize(
    "act", [pytest.param(a, id=f"{k}: {n}") for k, of in OWN.items() for n, a in of.items()]
)
def test_nobody_confirms_what_is_their_own(act: Act) -> None:
    with pytest.raises(Refusal) as refused:
        act(MAKER)
    assert refused.value.kind is Kind.FORBIDDEN
    act(ANOTHER)
