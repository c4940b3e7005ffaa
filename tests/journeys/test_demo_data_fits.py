"""Every row of the demo's files is what the APIs take: models and rules, without a server."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import combinations

import pytest

from deploy.demo import bodies, data
from deploy.demo.codes import DemoSeeds
from deploy.demo.diaries import diary
from deploy.demo.fields import LOCAL
from deploy.demo.lots import Lot
from deploy.demo.officers import Officers
from deploy.demo.province import DemoProvince
from services.identity.bootstrap import Installation
from services.registry.api.bodies import NewGrowingArea, NewLot, NewProduct
from services.registry.domain.codes import compact
from services.registry.domain.geometry import OVERLAP_TOLERANCE, from_geojson, overlap
from services.registry.domain.truth import Facts, examine
from services.registry.facility_inputs import FacilityFields
from shared.errors import Refusal

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def province() -> DemoProvince:
    return data.load(today=NOW.astimezone(LOCAL).date())


def refused(key: str, read: Callable[[], object]) -> list[str]:
    try:
        read()
    except (Refusal, ValueError) as wrong:
        return [f"{key}: {wrong}"]
    return []


def test_units_and_officials(province: DemoProvince) -> None:
    Installation.model_validate(bodies.installation(province, DemoSeeds("root")))


def test_facilities(province: DemoProvince) -> None:
    def read(one: object) -> None:
        body = bodies.facility(one, province)  # type: ignore[arg-type]
        FacilityFields.model_validate(body).to_domain().checked(province.today)

    wrong = [w for f in province.facilities for w in refused(f.key, partial(read, f))]
    assert wrong == []


def test_growing_areas(province: DemoProvince) -> None:
    def read(one: object) -> None:
        body = bodies.area(one, "x", province.today)  # type: ignore[arg-type]
        NewGrowingArea.model_validate(body).to_domain("x").checked()

    wrong = [w for a in province.areas for w in refused(a.code, partial(read, a))]
    assert wrong == []


def test_no_two_growing_areas_share_ground(province: DemoProvince) -> None:
    drawn = {
        one.code: from_geojson(bodies.area(one, "x", province.today)["boundary"])
        for one in province.areas
    }
    shared = [
        (a, b) for a, b in combinations(drawn, 2) if overlap(drawn[a], drawn[b]) > OVERLAP_TOLERANCE
    ]
    assert shared == []


def needs_of(one: Lot) -> bodies.LotNeeds:
    return bodies.LotNeeds("x", "x", "x", [f"x{n}" for n, _ in enumerate(one.inputs)])


def test_no_truth_check_blocks_a_lot(province: DemoProvince) -> None:
    owners = {compact(one.code): one.facility for one in province.areas}
    blocked = []
    for one in province.lots:
        body = bodies.lot(one, province, needs_of(one))
        lot = NewLot.model_validate(body).to_domain("x").checked(NOW)
        strangers = {code: key for code, key in owners.items() if key != one.facility}
        found = examine(lot, Facts(strangers=strangers), NOW)
        blocked += [(one.key, finding) for finding in found if finding.blocks]
    assert blocked == []


def test_products(province: DemoProvince) -> None:
    def read(one: object) -> None:
        body = bodies.product(one, "x", ["x"], [])  # type: ignore[arg-type]
        NewProduct.model_validate(body).to_domain("x").checked()

    wrong = [w for p in province.products for w in refused(p.key, partial(read, p))]
    assert wrong == []


def test_lots_and_their_diaries(province: DemoProvince) -> None:
    def read(one: Lot) -> None:
        body = bodies.lot(one, province, needs_of(one))
        lot = NewLot.model_validate(body).to_domain("x").checked(NOW)
        lot.check_complete(NOW)

    wrong = [w for lot in province.lots for w in refused(lot.key, partial(read, lot))]
    assert wrong == []


def test_no_step_of_a_diary_is_lost(province: DemoProvince) -> None:
    """What registry has no step for is told in the note of the step before."""
    for lot in province.lots:
        notes = " ".join(entry["note"] for entry in diary(lot, province))
        assert [step.activity for step in lot.diary if step.activity not in notes] == []


def test_nobody_who_works_in_a_diary_is_named_in_public(province: DemoProvince) -> None:
    for lot in province.lots:
        notes = " ".join(entry["note"] for entry in diary(lot, province))
        assert [step.person for step in lot.diary if step.person in notes] == []


def test_every_facility_has_officials_for_every_act(province: DemoProvince) -> None:
    officers = Officers(province)
    for one in province.facilities:
        entering = officers.on_behalf(one)
        assert len({entering, officers.checks(one), officers.approves(one)}) == 3
        assert officers.issues(one)
        assert officers.decides_stamps(one)
        assert officers.enters(one)
