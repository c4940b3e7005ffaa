"""What answers share is drawn once, and never stands in the answer about other goods."""

import operator
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scan.answering import facts
from services.scan.answering.forms import Form, Forms
from services.scan.answering.marks import Variant, of_form, of_frame
from services.scan.answering.ready import body
from services.scan.answering.spoken import Heard, heard_of
from services.scan.answering.words import DOUBTS, VERDICTS
from services.scan.domain import speeches
from services.scan.domain.aggregates import Aggregate
from services.scan.domain.verdict import NO_LINK, Case, Judgement, Link
from services.scan.knowing.scanner import Known
from shared.contracts.event import Event
from shared.contracts.registry import Certificate, LotPublished, ProductWithdrawn, Recording, Stage
from tests.scan.test_every_verdict import AT, CODE, full
from tests.scan.world import area, facility, hold, lot, notice, product

SHARED, ALONE = Forms(60), Forms(60)
# All that has a meaning in HTML, JSON, templates and catalogues, and letters of three languages.
TEXTS = st.text("aĐ果<>&\"'{}%\\ \n", max_size=6)
FEW_DAYS = st.sampled_from([None, date(2026, 10, 1), date(2026, 11, 25), date(2027, 1, 1)])
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))]),
)


def forget(forms: Forms) -> None:
    forms._kept.clear()
    forms._frames._kept.clear()


def form_of(
    forms: Forms, case: Case | None, judged: Judgement, confirmed: bool, variant: Variant
) -> Form:
    return forms.of(Known(case, judged, judged), confirmed, variant)


def shown(
    forms: Forms, case: Case | None, judged: Judgement, confirmed: bool, variant: Variant
) -> tuple[Any, bytes]:
    """Headers and body."""
    form = form_of(forms, case, judged, confirmed, variant)
    code = forms.code_text(CODE, variant, form.between)
    return form.headers, body(form, forms.time_text(AT, variant), b"null", code)


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    return Stage(
        step=draw(st.sampled_from(["harvesting", "testing", "sensor_reporting"])),
        title=draw(TEXTS),
        title_en=draw(TEXTS),
        at=draw(MOMENTS),
        place=draw(TEXTS),
        place_code=draw(TEXTS),
        facility_name=draw(TEXTS),
        facility_id="f",
        details=draw(
            st.dictionaries(
                st.sampled_from(["quantity", "verdict", "name", "<i>"]),
                TEXTS | st.sampled_from(["1200 kg", "passed"]),
            )
        ),
        photos=draw(st.sampled_from([(), ("/media/a-small.webp",)])),
    )


@st.composite
def lots(draw: st.DrawFn, subject: str = "l", version: int = 1) -> LotPublished:
    return lot(
        *(subject, "p", "f", version),
        code=draw(TEXTS),
        unit=draw(TEXTS),
        quantity=draw(st.sampled_from(["1200", "0.50", "1E+3"])),
        produced_on=date(2026, draw(st.integers(1, 12)), 3),
        expires_on=draw(FEW_DAYS),
        inputs=draw(st.sampled_from([(), ("x",), ("x", "y")])),
        status=draw(st.sampled_from(["active", "withdrawn", "examining", "unfit"])),
        stages=tuple(draw(st.lists(stages(), max_size=2))),
    )


@st.composite
def products(draw: st.DrawFn, subject: str, version: int) -> Event:
    sound = Recording(
        kind="sound", title="t", description="d", address="/media/a", media_type="b", size=9
    )
    return product(
        *(subject, "f", version),
        name=draw(TEXTS),
        name_en=draw(TEXTS),
        brand=draw(TEXTS),
        description=draw(TEXTS),
        storage=draw(TEXTS),
        origin=draw(TEXTS),
        shelf_life_days=draw(st.sampled_from([None, 6])),
        ocop_stars=draw(st.sampled_from([None, 4])),
        price=draw(st.sampled_from([None, 65_000])),
        recordings=draw(st.sampled_from([(), (sound,)])),
    )


@st.composite
def facilities(draw: st.DrawFn, subject: str, version: int) -> Event:
    papers = [
        Certificate(
            kind=draw(st.sampled_from(["attp", "other"])),
            number=draw(TEXTS),
            issuer=draw(TEXTS),
            title=draw(TEXTS),
            issued_on=date(2026, 1, 2),
            expires_on=draw(FEW_DAYS),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    names = {"name": draw(TEXTS), "name_en": draw(TEXTS), "address": draw(TEXTS)}
    return facility(subject, version, certificates=tuple(papers), **names)


def told(event: Event | None) -> Aggregate:
    return {} if event is None else {"published": event}


@st.composite
def cases(draw: st.DrawFn) -> list[tuple[Case | None, Judgement]]:
    """Cases over few passports, some of them of one thing in two versions."""
    ids = [("1", 1), ("1", 2), ("2", 1)]
    of_lots = [draw(lots(f"l{one}", version)) for one, version in ids]
    of_products = [draw(products(f"p{one}", version)) for one, version in ids]
    of_facilities = [draw(facilities(f"f{one}", version)) for one, version in ids]
    notices = [
        notice("c", version, kind=kind, lots=("l1",)).model_copy(update={"title": draw(TEXTS)})
        for version, kind in ((1, "recall"), (2, "warning"))
    ]
    spoken = [
        *(speeches.name_of(speeches.of_lot(one)) for one in of_lots),
        *(speeches.name_of(speeches.of_notice(one)) for one in notices),
        *(
            speeches.name_of(speeches.of_product(one, of))  # type: ignore[arg-type]
            for one in of_products
            for of in of_facilities
        ),
    ]
    withdrawn = ProductWithdrawn(subject="p1", version=9, time=AT, facility_id="f", reason="<b>")
    held = hold("h", "batch", "1")
    of_words = st.sampled_from([(), ("Chờ <b>", "", ""), ("Chờ <b>", "wait", "等")])

    def passport(events: list[Any]) -> st.SearchStrategy[Aggregate]:
        return st.sampled_from([told(one) for one in (None, *events)])

    def goods(passports: st.SearchStrategy[Aggregate]) -> st.SearchStrategy[Aggregate]:
        return st.builds(operator.or_, passports, st.sampled_from([{}, {"withdrawn": withdrawn}]))

    fresh: dict[str, st.SearchStrategy[Any]] = {
        "state": st.sampled_from(["active", "issued", "suspended", "revoked", "lost"]),
        "facility": passport(of_facilities),
        "product": goods(passport(of_products)),
        "lot": passport(of_lots),
        "area": passport([area("a", "f"), area("b", "f", 3)]),
        "notices": st.sampled_from([(), *((one,) for one in notices)]),
        "holds": st.sampled_from([(), (held,)]),
        "today": st.sampled_from([date(2026, 11, 25), date(2026, 11, 26)]),
        "said": of_words,
        "suspected": st.booleans(),
        "spoken": st.sampled_from([(), tuple(spoken)]),
    }
    case = Case(
        link=NO_LINK, complete=True, **{name: draw(values) for name, values in fresh.items()}
    )
    judged = Judgement("genuine")
    found: list[tuple[Case | None, Judgement]] = [(case, judged)]
    # Each differs in little from the one before, so that what is kept is met again.
    for _ in range(draw(st.integers(1, 7))):
        if (name := draw(st.sampled_from(["judged", "lot", *fresh]))) == "judged":
            verdict = draw(st.sampled_from(sorted(VERDICTS)))
            judged = Judgement(verdict, draw(st.sampled_from(["", *DOUBTS])))
        else:
            case = replace(case, **{name: draw(fresh[name])})
        found.append((None if judged.verdict == "unknown" else case, judged))
    return found


@settings(max_examples=100)
@given(
    cases(),
    st.lists(
        st.tuples(
            st.booleans(),
            st.builds(Variant, st.sampled_from(SHARED.languages), st.booleans()),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_an_answer_over_what_was_drawn_for_others_is_that_drawn_alone_byte_for_byte(
    many: list[tuple[Case | None, Judgement]], asked: list[tuple[bool, Variant]]
) -> None:
    forget(SHARED)
    for confirmed, variant in asked:
        for case, judged in many:
            forget(ALONE)
            alone = shown(ALONE, case, judged, confirmed, variant)
            assert shown(SHARED, case, judged, confirmed, variant) == alone
            if variant.json:
                msgspec.json.decode(alone[1])


@pytest.mark.parametrize("lang", SHARED.languages)
def test_what_is_drawn_once_for_many_lots_says_nothing_of_any(lang: str) -> None:
    forget(SHARED)
    secret = ("LO-RIENG", "1987-02-03", "03/02/1987")
    way = (Stage(step="packing", title="LO-RIENG", at=AT, place="LO-RIENG"),)
    own = lot("l", "p", "f", code="LO-RIENG", produced_on=date(1987, 2, 3), stages=way)
    case, judged = replace(full("genuine"), lot=told(own)), Judgement("genuine")
    for json in (True, False):
        variant = Variant(lang, json)
        _, whole = shown(SHARED, case, judged, True, variant)
        assert b"LO-RIENG" in whole
        frame = SHARED._frames.of(case, judged, True, variant, heard_of(case, lang))
        pieces = (frame.head, frame.after_time, *frame.middle, *frame.between, *frame.tail)
        assert not [text for text in secret if text.encode() in b"\n".join(pieces)]


def newer(passport: Aggregate) -> Aggregate:
    return {
        name: event.model_copy(update={"version": event.version + 1})
        for name, event in passport.items()
    }


def changed() -> dict[str, Callable[[Case], Any]]:
    """Of each field of a case another value, though of the same passport."""
    return {
        "state": lambda case: "suspended",
        "facility": lambda case: newer(case.facility),
        "product": lambda case: newer(case.product),
        "lot": lambda case: newer(case.lot),
        "area": lambda case: newer(case.area),
        "notices": lambda case: (notice("c", 2, lots=("l",)),),
        "holds": lambda case: (hold("h", "batch", "1", 2),),
        "said": lambda case: ("Khác", "", ""),
        "suspected": lambda case: True,
        "spoken": lambda case: ("0" * 24,),
    }


# What follows from these stands in the judgement, and in which certificates have ended.
JUDGED = {"link", "complete", "today"}


def test_whatever_changes_of_a_case_its_answers_are_kept_by_another_key() -> None:
    assert changed().keys() | JUDGED == {one.name for one in fields(Case)}
    case, judged, variant = full("warning"), Judgement("warning"), Variant("vi", json=False)
    case = replace(case, notices=(notice("c", lots=("l",)),), holds=(hold("h", "batch", "1"),))

    def keys(of: Case, judged: Judgement = judged, variant: Variant = variant) -> tuple[Any, Any]:
        heard = Heard()
        return (
            of_form(of, judged, True, variant, False),
            of_frame(of, judged, True, variant, heard),
        )

    form, frame = keys(case)
    assert keys(replace(case, link=Link("1", "2"), complete=False)) == (form, frame)
    for name, change in changed().items():
        other = keys(replace(case, **{name: change(case)}))
        assert other[0] != form, name
        # Of the lot a frame says nothing, of what is spoken what `heard` names.
        assert (other[1] != frame) == (name not in ("lot", "spoken")), name
    for json, lang in ((True, "vi"), (False, "en")):
        other = keys(case, variant=Variant(lang, json))
        assert (other[0] != form, other[1] != frame) == (True, True)
    for judgement in (Judgement("genuine"), Judgement("warning", "scans")):
        other = keys(case, judgement)
        assert (other[0] != form, other[1] != frame) == (True, True)
    unfit = case.published_lot
    assert unfit is not None
    unfit = unfit.model_copy(update={"status": "unfit", "version": 2})
    assert keys(replace(case, lot=told(unfit)))[1] != frame
    ended = replace(case, today=date(2099, 1, 1))
    certified = facility("f")
    assert keys(replace(ended, facility=told(certified))) != keys(
        replace(case, facility=told(certified))
    )
    for heard in (Heard(product="a"), Heard(notices={"c": "a"})):
        assert of_frame(case, judged, True, variant, heard) != frame
    assert of_frame(case, judged, False, variant, Heard()) != frame


def test_so_few_frames_are_kept_as_pages_and_each_is_drawn_as_before() -> None:
    variant, narrow, judged = Variant("vi", json=False), Forms(10), Judgement("genuine")
    case = full("genuine")
    others = [
        replace(case, product=told(product(f"q{n}", "f", name=f"Ổi {n}")), lot=told(None))
        for n in range(30)
    ]
    pages = [shown(narrow, one, judged, True, variant) for one in (case, *others, case)]
    assert pages[0] == pages[-1]
    assert len(set(pages)) == 31
    assert len(narrow._frames._kept) <= 10 + 1


@given(lots())
def test_a_lot_is_told_to_programs_as_its_event_would_write_itself(one: LotPublished) -> None:
    written = msgspec.json.decode(msgspec.json.encode(facts.of_lot(one)))
    event = one.model_dump(mode="json")
    wanted = {name: event[name] for name in ("code", "unit", "produced_on", "expires_on")}
    assert {name: written[name] for name in wanted} == wanted
    assert written["quantity"] == str(one.quantity)
    assert written["made_from_lots"] == len(one.inputs)
    for told_, stage in zip(written["stages"], event["stages"], strict=True):
        assert told_.pop("ground") in ("declared", "laboratory", "sensor")
        del stage["facility_id"]
        assert told_ == stage


def test_however_much_is_known_only_so_many_answers_are_held() -> None:
    forms, variant = Forms(10), Variant("vi", json=False)
    case = full("genuine")
    judged = Judgement("genuine")
    lots = [{"published": lot(f"lot-{n}", "product", "facility")} for n in range(100)]
    known = [Known(replace(case, lot=one), judged, judged) for one in lots]
    for one in known:
        forms.of(one, True, variant)
    drawn = forms.rendered
    forms.of(known[-1], True, variant)
    assert forms.rendered == drawn
    forms.of(known[0], True, variant)
    assert forms.rendered == drawn + 1
