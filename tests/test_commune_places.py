"""The choice of a commune offers those of the province."""

import pytest

from services.registry.domain.communes import PROVINCE_CODE, communes
from services.scan.desk.words import communes_here
from shared.commune_places import communes_of


def test_the_choice_offers_every_commune_of_the_province_by_name() -> None:
    offered = communes_here()
    assert dict(offered) == {code: one.name for code, one in communes().items()}
    assert offered == sorted(offered, key=lambda one: one[1])


def test_a_province_that_is_none_stops_what_would_offer_nothing() -> None:
    assert dict(communes_of(PROVINCE_CODE))["07090"]
    with pytest.raises(LookupError):
        communes_of(999)
