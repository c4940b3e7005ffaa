"""Shared catalogues: proposed by one, approved by another, valid from a day, history kept."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.registry.domain import catalogues
from services.registry.domain.catalogue_changes import Change
from services.registry.domain.catalogue_fields import (
    CBV_STEPS,
    SPECS,
    CatalogueValueInvalid,
    Want,
    canonical,
)
from services.registry.domain.catalogues import Catalogue, Row, install, rows, seed
from services.registry.domain.quality import CONTENTS, known_fields
from services.registry.domain.records import Author
from services.registry.field_words import BIZ_STEPS, FIELDS
from shared.contracts.acts import BY_SERVICE
from shared.days import local_day
from shared.ids import new_id, now
from tests.registry.conftest import Registry
from tests.registry.test_pages import post

PATH = "/console/registry/catalogues"


def supply(**changes: Any) -> dict[str, Any]:
    return {
        "row_key": f"thu-{new_id()[-8:]}",
        "title": "Thuốc thử",
        "kind": "pesticide",
        "active_substance": "Thử",
        "intervals.0.species": "vegetables",
        "intervals.0.days": "3",
        "intervals.1.species": "*",
        "intervals.1.days": "9",
        "valid_from": local_day(now()).isoformat(),
        "reason": "Danh mục mới của Sở",
        "id": new_id(),
        **changes,
    }


async def proposed(registry: Registry, token: str, **changes: Any) -> dict[str, Any]:
    form = supply(**changes)
    answer = await post(registry.browser(token), f"{PATH}/supplies/change", form)
    assert answer.status_code == 303, answer.text
    row = await registry.db.collection("catalogue_changes").find_one({"key": form["row_key"]})
    assert row is not None
    return dict(row)


@pytest.mark.parametrize("catalogue", list(Catalogue))
def test_every_seed_has_the_fields_of_its_catalogue(catalogue: Catalogue) -> None:
    for row in seed(catalogue).values():
        assert set(row.values) <= {spec.name for spec in SPECS[catalogue]}
        for spec in SPECS[catalogue]:
            value = row.values.get(spec.name, "")
            assert value or not spec.required, (row.key, spec.name)
            if spec.want is Want.CHOICE and value:
                assert value in spec.choices


def test_the_interval_of_a_supply_is_that_of_the_crop_else_the_common_one() -> None:
    row = Row(Catalogue.SUPPLIES, "x", {"title": "X", "intervals": "tea=10; *=14"})
    assert (row.days_for("tea"), row.days_for("rice")) == (10, 14)
    assert Row(Catalogue.SUPPLIES, "y", {"intervals": "tea=10"}).days_for("rice") is None


async def test_a_second_person_approves_and_the_row_holds_from_its_day(registry: Registry) -> None:
    proposer = registry.token("unit", "check")
    change = await proposed(registry, proposer)
    key, address = change["key"], f"{PATH}/supplies/changes/{change['_id']}"
    assert key not in rows(Catalogue.SUPPLIES)
    approver = registry.browser(registry.approver())
    answer = await post(approver, address, {"approved": "true"})
    assert answer.status_code == 303, answer.text
    assert rows(Catalogue.SUPPLIES)[key].days_for("vegetables") == 3
    page = (await approver.get(f"{PATH}/supplies")).text
    assert "Danh mục mới của Sở" in page
    acts = [e.action for e in await registry.events(f"supplies/{key}", BY_SERVICE["registry"])]
    assert acts == ["catalogue.propose", "catalogue.approve"]
    install([])
    assert key not in rows(Catalogue.SUPPLIES)
    await catalogues_again(registry)
    assert key in rows(Catalogue.SUPPLIES)


async def catalogues_again(registry: Registry) -> None:
    from services.registry.actions.catalogues import renew

    await renew(registry.db, local_day(now()))


async def test_what_is_valid_later_does_not_hold_yet(registry: Registry) -> None:
    change = await proposed(registry, registry.token("unit", "check"), valid_from="2099-01-01")
    await post(
        registry.browser(registry.approver()),
        f"{PATH}/supplies/changes/{change['_id']}",
        {"approved": "true"},
    )
    assert change["key"] not in catalogues.all_rows(Catalogue.SUPPLIES)


async def test_nobody_approves_their_own_proposal(registry: Registry) -> None:
    token = registry.approver()
    change = await proposed(registry, token)
    browser = registry.browser(token)
    csrf = await registry.csrf(browser)
    address = f"{PATH}/supplies/changes/{change['_id']}"
    answer = await browser.post(address, data={"csrf": csrf, "approved": "true"})
    assert answer.status_code == 403
    assert "không được tự duyệt" in answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"intervals.0.days": ""}, "intervals-0-days"),
        ({"intervals.0.species": "no-such-crop"}, "intervals"),
        ({"intervals.0.species": "*"}, "intervals"),
        ({"kind": "poison"}, "kind"),
        ({"valid_from": "2020-01-01"}, "valid_from"),
        ({"row_key": "có dấu cách"}, "row_key"),
        ({"title": ""}, "title"),
    ],
)
async def test_a_wrong_value_comes_back_at_its_field_with_what_was_typed(
    registry: Registry, changes: dict[str, Any], field: str
) -> None:
    browser = registry.browser(registry.token("unit", "check"))
    form = supply(**changes)
    answer = await post(browser, f"{PATH}/supplies/change", form)
    assert answer.status_code == 422, answer.text
    assert f'href="#f-{field}"' in answer.text
    assert "Danh mục mới của Sở" in answer.text


async def test_a_clerk_types_no_keys_and_chooses_by_name(registry: Registry) -> None:
    browser = registry.browser(registry.token("unit", "check"))
    mark = new_id()[-6:]
    title = f"Thuốc Đồng Đỏ {mark}"
    form = supply(row_key="", title=title)
    page = (await browser.get(f"{PATH}/supplies/change")).text
    assert ">Rau các loại</option>" in page
    assert "mọi loài khác" in page
    assert (await post(browser, f"{PATH}/supplies/change", form)).status_code == 303
    kept = await registry.db.collection("catalogue_changes").find_one({"values.title": title})
    assert kept is not None
    assert kept["key"] == f"thuoc-dong-do-{mark}"
    assert kept["values"]["intervals"] == "vegetables=3; *=9"
    group = {
        "title": f"Nhóm {mark}", "level": "priority", "categories": ["oyster", "clam"],
        "since": "2027-01-01", "valid_from": local_day(now()).isoformat(),
        "reason": "Kế hoạch của Sở", "id": new_id(),
    }  # fmt: skip
    assert (await post(browser, f"{PATH}/groups/change", group)).status_code == 303
    kept = await registry.db.collection("catalogue_changes").find_one(
        {"values.title": group["title"]}
    )
    assert kept is not None
    assert kept["values"]["categories"] == "oyster, clam"


async def test_a_row_opens_in_the_form_as_it_is_kept(registry: Registry) -> None:
    browser = registry.browser(registry.token("unit", "check"))
    key, row = next(iter(seed(Catalogue.GROUPS).items()))
    page = (await browser.get(f"{PATH}/groups/change?key={key}")).text
    for category in row.list("categories"):
        assert f'name="categories" value="{category}" checked' in page
    name, supplied = next(iter(seed(Catalogue.SUPPLIES).items()))
    page = (await browser.get(f"{PATH}/supplies/change?key={name}")).text
    assert page.count("selected>") >= supplied.values["intervals"].count("=")


async def test_who_may_not_propose_or_decide_is_refused(registry: Registry) -> None:
    change = await proposed(registry, registry.token("unit", "check"))
    address = f"{PATH}/supplies/changes/{change['_id']}"
    for token in (registry.checker(), registry.operator("f"), registry.token("unit", "check")):
        browser = registry.browser(token)
        csrf = await registry.csrf(browser)
        answer = await browser.post(address, data={"csrf": csrf, "approved": "true"})
        assert answer.status_code == 403
    browser = registry.browser(registry.operator("f"))
    csrf = await registry.csrf(browser)
    answer = await browser.post(f"{PATH}/supplies/change", data={"csrf": csrf, **supply()})
    assert answer.status_code == 403
    assert (await browser.get(f"{PATH}/nothing")).status_code == 404


async def test_a_closed_catalogue_takes_no_new_row(registry: Registry) -> None:
    browser = registry.browser(registry.approver())
    assert (await browser.get(f"{PATH}/checks/change")).status_code == 404
    assert (await browser.get(f"{PATH}/checks/change?key=copied")).status_code == 200


def test_what_is_approved_late_does_not_hold_before_its_approval() -> None:
    proposed_at = now()
    by, other = (Author(name, name, "unit", "u") for name in ("a", "b"))
    waited = Change(
        "1",
        Catalogue.CROPS,
        "x",
        {"title": "X"},
        local_day(proposed_at),
        False,
        "Vì",
        by,
        proposed_at,
    )
    later = proposed_at + timedelta(days=9)
    done = waited.decided(approved=True, by=other, reason="", now=later)
    assert done.valid_from == local_day(later)
    refused = waited.decided(approved=False, by=other, reason="Không", now=later)
    assert refused.valid_from == local_day(proposed_at)


def test_whatever_people_choose_by_a_code_has_words_of_its_own() -> None:
    assert set(BIZ_STEPS) == set(CBV_STEPS)
    for record in CONTENTS:
        assert set(FIELDS[record]) >= known_fields(record), record


async def test_a_mandatory_field_is_chosen_in_words_and_kept_as_its_code(
    registry: Registry,
) -> None:
    official = registry.token("department", "approve")
    browser = registry.browser(official)
    new = f"{PATH}/required/change"
    page = (await browser.get(new)).text
    assert '<option value="product.images">Ảnh</option>' in page
    assert 'name="record"' not in page
    title = f"Ảnh {new_id()[-8:]}"
    form = {
        "title": title,
        "field": "product.images",
        "weight": "3",
        "valid_from": local_day(now()).isoformat(),
        "reason": "Bộ dữ liệu của Sở",
        "id": new_id(),
    }
    nothing = await post(browser, new, {**form, "field": "product.nothing"})
    assert nothing.status_code == 422
    assert title in nothing.text
    nowhere = await post(browser, new, {**form, "field": "images", "id": new_id()})
    assert nowhere.status_code == 422
    answer = await post(browser, new, form)
    assert answer.status_code == 303, answer.text
    changes = registry.db.collection("catalogue_changes")
    row = await changes.find_one({"values.title": title})
    assert row is not None
    assert (row["values"]["record"], row["values"]["field"]) == ("product", "images")
    for address in (f"{PATH}/required/changes/{row['_id']}", f"{PATH}/required"):
        shown = (await browser.get(address)).text
        assert "Ảnh" in shown
        for code in ("images", "shelf_life_days", "registration_date"):
            assert not re.search(rf">\s*{code}\s*<", shown), (address, code)
    again = (await browser.get(f"{PATH}/required/change?key=product-images")).text
    assert re.search(r'value="product.images" selected', again)
    await browser.aclose()


@pytest.mark.parametrize(("lang", "word"), [("vi", "Cất trữ"), ("en", "Storing"), ("zh", "贮存")])
async def test_business_steps_of_gs1_are_chosen_and_read_in_words(
    registry: Registry, lang: str, word: str
) -> None:
    browser = registry.browser(registry.token("department", "approve"))
    for address in (f"{PATH}/steps", f"{PATH}/steps/change?key=storing"):
        page = (await browser.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")).text
        assert word in page
        assert not re.search(r">\s*(storing|sensor_reporting|commissioning)\s*<", page)
    await browser.aclose()


def test_a_wrong_number_and_an_empty_field_are_each_told_what_is_missing() -> None:
    number = next(spec for spec in SPECS[Catalogue.CROPS] if spec.name == "yield_max")
    with pytest.raises(CatalogueValueInvalid, match="một số từ 0"):
        canonical(number, "abc")
    needed = next(spec for spec in SPECS[Catalogue.SUPPLIES] if spec.name == "kind")
    with pytest.raises(CatalogueValueInvalid, match="còn trống"):
        canonical(needed, " ")
    with pytest.raises(CatalogueValueInvalid, match="ví dụ ghi dưới ô"):
        canonical(needed, "poison")
