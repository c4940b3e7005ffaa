"""The demo province's files: complete, consistent, in sound Vietnamese, and fictional where due."""

import csv
import io
import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from pydantic import BaseModel
from stdnum import ean
from stdnum.vn import mst
from vietnam_provinces import ProvinceCode, Ward

from deploy.demo import pictures
from deploy.demo.data import FOLDER, DemoDataError, load, season_day
from deploy.demo.fields import LOCAL
from deploy.demo.lots import TAKING, Step
from deploy.demo.province import DemoProvince
from services.registry.domain import diary as registry
from services.registry.domain.catalogues import Catalogue, seed
from services.registry.domain.categories import categories
from services.registry.domain.diary_dates import check_truth

TODAY = date(2026, 11, 23)

# Syllables that Vietnamese never writes without diacritics.
BARE_SYLLABLES = {
    "khong",
    "duoc",
    "nguoi",
    "nuoc",
    "truoc",
    "thuoc",
    "huong",
    "nhung",
    "phuong",
    "tuoi",
    "thit",
    "luong",
    "kiem",
    "thuy",
    "quang",
    "chieu",
    "xuong",
    "muoi",
    "nhiet",
    "truong",
    "nuoi",
    "giong",
    "duong",
    "rieng",
    "thuan",
}
# What UTF-8 read as Latin-1 or Windows-1252 looks like.
MOJIBAKE = re.compile("Ã[\u0080-\u00bf]|Ä[\u0080-\u00bf‘’]|á[º»]|Æ°|\ufffd|â€")
VIETNAMESE_LETTERS = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE
)


@pytest.fixture(scope="module")
def province() -> DemoProvince:
    return load(today=TODAY)


def texts(record: BaseModel) -> Iterator[tuple[str, str]]:
    """Field names and words of a record and of the records within it."""
    for name, value in record:
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, tuple):
            for one in value:
                if isinstance(one, BaseModel):
                    yield from texts(one)
                elif isinstance(one, str):
                    yield name, one


def all_records(province: DemoProvince) -> Iterator[BaseModel]:
    yield from province.units
    yield from province.communes
    yield from province.accounts
    yield from province.facilities
    yield from province.certificates
    yield from province.products
    yield from province.areas
    yield from province.lots
    yield from province.batches


def test_the_province_is_as_large_as_promised(province: DemoProvince) -> None:
    assert len(province.facilities) >= 45
    assert len(province.products) >= 130
    assert len(province.areas) >= 20
    assert len(province.lots) >= 60
    assert len(province.batches) >= 30
    assert sum(batch.quantity for batch in province.batches) == 50_000


def test_there_are_the_54_communes_of_the_package(province: DemoProvince) -> None:
    real = {f"{w.code.value:05d}": w.name for w in Ward.iter_by_province(ProvinceCode.P_22)}
    assert {one.code: one.name for one in province.communes} == real
    assert len(real) == 54
    communes = [unit for unit in province.units if unit.tier == "commune"]
    assert {unit.key for unit in communes} == set(real)
    assert {unit.communes for unit in communes} == {(code,) for code in real}
    kinds = Counter(name.split()[0] for name in real.values())
    assert kinds == {"Phường": 30, "Xã": 22, "Đặc": 2}


def test_facilities_lie_in_many_communes_and_inside_their_frames(province: DemoProvince) -> None:
    assert len({facility.commune for facility in province.facilities}) >= 25
    for facility in province.facilities:
        commune = province.commune[facility.commune]
        assert commune.west <= facility.longitude <= commune.east, facility.key
        assert commune.south <= facility.latitude <= commune.north, facility.key
        kind, _, name = commune.name.partition(" ")
        place = f"{kind.lower()} {name}".replace("đặc Khu", "đặc khu")
        assert facility.address.endswith(place), facility.address


def test_every_commune_has_its_point_inside_its_frame(province: DemoProvince) -> None:
    for one in province.communes:
        assert one.west < one.lon < one.east, one.name
        assert one.south < one.lat < one.north, one.name


def test_facilities_are_of_all_kinds_forms_classes_and_sectors(province: DemoProvince) -> None:
    kinds = {kind for facility in province.facilities for kind in facility.kinds}
    assert len(kinds) == 13
    assert len({facility.form for facility in province.facilities}) == 6
    assert len({facility.facility_class for facility in province.facilities}) == 2
    assert len({facility.sector for facility in province.facilities}) == 3


def test_numbers_have_valid_check_digits_and_are_examples(province: DemoProvince) -> None:
    for product in province.products:
        if product.gtin is not None:
            assert ean.is_valid(product.gtin), product.key
            assert product.gtin[-13:].startswith("952"), product.key
            assert product.gtin14 is not None
            assert len(product.gtin14) == 14
    assert Counter(len(product.gtin or "") for product in province.products)[14] >= 5
    for facility in province.facilities:
        assert ean.is_valid(facility.gln), facility.key
        if facility.form != "farmer_household":
            assert facility.tax_number is not None, facility.key
        if facility.tax_number is not None:
            assert mst.is_valid(facility.tax_number)
            # 5799… is far beyond what Quảng Ninh (57) has given out.
            assert facility.tax_number.startswith("5799")


def test_every_tier_and_kind_of_account_is_there(province: DemoProvince) -> None:
    held = {(account.tier, kind) for account in province.accounts for kind in account.kinds}
    assert {
        ("ministry", "report"),
        ("province", "system"),
        ("department", "approve"),
        ("unit", "check"),
        ("unit", "operate"),
        ("commune", "check"),
        ("commune", "approve"),
        ("facility", "operate"),
        ("facility", "produce"),
        ("facility", "system"),
    } <= held
    checkers = {
        a.unit for a in province.accounts if (a.tier, "check") in {("commune", k) for k in a.kinds}
    }
    assert len(checkers) >= 10
    assert [a for a in province.accounts if a.tier == "department" and a.duty == "recall"]


def written() -> list[Path]:
    """Every file of the demo province that is text, and no video or sound."""
    return [p for p in FOLDER.rglob("*") if p.is_file() and p.suffix not in (".mp3", ".mp4")]


def test_no_file_holds_a_password() -> None:
    for path in written():
        assert not re.search(r"password|mật khẩu|passw", path.read_text("utf-8"), re.IGNORECASE)


def test_certificate_class_facilities_hold_accounts_as_the_2026_plan_asks(
    province: DemoProvince,
) -> None:
    holders = {account.unit for account in province.accounts if account.tier == "facility"}
    certified = [f.key for f in province.facilities if f.facility_class == "certificate"]
    assert len(holders & set(certified)) / len(certified) > 0.95
    committed = [f.key for f in province.facilities if f.facility_class == "commitment"]
    assert len(holders & set(committed)) / len(committed) >= 0.15


def test_every_facility_has_a_food_safety_paper_and_stamped_ones_a_valid_one(
    province: DemoProvince,
) -> None:
    stamped = {batch.facility for batch in province.batches}
    for facility in province.facilities:
        wanted = "attp" if facility.facility_class == "certificate" else "commitment"
        papers = [c for c in province.certificates_of(facility.key) if c.kind == wanted]
        assert papers, facility.key
        if facility.key in stamped:
            assert any(c.expires_on is None or c.expires_on >= TODAY for c in papers), facility.key


def test_a_certificate_is_about_to_expire_and_one_has_expired(province: DemoProvince) -> None:
    left = [(c.expires_on - TODAY).days for c in province.certificates if c.expires_on is not None]
    assert any(0 < days <= 30 for days in left)
    assert any(-60 < days < 0 for days in left)
    assert all("{" not in certificate.number for certificate in province.certificates)


def test_ocop_stars_and_certificates_tell_the_same(province: DemoProvince) -> None:
    starred = {product.key for product in province.products if product.ocop_stars}
    certified = {c.product for c in province.certificates if c.kind == "ocop"}
    assert starred == certified
    assert {product.ocop_stars for product in province.products} == {None, 3, 4, 5}


def test_categories_are_of_the_catalogue(province: DemoProvince) -> None:
    assert {product.category for product in province.products} <= set(categories())


def test_the_known_specialities_are_there(province: DemoProvince) -> None:
    names = " · ".join(product.name for product in province.products)
    for speciality in (
        "Chả mực",
        "Gà Tiên Yên",
        "Miến dong Bình Liêu",
        "Trà hoa vàng Ba Chẽ",
        "Na dai Đông Triều",
        "Hàu Thái Bình Dương Vân Đồn",
        "Sá sùng",
        "Mực ống Cô Tô",
        "Nước mắm Cái Rồng",
        "Rượu mơ Yên Tử",
        "Vải chín sớm Phương Nam",
        "Ghẹ Trà Cổ",
        "Ba kích",
        "Cam Vạn Yên",
        "Gạo nếp cái hoa vàng Đông Triều",
        "Củ cải khô Đầm Hà",
        "Tôm thẻ chân trắng Hải Hà",
        "Ngán",
        "Ruốc lỗ",
        "Lợn Móng Cái",
        "Mật ong",
        "Sứa",
        "Cá thu một nắng",
        "Chè xanh Đường Hoa",
        "Trứng gà",
    ):
        assert speciality.lower() in names.lower(), speciality


def test_nothing_is_taken_before_its_withdrawal_interval_is_over(province: DemoProvince) -> None:
    intervals = 0
    for lot in province.lots:
        taken = [e.at.astimezone(LOCAL).date() for e in lot.diary if e.step in TAKING]
        for entry in lot.diary:
            if entry.step is not Step.INPUT or not entry.withdrawal_days:
                continue
            intervals += 1
            free = entry.at.astimezone(LOCAL).date() + timedelta(days=entry.withdrawal_days)
            assert all(day >= free for day in taken), (lot.key, entry.input_name)
    assert intervals > 75


def test_supplies_name_substance_and_dose(province: DemoProvince) -> None:
    for lot in province.lots:
        for entry in lot.diary:
            if entry.step is Step.INPUT:
                assert entry.input_kind, lot.key
                assert entry.active_substance, lot.key
                assert entry.dose, lot.key


def test_several_lots_are_made_of_lots_of_more_than_one_facility(province: DemoProvince) -> None:
    mixed = [
        lot.key
        for lot in province.lots
        if len({province.lot[one.input_lot].facility for one in lot.inputs}) > 1
    ]
    assert len(mixed) >= 6
    deep = max(depth(province, lot.key) for lot in province.lots)
    assert deep >= 3


def depth(province: DemoProvince, key: str) -> int:
    """How many generations of lots went into one."""
    return max((1 + depth(province, one.input_lot) for one in province.lot[key].inputs), default=0)


def test_lots_come_after_what_they_are_made_of(province: DemoProvince) -> None:
    seen: set[str] = set()
    for lot in province.lots_in_order():
        assert {one.input_lot for one in lot.inputs} <= seen
        seen.add(lot.key)
    assert len(seen) == len(province.lots)


def test_no_more_is_used_of_a_lot_than_there_is(province: DemoProvince) -> None:
    used: Counter[str] = Counter()
    for lot in province.lots:
        for one in lot.inputs:
            used[one.input_lot] += int(one.quantity)
    for key, quantity in used.items():
        assert Decimal(quantity) <= province.lot[key].quantity


@pytest.mark.parametrize(
    "today",
    [date(2027, 1, 1), *(date(2027, month, 15) for month in range(1, 13)), date(2028, 2, 29)],
)
def test_the_files_hold_on_any_day_of_the_year(today: date) -> None:
    loaded = load(today=today)
    assert all(lot.produced_on < today for lot in loaded.lots)


def test_every_lot_passes_the_rules_of_the_registry(province: DemoProvince) -> None:
    midnight = datetime.combine(TODAY, time(0, 1), LOCAL)
    for lot in province.lots:
        steps = {step.value for step in registry.Step}
        entries = [
            registry.Entry(
                id=str(number),
                step=registry.Step(entry.step.value),
                at=entry.at,
                place=province.place(entry.place)[0],
                place_code=province.place(entry.place)[1],
                note=entry.activity,
                kind=entry.input_kind or "",
                name=entry.input_name or "",
                withdrawal_days=entry.withdrawal_days,
            )
            for number, entry in enumerate(lot.diary)
            if entry.step.value in steps
        ]
        check_truth(entries, lot.produced_on, midnight)
        assert lot.unit in seed(Catalogue.UNITS), lot.key


def test_most_stamped_lots_are_fresh(province: DemoProvince) -> None:
    stamped = {one.lot for batch in province.batches for one in batch.intervals if one.lot}
    fresh = [key for key in stamped if province.lot[key].expires_on >= TODAY]
    assert len(fresh) / len(stamped) > 0.85
    # Fruit of last summer shows what an expired lot looks like.
    assert len(fresh) < len(stamped)


def test_lot_codes_fit_the_application_identifier(province: DemoProvince) -> None:
    for lot in province.lots:
        assert re.fullmatch(r"[A-Z0-9-]{4,20}", lot.code), lot.code


def test_a_season_counts_from_its_last_day_before_loading() -> None:
    assert season_day("06-05", date(2026, 6, 5)) == date(2026, 6, 5)
    assert season_day("06-05", date(2026, 6, 4)) == date(2025, 6, 5)
    with pytest.raises(ValueError, match="day"):
        season_day("02-30", TODAY)


def test_all_files_are_in_nfc_without_mojibake_or_stray_characters() -> None:
    for path in written():
        text = path.read_text("utf-8")
        assert unicodedata.is_normalized("NFC", text), path.name
        assert not MOJIBAKE.search(text), path.name
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn")} - {"\n"}
        assert not odd, path.name


def test_vietnamese_is_written_with_its_diacritics(province: DemoProvince) -> None:
    for record in all_records(province):
        for name, text in texts(record):
            if name.endswith("_en"):
                continue
            bare = BARE_SYLLABLES & set(re.findall(r"[^\W\d_]+", text.lower()))
            if name in ("description", "activity", "reason", "position", "packaging"):
                assert not bare, text
            words = re.findall(r"[^\W\d_]+", text)
            if name in ("description", "activity") and len(words) >= 8:
                marked = [word for word in words if VIETNAMESE_LETTERS.search(word)]
                assert len(marked) / len(words) > 0.35, text


def test_texts_are_full_sentences_in_both_languages(province: DemoProvince) -> None:
    for product in province.products:
        sentences = re.findall(r"[.!?](?=\s|$)", product.description)
        assert 2 <= len(sentences) <= 5, product.key
        assert product.description_en.endswith("."), product.key
        assert product.name_en != product.name
    for lot in province.lots:
        for entry in lot.diary:
            assert not entry.activity[0].islower(), entry.activity
            assert entry.activity.endswith("."), entry.activity


def test_no_text_is_empty_or_untrimmed(province: DemoProvince) -> None:
    for record in all_records(province):
        for name, text in texts(record):
            assert text == text.strip() != "", (record, name)
            assert "  " not in text, text


def test_descriptions_are_not_copies_of_one_another(province: DemoProvince) -> None:
    for field in ("description", "description_en"):
        counted = Counter(getattr(product, field) for product in province.products)
        assert counted.most_common(1)[0][1] == 1


def test_people_are_named_once_each(province: DemoProvince) -> None:
    officials = Counter(a.full_name for a in province.accounts if a.tier != "facility")
    assert officials.most_common(1)[0][1] == 1


# --- what a person may get wrong when editing ---


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "demo"))


def changed(folder: Path, name: str, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Rewrite a CSV file after `change` was done to its rows."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def complaints(folder: Path) -> str:
    with pytest.raises(DemoDataError) as caught:
        load(folder, today=TODAY)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("name", "field", "value", "complaint"),
    [
        ("products.csv", "gtin", "9520101000119", "products.csv:2: gtin: "),
        ("products.csv", "gtin", "8931234567897", "example prefix"),
        ("products.csv", "gtin", "9.5201E+12", "products.csv:2: gtin: "),
        ("products.csv", "ocop_stars", "6", "products.csv:2: ocop_stars: "),
        ("products.csv", "producer", "htx-khong-co", "producer htx-khong-co does not exist"),
        ("facilities.csv", "tax_number", "5799001372", "facilities.csv:2: tax_number: "),
        ("facilities.csv", "name", "", "facilities.csv:2: name: Field required"),
        ("facilities.csv", "commune", "99999", "commune 99999 does not exist"),
        ("facilities.csv", "safe_chain", "maybe", "facilities.csv:2: safe_chain: "),
        ("accounts.csv", "kinds", "approve", "its tier has no such kinds"),
        ("lots.csv", "season", "13-45", "lots.csv:2: season: "),
        ("lots.csv", "product", "gao-nep-tui-5kg", "its product is another facility's"),
        ("lot-inputs.csv", "quantity", "999999", "more was used of it than there is"),
        ("lot-inputs.csv", "lot", "khong-co", "there is no lot khong-co"),
        ("stamps.csv", "quantity", "100", "overlap others or lie outside of the batch"),
        ("stamp-intervals.csv", "lot", "gao-nep-1", "is of another product"),
        ("stamp-intervals.csv", "public_reason", "Vì sao", "told of suspended stamps alone"),
        ("places.csv", "name", "Xã Lạ", "is named"),
        ("diary.csv", "place", "nowhere", "place nowhere does not exist"),
    ],
)
def test_a_wrong_cell_is_reported_with_its_place(
    copy: Path, name: str, field: str, value: str, complaint: str
) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0][field] = value

    changed(copy, name, change)
    assert complaint in complaints(copy)


def test_harvesting_too_early_is_reported(copy: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["withdrawal_days"] == "7")
        row["withdrawal_days"] = "365"

    changed(copy, "diary.csv", change)
    assert "not allowed before" in complaints(copy)


def test_an_area_drawn_in_the_wrong_place_is_reported(copy: Path) -> None:
    path = copy / "growing-areas.geojson"
    drawn = json.loads(path.read_text("utf-8"))
    ring = drawn["features"][0]["geometry"]["coordinates"][0]
    drawn["features"][0]["geometry"]["coordinates"][0] = [[lon + 0.5, lat] for lon, lat in ring]
    path.write_text(json.dumps(drawn), "utf-8")
    assert "VN-QNOR-0001: lies outside of Phường An Sinh" in complaints(copy)


def test_what_spreadsheets_do_to_a_file_does_no_harm(copy: Path, province: DemoProvince) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["commune"] = row["commune"].lstrip("0")

    changed(copy, "facilities.csv", change)
    path = copy / "facilities.csv"
    text = unicodedata.normalize("NFD", path.read_text("utf-8")).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load(copy, today=TODAY).facilities == province.facilities


def test_a_missing_file_is_reported(copy: Path) -> None:
    (copy / "stamps.csv").unlink()
    assert "stamps.csv: cannot be read" in complaints(copy)


# --- pictures ---


def test_every_category_used_has_a_drawing(province: DemoProvince) -> None:
    assert {product.category for product in province.products} <= set(pictures.MOTIFS)
    keys = set(province.product)
    assert set(pictures.OWN_TINT) <= keys
    assert set(pictures.OWN_DRAWING) <= keys


def test_a_picture_is_always_the_same_and_differs_between_products(province: DemoProvince) -> None:
    cakes = [product for product in province.products if product.category == "squid-cake"]
    files = [pictures.jpeg(product) for product in cakes]
    assert files[0] == pictures.jpeg(cakes[0])
    assert len(set(files)) == len(files)
    for file in files:
        with Image.open(io.BytesIO(file)) as picture:
            assert picture.size == (800, 600)
            assert picture.format == "JPEG"
        assert len(file) < 120_000


def test_every_drawing_can_be_drawn(province: DemoProvince) -> None:
    shown = {product.category: product for product in province.products}
    own = [province.product[key] for key in pictures.OWN_DRAWING]
    for product in (*shown.values(), *own):
        picture = pictures.picture(product)
        assert picture.size == (800, 600)
        # Many colours: something was drawn, not only a background.
        assert len(picture.resize((80, 60)).getcolors(4800) or ()) > 400, product.key


def test_there_are_facilities_to_win_inspections_with_a_violation_and_a_stop(
    province: DemoProvince,
) -> None:
    assert len(province.known) >= 20
    assert {one.facility_class for one in province.known} == {"certificate", "commitment"}
    assert {bool(one.invited) for one in province.known} == {True, False}
    names = {one.name for one in province.facilities}
    assert not names & {one.name for one in province.known}
    found = province.inspections
    assert {one.result for one in found} == {"passed", "conditional", "failed"}
    assert any(one.violation and not one.remedy for one in found)
    assert any(one.fined and one.public_reason for one in found)
    stopped = {one.facility for one in found if one.stop_reason}
    assert len(stopped) == 1
    assert not stopped & {lot.facility for lot in province.lots}
    assert not stopped & {batch.facility for batch in province.batches}


def test_revenue_is_declared_for_months_that_are_over(province: DemoProvince) -> None:
    assert len({one.facility for one in province.revenues}) >= 5
    assert all(one.month < f"{TODAY:%Y-%m}" for one in province.revenues)
    january = {one.month for one in load(today=date(2027, 1, 1)).revenues}
    assert january == {f"2026-{month:02}" for month in range(8, 13)}
