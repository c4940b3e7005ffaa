"""The page that shows who may do what is made of the rules that are checked (R2)."""

import re

import pytest

from services.identity.domain.rights import rows_of
from services.identity.tiers import tiers
from tests.identity.running_identity import Identity

PAGE = "/console/identity/permissions"


@pytest.mark.parametrize("tier", [name for name, one in tiers().items() if one.enabled])
async def test_every_tier_in_use_has_a_row_for_each_of_its_actions(
    tier: str, identity: Identity
) -> None:
    async with identity.browser("tienyen.hethong") as browser:
        page = await browser.get(PAGE, params={"tier": tier})
    assert page.status_code == 200
    section = page.text.split('id="tier"')[1].split('id="programs"')[0]
    assert len(re.findall(r"<tr\b", section)) == len(list(rows_of(tiers()[tier]))) + 1


async def test_it_says_who_publishes_and_in_english_too(identity: Identity) -> None:
    async with identity.browser("so.hethong") as browser:
        page = (await browser.get(PAGE)).text
        english = (await browser.get(PAGE, params={"lang": "en"})).text
    section = page.split('id="publishing"')[1].split("</section>")[0]
    assert re.search(r"Duyệt đăng sản phẩm.*?Sở, ngành: Duyệt đăng", section, re.S)
    assert "Publish products" in english


async def test_only_who_sees_accounts_sees_it(identity: Identity) -> None:
    async with identity.browser("so.duyet") as browser:
        assert (await browser.get(PAGE)).status_code == 403
    async with identity.client() as nobody:
        assert (await nobody.get(PAGE)).status_code == 307
