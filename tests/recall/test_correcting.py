"""The rules of corrections, without any database: what narrows, what stays, what is never lost."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain import correcting, refusals
from services.recall.domain.case import Case
from services.recall.domain.correcting import Change, NewReach
from services.recall.domain.reach import Part
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import (
    Cap,
    Closing,
    Correction,
    Handling,
    Kind,
    Level,
    Official,
    Said,
    State,
)
from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished, RecallCorrected, ScopeChanged
from shared.errors import Refusal
from tests.recall.test_case import CAP, NOW, OWNER, an_extent, ordered

ANNA, BINH, CHI = (Official(one, one) for one in ("anna", "binh", "chi"))
PEOPLE = (ANNA, BINH, CHI)
NARROW_CAP = Cap(stamps=1_000, lots=2)


def a_lot(name: str, *inputs: str) -> Lot:
    return Lot(name, 1, "f", "p", name, Decimal(1), "kg", date(2026, 11, 1), inputs)


def changed(case: Case, lots: tuple[str, ...] | None = None, **said: Any) -> Change:
    wanted = Correction(replace(case.said, **said), "Nhầm")
    return correcting.change_of(case, wanted, NewReach(case.lots if lots is None else lots))


def made(case: Case, change: Change, confirmed: Official | None = None) -> Case:
    return correcting.correct(case, change, "Nhầm", by=ANNA, confirmed=confirmed, now=NOW)[0]


@pytest.mark.parametrize(
    ("said", "narrows"),
    [
        ({"level": Level.CRITICAL}, False),
        ({"level": Level.CAUTION}, True),
        ({"kind": Kind.WARNING}, True),
        ({"kind": Kind.WITHDRAWAL}, True),
        ({"reason_key": "microbial"}, False),
    ],
)
def test_what_is_milder_than_before_narrows(said: dict[str, Any], narrows: bool) -> None:
    assert changed(ordered(), **said).narrows is narrows


def test_a_weaker_case_may_become_stronger_by_one_person() -> None:
    warned = made(ordered(), changed(ordered(), kind=Kind.WARNING), BINH)
    assert not changed(warned, kind=Kind.RECALL).narrows


def test_a_lot_less_narrows_and_a_lot_more_does_not() -> None:
    case = ordered(an_extent(2))
    assert changed(case, ("lot-0",)).narrows
    more = changed(case, ("lot-0", "lot-1", "lot-2"))
    assert (more.narrows, more.added, more.needs_another(CAP)) == (False, ("lot-2",), False)


def test_more_lots_than_one_person_may_order_need_another() -> None:
    change = changed(ordered(), tuple(f"lot-{n}" for n in range(9)))
    assert change.needs_another(NARROW_CAP)
    many = replace(change, reach=replace(change.reach, stamps=CAP.stamps + 1))
    assert many.needs_another(CAP)


@pytest.mark.parametrize(
    ("before", "after", "narrows"),
    [
        ((TargetKind.STAMPS, 10, 20), (TargetKind.STAMPS, 10, 30), False),
        ((TargetKind.STAMPS, 10, 20), (TargetKind.STAMPS, 11, 30), True),
        ((TargetKind.STAMPS, 10, 20), (TargetKind.BATCH, None, None), False),
        ((TargetKind.BATCH, None, None), (TargetKind.STAMPS, 0, 9), True),
    ],
)
def test_fewer_serials_narrow_and_more_do_not(
    before: tuple[TargetKind, int, int], after: tuple[TargetKind, int, int], narrows: bool
) -> None:
    def aim(kind: TargetKind, first: int, last: int) -> Target:
        return Target(kind, "12", first, last)

    case = ordered(replace(an_extent(), lots=()), target=aim(*before))
    change = changed(case, (), target=aim(*after))
    assert change.narrows is narrows
    assert [part.version for part in change.parts] == [2]


def test_a_whole_product_limited_to_a_period_narrows() -> None:
    whole = Target(TargetKind.PRODUCT, "p1")
    case = ordered(target=whole)
    assert changed(case, target=replace(whole, since=date(2026, 10, 1))).narrows


def test_only_the_parts_that_change_are_told_again_but_all_where_the_words_change() -> None:
    case = replace(
        ordered(an_extent(3)),
        parts=(Part(1, lots=("lot-0", "lot-1")), Part(2, version=4, lots=("lot-2",))),
    )
    fewer = changed(case, ("lot-0", "lot-2"))
    assert [(part.number, part.version, part.lots) for part in fewer.parts] == [
        (1, 2, ("lot-0",)),
        (2, 4, ("lot-2",)),
    ]
    louder = changed(case, level=Level.CRITICAL)
    assert [part.version for part in louder.parts] == [2, 5]


def test_a_correction_tells_both_what_was_said_and_what_is() -> None:
    case = ordered(an_extent(2))
    change = changed(case, ("lot-0", "new"), level=Level.CRITICAL)
    corrected, parts, events = correcting.correct(
        case, change, "Nhầm lô", by=ANNA, confirmed=BINH, now=NOW
    )
    fact, scope, notice = events
    assert isinstance(fact, RecallCorrected)
    assert (fact.level_before, fact.level, fact.confirmed_by) == ("serious", "critical", "binh")
    assert (fact.added_lots, fact.removed_lots) == (("new",), ("lot-1",))
    assert fact.changed == ("level", "lots")
    assert isinstance(scope, ScopeChanged)
    assert isinstance(notice, NoticePublished)
    assert (notice.narrowed, notice.urgent, notice.corrected_at) == (True, False, NOW)
    assert (corrected.revision, corrected.lot_count, len(parts)) == (1, 2, 1)


def test_what_warns_of_more_hurries_ahead_of_its_number() -> None:
    case = ordered()
    _, _, events = correcting.correct(
        case, changed(case, level=Level.CRITICAL), "x", by=ANNA, confirmed=None, now=NOW
    )
    (notice,) = (one for one in events if isinstance(one, NoticePublished))
    assert notice.urgent


def test_a_correction_that_changes_nothing_or_leaves_nothing_is_refused() -> None:
    case = ordered()
    with pytest.raises(refusals.NothingToCorrect):
        changed(case)
    with pytest.raises(refusals.CorrectionEmpties):
        changed(case, ())
    with pytest.raises(refusals.CorrectedToAnother):
        changed(case, target=Target(TargetKind.LOT, "another"))
    with pytest.raises(refusals.LevelDoesNotFit):
        changed(case, level=Level.INFORMATION)


def test_only_another_person_confirms_and_only_what_waits() -> None:
    case = ordered(an_extent(2))
    with pytest.raises(refusals.CorrectionNotRequested):
        correcting.asked_of(case, BINH)
    wanted = Correction(case.said, "Nhầm", remove=("lot-1",))
    waiting = correcting.ask(case, wanted, who=ANNA, now=NOW)
    with pytest.raises(refusals.SecondPersonNeeded):
        correcting.asked_of(waiting, ANNA)
    with pytest.raises(refusals.CorrectionAlreadyRequested):
        correcting.ask(waiting, wanted, who=BINH, now=NOW)
    assert correcting.asked_of(waiting, BINH) == wanted
    assert correcting.decline(waiting, now=NOW).correction is None


def test_a_lift_ends_a_correction_that_waits() -> None:
    case = ordered(an_extent(2))
    wanted = Correction(case.said, "Nhầm", remove=("lot-1",))
    waiting = correcting.ask(case, wanted, who=ANNA, now=NOW)
    lifted, _ = waiting.request_lift("x", who=ANNA, now=NOW).confirm_lift(who=BINH, now=NOW)
    with pytest.raises(refusals.NotStanding):
        correcting.asked_of(lifted, BINH)
    assert lifted.correction is None


def test_what_was_made_from_a_lot_taken_out_leaves_with_it_unless_it_has_another_source() -> None:
    below = {
        one.id: one
        for one in (a_lot("out"), a_lot("of-it", "out"), a_lot("of-both", "out", "stays"))
    }
    below["further"] = a_lot("further", "of-both")
    lots = {"out", "of-it", "of-both", "further", "stays"}
    assert correcting.left(lots, below, {"out"}, lambda _: False) == {
        "stays",
        "of-both",
        "further",
    }
    assert "of-it" in correcting.left(lots, below, {"out"}, lambda lot: lot.id == "of-it")


def test_tracing_stops_at_a_lot_that_was_taken_out() -> None:
    lots = [a_lot("root"), a_lot("out", "root"), a_lot("below", "out"), a_lot("other", "root")]
    assert list(correcting.reached(lots, ["root"], {"out"})) == ["root", "other"]
    both = [*lots, a_lot("mixed", "below", "other")]
    assert set(correcting.reached(both, ["root"], {"out"})) == {"root", "other", "mixed"}


def test_growth_does_not_bring_back_what_was_taken_out() -> None:
    case = ordered(an_extent(2))
    change = correcting.change_of(
        case, Correction(case.said, "x"), NewReach(("lot-0",), excluded=("lot-1",))
    )
    corrected = made(case, change, BINH)
    grown, _, _ = corrected.grow(["lot-1", "new"], [OWNER], cause="L", now=NOW)
    assert grown.lots == ("lot-0", "new")


# ---- any people, in any order --------------------------------------------------------------

LOTS = tuple(f"lot-{n}" for n in range(6))
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ("confirm", "decline", "grow", "ask_lift", "keep", "lift", "close", "correct", "agree")
        ),
        st.sampled_from(PEOPLE),
        st.sets(st.sampled_from(LOTS)),
        st.sampled_from(tuple(Level)),
        st.sampled_from(tuple(Kind)),
    ),
    max_size=25,
)


class Ledger:
    """Everything a case told, as replicas keep it: the newest version of each part."""

    def __init__(self) -> None:
        self.parts: dict[str, NoticePublished] = {}

    def take(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, NoticePublished):
                known = self.parts.get(event.subject)
                assert known is None or event.version == known.version + 1, "versions grow by one"
                self.parts[event.subject] = event

    @property
    def red(self) -> set[str]:
        return {lot for one in self.parts.values() if one.active for lot in one.lots}

    @property
    def rank(self) -> tuple[int, int]:
        said = next(iter(self.parts.values()))
        return Level(said.level).rank, Kind(said.kind).rank


@given(steps=steps, large=st.booleans())
def test_whoever_does_what_nothing_becomes_less_without_two_people(
    steps: list[tuple[str, Official, set[str], Level, Kind]], large: bool
) -> None:
    """Versions of each part grow one by one; what is red is what standing versions name; and it
    becomes less, or milder, only by an act of another person than the one who asked for it."""
    extent = replace(an_extent(2), stamps=9_999 if large else 1)
    case = ordered(extent, who=ANNA)
    ledger = Ledger()
    if case.state is State.ORDERED:
        ledger.take(tuple(case.notice(part, NOW) for part in case.parts))
    for act, who, lots, level, kind in steps:
        before = case
        red, rank = ledger.red, ledger.rank if ledger.parts else (0, 0)
        try:
            case, events, asker = _done(case, act, who, lots, level, kind, extent)
        except Refusal:
            continue
        ledger.take(events)
        assert case.version == before.version + 1 or case == before, "each act is one entry"
        standing = set(case.lots) if case.is_standing else set()
        assert ledger.red == standing
        milder = bool(ledger.parts) and any(
            now < then for now, then in zip(ledger.rank, rank, strict=True)
        )
        if red - ledger.red or (milder and red):
            assert asker is not None
            assert asker.account_id != who.account_id, "one person alone took a warning back"


def _done(
    case: Case,
    act: str,
    who: Official,
    lots: set[str],
    level: Level,
    kind: Kind,
    extent: object,
) -> tuple[Case, tuple[Event, ...], Official | None]:
    """The case after the act, what it told, and who had asked for it before."""
    if act == "confirm":
        return *case.confirm(an_extent(2), who=who, now=NOW), case.ordered_by
    if act == "decline":
        return case.decline(who=who, now=NOW), (), None
    if act == "grow":
        grown, _, events = case.grow(sorted(lots), [OWNER], cause="x", now=NOW)
        return grown, events, None
    if act == "ask_lift":
        return case.request_lift("x", who=who, now=NOW), (), None
    if act == "keep":
        return case.decline_lift(now=NOW), (), None
    if act == "lift":
        asker = case.lift.requested_by if case.lift else None
        return *case.confirm_lift(who=who, now=NOW), asker
    if act == "close":
        return *case.close(Closing("x", Handling.DESTROY, None, "", who, NOW)), None
    said = Said(kind, level, "other", case.wording, case.target)
    if act == "correct":
        wanted = Correction(said, "x", remove=tuple(sorted(lots)))
        change = correcting.change_of(case, wanted, _reach(case, wanted))
        if change.needs_another(CAP):
            return correcting.ask(case, wanted, who=who, now=NOW), (), None
        made, _, events = correcting.correct(case, change, "x", by=who, confirmed=None, now=NOW)
        return made, events, None
    asker = case.correction.requested_by if case.correction else None
    wanted = correcting.asked_of(case, who)
    change = correcting.change_of(case, wanted, _reach(case, wanted))
    made, _, events = correcting.correct(case, change, "x", by=asker or who, confirmed=who, now=NOW)
    return made, events, asker


def _reach(case: Case, wanted: Correction) -> NewReach:
    kept = tuple(lot for lot in case.lots if lot not in wanted.remove)
    return NewReach(kept, excluded=tuple(sorted({*case.excluded, *wanted.remove})))
