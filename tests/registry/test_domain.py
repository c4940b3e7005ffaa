"""Rules of single values and of diaries, without any server."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.registry.domain.catalogues import Catalogue, seed
from services.registry.domain.certificates import Certificate, CertificateDates
from services.registry.domain.codes import (
    AreaCodeInvalid,
    GtinInvalid,
    checked_area_code,
    checked_gtin,
    generated,
)
from services.registry.domain.communes import communes
from services.registry.domain.diary import FIELDS, Entry, Step
from services.registry.domain.diary_dates import check_truth
from services.registry.domain.diary_refusals import (
    DateInFuture,
    DatesOutOfOrder,
    DateTooEarly,
    FieldNotOfStep,
    SupplyIncomplete,
    WithdrawalIntervalNotOver,
)
from services.registry.domain.facility import (
    CommuneUnknown,
    Facility,
    LocationOutside,
    RegistrationAhead,
)
from services.registry.domain.lot import (
    LONGEST_LIFE,
    DiaryEmpty,
    ExpiryTooFar,
    Lot,
    LotCodeInvalid,
    checked_lot_code,
)
from services.registry.domain.words import asked, fold, words
from services.registry.stages import INPUT_TITLES
from shared.gs1 import check_digit

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def facility(**changes: Any) -> Facility:
    known = Facility(
        name="Cơ sở",
        address="Thôn 1",
        commune="07090",
        sector="agriculture",
        kinds=("grower",),
        facility_class="commitment",
    )
    return replace(known, **changes)


def entry(step: Step, day: str, **more: Any) -> Entry:
    at = datetime.fromisoformat(f"{day}T08:00:00+07:00")
    return Entry(id=f"{step}-{day}-{len(more)}", step=step, at=at, place="Đồi Nắng", **more)


def spraying(day: str, interval: int, kind: str = "pesticide") -> Entry:
    return entry(Step.INPUT, day, kind=kind, name="Thuốc X", withdrawal_days=interval)


def lot(*entries: Entry, **changes: Any) -> Lot:
    known = Lot(
        facility_id="f",
        product_id="p",
        code="L1",
        quantity=Decimal(10),
        unit="kg",
        produced_on=date(2026, 8, 20),
        entries=entries,
    )
    return replace(known, **changes)


def test_the_province_has_its_54_communes() -> None:
    assert len(communes()) == 54
    assert communes()["06994"].kind == "đặc khu"


def test_a_commune_outside_the_province_is_refused() -> None:
    with pytest.raises(CommuneUnknown):
        facility(commune="00001").checked(TODAY)


def test_a_business_is_not_registered_on_a_day_to_come() -> None:
    facility(registration_date=TODAY).checked(TODAY)
    with pytest.raises(RegistrationAhead) as refused:
        facility(registration_date=TODAY + timedelta(days=1)).checked(TODAY)
    assert refused.value.field == "registration_date"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(106.5, 21.1), (21.1, None), (None, 106.5), (10.8, 106.7)]
)
def test_coordinates_outside_or_incomplete_are_refused(
    latitude: float | None, longitude: float | None
) -> None:
    with pytest.raises(LocationOutside):
        facility(latitude=latitude, longitude=longitude).checked(TODAY)


@pytest.mark.parametrize(
    ("issued", "expires"),
    [(date(2026, 11, 23), None), (date(2025, 1, 1), date(2024, 12, 31))],
)
def test_certificates_of_the_future_or_ending_before_they_begin_are_refused(
    issued: date, expires: date | None
) -> None:
    paper = Certificate("attp", "1", "Chi cục", issued, expires)
    with pytest.raises(CertificateDates):
        facility(certificates=(paper,)).checked(TODAY)


@pytest.mark.parametrize("good", ["VN-DTOR-0017", "vndtph-0001", "VN-QNOR-0001", "VT22-12345670"])
def test_codes_of_growing_areas_are_taken_in_their_variants(good: str) -> None:
    assert checked_area_code(good) == good.upper()


@pytest.mark.parametrize("bad", ["DTOR-0017", "VN-0017", "VN-DTOR-", "VN-DTOR-0017<"])
def test_what_is_no_growing_area_code_is_refused(bad: str) -> None:
    with pytest.raises(AreaCodeInvalid):
        checked_area_code(bad)


def test_a_gtin_is_kept_in_fourteen_digits() -> None:
    assert checked_gtin("952 1234 543213 0"[:14].replace(" ", "")[:11] + check_digit("95212345432"))
    assert checked_gtin("09521234543213") == "09521234543213"
    assert checked_gtin("9521234543213") == "09521234543213"


@pytest.mark.parametrize("bad", ["9521234543214", "123", "95212345432A3", "٩٥٢١٢٣٤٥٤٣٢١٣"])
def test_a_gtin_with_a_wrong_digit_is_refused(bad: str) -> None:
    with pytest.raises(GtinInvalid):
        checked_gtin(bad)


def test_a_generated_code_carries_its_check_digit() -> None:
    assert generated("CS22", 17) == "CS22-0000017" + check_digit("0000017")


@pytest.mark.parametrize("bad", ["", "chả mực", "a" * 21, "LÔ-1"])
def test_lot_codes_outside_of_gs1_s_characters_are_refused(bad: str) -> None:
    with pytest.raises(LotCodeInvalid):
        checked_lot_code(bad)


def test_words_are_found_with_and_without_diacritics() -> None:
    assert fold("Chả mực Hạ Long, Đồng Rui") == "cha muc ha long, dong rui"
    assert words("Chả mực", "Chả cá") == ("cha", "muc", "ca")
    assert asked("  đỒng   rui ") == ("dong", "rui")


def test_every_step_has_its_fields_and_its_titles() -> None:
    rows = seed(Catalogue.STEPS)
    assert set(FIELDS) == set(rows) == set(Step)
    assert all(row.name and row.name_en for row in rows.values())
    assert all(vi and en for vi, en in INPUT_TITLES.values())


def test_harvesting_within_the_withdrawal_interval_is_refused_naming_the_dates() -> None:
    diary = (spraying("2026-08-10", 14), entry(Step.HARVESTING, "2026-08-20"))
    with pytest.raises(WithdrawalIntervalNotOver) as refused:
        check_truth(diary, date(2026, 8, 20), NOW)
    assert refused.value.code == "withdrawal_interval_not_over"
    for part in ("10/08/2026", "14 ngày", "24/08/2026", "20/08/2026"):
        assert part in str(refused.value)


@pytest.mark.parametrize("step", [Step.HARVESTING, Step.CATCHING, Step.SLAUGHTERING])
def test_the_interval_counts_for_every_way_of_taking(step: Step) -> None:
    diary = (spraying("2026-08-10", 11, "veterinary_drug"), entry(step, "2026-08-20"))
    with pytest.raises(WithdrawalIntervalNotOver):
        check_truth(diary, date(2026, 8, 20), NOW)


def test_harvesting_on_the_first_allowed_day_is_right() -> None:
    diary = (spraying("2026-08-10", 10), entry(Step.HARVESTING, "2026-08-20"))
    check_truth(diary, date(2026, 8, 20), NOW)


def test_a_later_input_concerns_only_the_harvests_after_it() -> None:
    diary = (
        entry(Step.HARVESTING, "2026-06-01"),
        spraying("2026-06-05", 7),
        entry(Step.HARVESTING, "2026-06-20"),
    )
    check_truth(diary, date(2026, 6, 20), NOW)


def test_days_are_those_of_vietnam() -> None:
    # 23:30 UTC on the 9th is the morning of the 10th in Vietnam.
    used = replace(spraying("2026-08-10", 10), at=datetime(2026, 8, 9, 23, 30, tzinfo=UTC))
    check_truth((used, entry(Step.HARVESTING, "2026-08-20")), date(2026, 8, 20), NOW)
    with pytest.raises(WithdrawalIntervalNotOver):
        check_truth((used, entry(Step.HARVESTING, "2026-08-19")), date(2026, 8, 19), NOW)


@pytest.mark.parametrize(
    "diary",
    [
        (entry(Step.HARVESTING, "2026-05-01"), entry(Step.PLANTING, "2026-06-01")),
        (entry(Step.PACKING, "2026-05-01"), entry(Step.HARVESTING, "2026-06-01")),
        (entry(Step.PROCESSING, "2026-05-02"), entry(Step.PRE_PROCESSING, "2026-05-03")),
        (entry(Step.HARVESTING, "2026-05-01"), spraying("2026-06-01", 0)),
        (entry(Step.PLANTING, "2026-01-01"), entry(Step.PLANTING, "2026-09-01"),
         entry(Step.HARVESTING, "2026-05-01")),
    ],
)  # fmt: skip
def test_steps_out_of_order_are_refused(diary: tuple[Entry, ...]) -> None:
    with pytest.raises(DatesOutOfOrder):
        check_truth(diary, date(2026, 9, 1), NOW)


def test_fertiliser_before_planting_and_transport_before_slaughter_are_right() -> None:
    check_truth(
        (
            entry(Step.INPUT, "2026-01-01", kind="fertiliser", name="Phân chuồng"),
            entry(Step.PLANTING, "2026-01-10"),
            entry(Step.TRANSPORTING, "2026-05-01"),
            entry(Step.SLAUGHTERING, "2026-05-02"),
            entry(Step.PACKING, "2026-05-02"),
        ),
        date(2026, 5, 2),
        NOW,
    )


def test_a_production_date_before_the_harvest_is_refused() -> None:
    with pytest.raises(DatesOutOfOrder):
        check_truth((entry(Step.HARVESTING, "2026-05-02"),), date(2026, 5, 1), NOW)


def test_what_has_yet_to_happen_cannot_be_recorded() -> None:
    with pytest.raises(DateInFuture):
        entry(Step.HARVESTING, "2026-11-23").checked(NOW)
    with pytest.raises(DateInFuture):
        lot(produced_on=TODAY + timedelta(days=1)).checked(NOW)
    with pytest.raises(DateTooEarly):
        entry(Step.PLANTING, "1890-01-01").checked(NOW)


def test_a_field_of_another_step_is_refused() -> None:
    with pytest.raises(FieldNotOfStep):
        entry(Step.HARVESTING, "2026-05-01", vehicle="14C-123.45").checked(NOW)


@pytest.mark.parametrize(
    "supply",
    [
        {"name": "Thuốc X", "withdrawal_days": 3},
        {"kind": "pesticide", "withdrawal_days": 3},
        {"kind": "pesticide", "name": "Thuốc X"},
        {"kind": "veterinary_drug", "name": "Thuốc X"},
    ],
)
def test_a_supply_must_be_told_completely(supply: dict[str, Any]) -> None:
    with pytest.raises(SupplyIncomplete):
        entry(Step.INPUT, "2026-05-01", **supply).checked(NOW)


def test_what_stands_for_never_is_no_expiry_date() -> None:
    last = lot().produced_on + LONGEST_LIFE
    assert lot(expires_on=last).checked(NOW).expires_on == last
    for beyond in (last + timedelta(days=1), date.max):
        with pytest.raises(ExpiryTooFar) as refused:
            lot(expires_on=beyond).checked(NOW)
        assert refused.value.field == "expires_on"


def test_a_lot_without_a_diary_cannot_be_submitted() -> None:
    with pytest.raises(DiaryEmpty):
        lot().check_complete(NOW)


def test_the_expiry_date_follows_from_the_shelf_life_unless_given() -> None:
    assert lot().expiring(6).expires_on == date(2026, 8, 26)
    assert lot(expires_on=date(2026, 9, 1)).expiring(6).expires_on == date(2026, 9, 1)
    assert lot().expiring(None).expires_on is None


def test_an_expiry_before_the_production_is_refused() -> None:
    with pytest.raises(DatesOutOfOrder):
        lot(expires_on=date(2026, 8, 19)).checked(NOW)


def test_a_diary_is_kept_in_order_of_time() -> None:
    mixed = lot(entry(Step.PACKING, "2026-08-20"), entry(Step.PLANTING, "2026-02-01"))
    assert [e.step for e in mixed.checked(NOW).entries] == [Step.PLANTING, Step.PACKING]
