"""The rules of a case, without any database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.recall.domain import refusals
from services.recall.domain.case import Case
from services.recall.domain.reach import GROWING_PART, Part, grown, parts_of
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import (
    Cap,
    Closing,
    Extent,
    Handling,
    Kind,
    LegalBasis,
    Official,
    Order,
    Place,
    State,
    Wording,
)
from shared.contracts.recall import MAX_TARGETS, NoticePublished, RecallOrdered, ScopeChanged

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ANNA = Official("a1", "Nguyễn Thị An")
BINH = Official("a2", "Trần Văn Bình")
OWNER = Place("f1", "07001", "agriculture")
LOT = Target(TargetKind.LOT, "lot-0")
CAP = Cap(stamps=1_000, lots=10_000)


def an_order(target: Target = LOT, basis: LegalBasis | None = None) -> Order:
    wording = Wording("Thu hồi chả mực", "Nhiễm khuẩn", "Không ăn, trả lại nơi bán")
    return Order(Kind.RECALL, target, wording, basis)


def an_extent(lots: int = 1, stamps: int = 10) -> Extent:
    return Extent(OWNER, (OWNER,), tuple(f"lot-{n}" for n in range(lots)), stamps)


def ordered(
    extent: Extent | None = None, target: Target = LOT, cap: Cap = CAP, who: Official = ANNA
) -> Case:
    case, _ = Case.order(
        "c1", an_order(target), extent or an_extent(), who=who, authority="Sở", cap=cap, now=NOW
    )
    return case


def lifted(case: Case) -> Case:
    case = case.request_lift("Đã kiểm nghiệm lại", who=ANNA, now=NOW)
    return case.confirm_lift(who=BINH, now=NOW)[0]


def closing(recovered: Decimal | None = Decimal(80)) -> Closing:
    return Closing("Đã thu hồi", Handling.DESTROY, recovered, "kg", ANNA, NOW)


def notices(events: tuple[object, ...]) -> list[NoticePublished]:
    return [event for event in events if isinstance(event, NoticePublished)]


def test_an_order_below_the_cap_is_published_at_once() -> None:
    case, events = Case.order(
        "c1", an_order(), an_extent(3), who=ANNA, authority="Sở", cap=CAP, now=NOW
    )
    assert case.state is State.ORDERED
    assert isinstance(events[0], RecallOrdered)
    (notice,) = notices(events)
    assert notice.active
    assert notice.subject == "c1/1"
    assert notice.lots == ("lot-0", "lot-1", "lot-2")


def test_a_notice_is_split_at_the_limit_of_targets() -> None:
    _, events = Case.order(
        "c1", an_order(), an_extent(MAX_TARGETS + 1), who=ANNA, authority="Sở", cap=CAP, now=NOW
    )
    first, second = notices(events)
    assert (len(first.lots), len(second.lots)) == (MAX_TARGETS, 1)
    assert (first.part, second.part) == (1, 2)
    assert events[0].parts == 2  # type: ignore[attr-defined]


def test_exactly_the_limit_of_targets_is_one_notice() -> None:
    assert len(parts_of(LOT, [str(n) for n in range(MAX_TARGETS)])) == 1


def test_a_target_of_stamps_names_the_serials_and_no_lot() -> None:
    target = Target(TargetKind.STAMPS, "12", first=0, last=99)
    (part,) = parts_of(target, ())
    assert part.stamps[0].model_dump() == {"batch": 12, "first": 0, "last": 99}
    assert part.lots == ()


def test_a_whole_product_is_named_itself_but_not_within_a_period() -> None:
    assert parts_of(Target(TargetKind.PRODUCT, "p1"), ["l1"])[0].products == ("p1",)
    within = Target(TargetKind.PRODUCT, "p1", since=date(2026, 10, 1))
    assert parts_of(within, ["l1"])[0].products == ()


@pytest.mark.parametrize("extent", [an_extent(stamps=1_001), an_extent(lots=10_001)])
def test_above_the_cap_nothing_is_published_until_another_confirms(extent: Extent) -> None:
    case, events = Case.order("c1", an_order(), extent, who=ANNA, authority="Sở", cap=CAP, now=NOW)
    assert (case.state, events) == (State.AWAITING, ())
    with pytest.raises(refusals.SecondPersonNeeded):
        case.confirm(extent, who=ANNA, now=NOW)
    confirmed, events = case.confirm(extent, who=BINH, now=NOW)
    assert confirmed.state is State.ORDERED
    assert confirmed.version == 2
    assert notices(events)


def test_a_declined_order_cannot_be_confirmed() -> None:
    case = ordered(an_extent(stamps=9_999)).decline(who=BINH, now=NOW)
    with pytest.raises(refusals.NotAwaitingConfirmation):
        case.confirm(an_extent(), who=BINH, now=NOW)


def test_a_facility_cannot_order_a_compulsory_recall() -> None:
    own = Official("a3", "Chủ cơ sở", "f1")
    with pytest.raises(refusals.VoluntaryOnly):
        an_order(basis=LegalBasis.COMPULSORY).basis_for(own)
    assert an_order().basis_for(own) is LegalBasis.VOLUNTARY
    assert an_order().basis_for(ANNA) is LegalBasis.COMPULSORY
    assert an_order(basis=LegalBasis.VOLUNTARY).basis_for(ANNA) is LegalBasis.VOLUNTARY


def test_a_case_grows_in_its_last_part_and_tells_which_lots_joined() -> None:
    case = ordered(an_extent(2))
    larger, parts, events = case.grow(["new", "lot-1", "new"], [OWNER], cause="L", now=NOW)
    assert larger.lots == ("lot-0", "lot-1", "new")
    assert [part.version for part in parts] == [2]
    assert isinstance(events[0], ScopeChanged)
    assert events[0].added_lots == ("new",)
    assert notices(events)[0].version == 2


def test_growing_by_known_lots_changes_nothing() -> None:
    case = ordered(an_extent(2))
    assert case.grow(["lot-0", "lot-1"], [OWNER], cause="L", now=NOW) == (case, (), ())


def test_a_closed_case_still_grows_and_a_lifted_one_does_not() -> None:
    closed, _ = ordered().close(closing())
    assert closed.grow(["new"], [OWNER], cause="L", now=NOW)[2]
    cleared = lifted(ordered())
    assert cleared.grow(["new"], [OWNER], cause="L", now=NOW) == (cleared, (), ())


def test_a_full_part_is_left_alone_and_a_new_one_begun() -> None:
    full = Part(number=1, lots=tuple(str(n) for n in range(GROWING_PART)))
    (part,) = grown([full], ["new"])
    assert (part.number, part.version, part.lots) == (2, 1, ("new",))


def test_growth_fills_the_room_and_splits_the_rest() -> None:
    nearly = Part(number=3, version=7, lots=tuple(str(n) for n in range(GROWING_PART - 1)))
    parts = grown([nearly], [f"n{n}" for n in range(MAX_TARGETS + 2)])
    assert [(p.number, p.version, len(p.lots)) for p in parts] == [
        (3, 8, GROWING_PART),
        (4, 1, MAX_TARGETS),
        (5, 1, 1),
    ]


def test_a_lift_needs_two_people_and_clears_every_part_with_a_higher_version() -> None:
    case = ordered(an_extent(MAX_TARGETS + 1))
    with pytest.raises(refusals.LiftNotRequested):
        case.confirm_lift(who=BINH, now=NOW)
    asked = case.request_lift("Kiểm nghiệm lại đạt", who=ANNA, now=NOW)
    with pytest.raises(refusals.LiftAlreadyRequested):
        asked.request_lift("Lần nữa", who=BINH, now=NOW)
    with pytest.raises(refusals.SecondPersonNeeded):
        asked.confirm_lift(who=ANNA, now=NOW)
    cleared, events = asked.confirm_lift(who=BINH, now=NOW)
    assert cleared.state is State.LIFTED
    assert [(n.version, n.active) for n in notices(events)] == [(2, False), (2, False)]


def test_a_declined_lift_may_be_requested_again() -> None:
    case = ordered().request_lift("Sớm", who=ANNA, now=NOW).decline_lift(now=NOW)
    assert case.lift is None
    assert case.request_lift("Nay đã đủ", who=BINH, now=NOW).lift is not None


def test_a_lifted_case_cannot_be_lifted_again() -> None:
    with pytest.raises(refusals.NotStanding):
        lifted(ordered()).request_lift("Lần nữa", who=ANNA, now=NOW)


def test_closing_leaves_the_notices_and_a_closed_case_cannot_be_closed_again() -> None:
    closed, events = ordered().close(closing())
    assert closed.is_standing
    assert not notices(events)
    assert events[0].recovered == "80 kg"  # type: ignore[attr-defined]
    with pytest.raises(refusals.RecallAlreadyClosed):
        closed.close(closing())


def test_a_closed_case_can_still_be_lifted() -> None:
    closed, _ = ordered().close(closing())
    assert lifted(closed).state is State.LIFTED


def test_only_an_ordered_case_can_be_closed() -> None:
    with pytest.raises(refusals.RecallNotOrdered):
        ordered(an_extent(stamps=9_999)).close(closing())


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({"kind": TargetKind.STAMPS, "id": "12", "first": 5, "last": 4}, "last"),
        ({"kind": TargetKind.STAMPS, "id": "12", "first": -1, "last": 4}, "last"),
        ({"kind": TargetKind.STAMPS, "id": "12", "first": 5}, "last"),
        ({"kind": TargetKind.STAMPS, "id": "twelve", "first": 5, "last": 6}, "target"),
        ({"kind": TargetKind.BATCH, "id": "99999999"}, "target"),
        ({"kind": TargetKind.BATCH, "id": "12", "first": 0, "last": 1}, "first"),
        ({"kind": TargetKind.LOT, "id": "l", "since": date(2026, 1, 1)}, "from"),
        (
            {
                "kind": TargetKind.PRODUCT,
                "id": "p",
                "since": date(2026, 2, 1),
                "until": date(2026, 1, 1),
            },
            "to",
        ),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(target: dict[str, object], field: str) -> None:
    invalid = (refusals.InvalidTarget, refusals.InvalidSerials, refusals.InvalidPeriod)
    with pytest.raises(invalid) as refused:
        Target(**target)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_period_takes_in_both_its_days() -> None:
    target = Target(TargetKind.PRODUCT, "p", since=date(2026, 1, 1), until=date(2026, 1, 31))
    lot = Lot("l", 1, "f", "p", "L", Decimal(1), "kg", date(2026, 1, 1))
    assert target.names(lot)
    assert target.names(replace(lot, produced_on=date(2026, 1, 31)))
    assert not target.names(replace(lot, produced_on=date(2026, 2, 1)))
    assert not target.names(replace(lot, product_id="other"))
