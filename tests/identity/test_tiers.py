"""Tiers are data: a province that keeps the district tier turns it on in a file of its own (R1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.identity import tiers as module
from services.identity.domain.rights import rows_of
from services.identity.domain.units import Reach, UnitTierUnknown, found
from services.identity.tiers import tiers

WHOLE = Reach(("*",), "*")


@pytest.fixture
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "tiers.toml"
    monkeypatch.setenv(module.VARIABLE, str(path))
    yield path
    monkeypatch.delenv(module.VARIABLE)
    tiers.cache_clear()


def test_the_district_tier_is_there_and_off() -> None:
    province = found("tinh", name="Tỉnh", tier="province", parent=None, reach=WHOLE)
    with pytest.raises(UnitTierUnknown):
        found("huyen", name="Huyện", tier="district", parent=province, reach=WHOLE)


def test_turned_on_it_has_units_and_accounts_that_may_do_something(own_file: Path) -> None:
    text = module.DELIVERED.read_text(encoding="utf-8")
    before, district = text.split("[district]")
    own_file.write_text(
        before + "[district]" + district.replace("enabled = false", "enabled = true", 1)
    )
    tiers.cache_clear()
    province = found("tinh", name="Tỉnh", tier="province", parent=None, reach=WHOLE)
    unit = found("huyen", name="Huyện", tier="district", parent=province, reach=WHOLE)
    commune = found("xa", name="Xã", tier="commune", parent=unit, reach=Reach(("06862",), "*"))
    assert unit.works
    assert commune.path == ("tinh", "huyen", "xa")
    mays = {
        row.action: dict(zip(tiers()["district"].kinds, row.cells, strict=True))
        for row in rows_of(tiers()["district"])
    }
    assert mays["account.issue"]["system"] == "area"
    assert mays["product.check"]["check"] == "area"
    assert mays["product.enter"]["operate"] == "area"
    assert "product.publish" not in mays
