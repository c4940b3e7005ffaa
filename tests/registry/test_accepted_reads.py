"""Which of registry's addresses open what facilities have, as the ledger is told of it (ADR 18)."""

from typing import Any

import pytest

from shared.accepted_reads import ROWS
from shared.ids import new_id
from tests.answers import ok
from tests.registry.conftest import Registry
from tests.registry.test_certificates import PDF, keep
from tests.registry.test_received import trade as trade  # noqa: PLC0414 - that module's fixture

C = "/console/registry"


async def told(registry: Registry, account: str) -> list[dict[str, Any]]:
    await registry.app.state.reads.flush()
    return [row async for row in registry.db.collection(ROWS).find({"account_id": account})]


@pytest.mark.parametrize("form", ["lots", "transformations", "shipments"])
async def test_a_form_that_offers_what_a_facility_has_is_a_read_of_it(
    registry: Registry, form: str
) -> None:
    facility = (await registry.a_facility())["id"]
    clerk, own = new_id(), new_id()
    official = registry.browser(registry.clerk(account=clerk))
    address = f"{C}/{form}/new"
    assert (await official.get(address)).status_code == 200
    assert await told(registry, clerk) == [], "nobody's records are on it yet"
    assert (await official.get(f"{address}?facility_id={facility}")).status_code == 200
    (row,) = await told(registry, clerk)
    assert (row["read"], row["address"], row["own"]) == ([facility], address, False)
    browser = registry.browser(registry.operator(facility, account=own))
    assert (await browser.get(address)).status_code == 200
    assert await told(registry, own) == []


async def test_a_lot_of_others_that_one_received_is_not_one_s_own(
    registry: Registry, trade: dict[str, Any]
) -> None:
    account = new_id()
    packer = registry.operator(trade["packer"], account=account)
    lot = trade["lot"]["id"]
    assert (await registry.get(f"/received/{lot}", packer)).status_code == 200
    (row,) = await told(registry, account)
    assert (set(row["read"]), row["own"]) == ({lot, trade["grower"]}, False)


async def test_a_scan_that_is_not_public_is_a_read_though_its_address_is_everybody_s(
    registry: Registry,
) -> None:
    facility = (await registry.a_facility())["id"]
    kept = await keep(registry, PDF, facility, registry.operator(facility))
    scan = str(ok(kept, 201)["id"])
    account = new_id()
    official = registry.browser(registry.checker(account=account))
    assert (await official.get(f"/media/documents/{scan}")).content == PDF
    (row,) = await told(registry, account)
    assert (set(row["read"]), row["address"]) == (
        {scan, facility}, "/media/documents/{document_id}",
    )  # fmt: skip
