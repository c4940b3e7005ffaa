"""Codes that do not exist cost no read and are limited; real stamps are answered all the while."""

from collections.abc import AsyncIterator

import pytest

from services.scan.domain.addresses import prefix_of
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World


@pytest.fixture(scope="module")
async def scans(world: World) -> AsyncIterator[Scans]:
    async with (
        world.projecting(),
        world.replica(scan_invalid_per_prefix=40, scan_invalid_in_all=100) as made,
    ):
        yield made


def forged(scans: Scans, number: int) -> str:
    code = scans.code(1, number)
    return code[:-1] + ("0" if code[-1] != "0" else "1")


async def test_a_flood_of_forged_codes_reads_nothing_and_is_put_off(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    reads = scans.replica.lookup.reads
    answers = [
        await scans.http.get(
            f"/v1/verdicts/{forged(scans, n)}", headers={"X-Real-IP": f"198.51.100.{n % 200}"}
        )
        for n in range(60)
    ]
    assert [a.status_code for a in answers] == [200] * 40 + [429] * 20
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json()["code"] == "too_many_invalid_codes"
    assert scans.replica.lookup.reads == reads
    from_the_same_place = await scans.http.get(
        f"/v1/verdicts/{scans.code(goods.batch, 7)}", headers={"X-Real-IP": "198.51.100.3"}
    )
    assert from_the_same_place.json()["verdict"] == "genuine"
    neighbour = await scans.http.get(
        f"/v1/verdicts/{forged(scans, 7)}", headers={"X-Real-IP": "198.51.101.3"}
    )
    assert neighbour.status_code == 200


async def test_many_networks_together_meet_the_limit_of_all(scans: Scans) -> None:
    statuses = [
        (
            await scans.http.get(
                f"/v1/verdicts/{forged(scans, n)}", headers={"X-Real-IP": f"2001:db8:{n:x}::1"}
            )
        ).status_code
        for n in range(120)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        (b"203.0.113.7", b"203.0.113"),
        (b"::ffff:203.0.113.7", b"203.0.113"),
        (b"2001:db8:1:2::3", bytes.fromhex("20010db80001")),
        (b"not-an-address", b"not-an-address"),
        (b"not:an:address", b"not:an:address"),
        (b"", b""),
    ],
)
def test_a_neighbourhood_is_a_24_or_a_48(address: bytes, prefix: bytes) -> None:
    assert prefix_of(address) == prefix
