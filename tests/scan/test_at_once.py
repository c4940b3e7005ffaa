"""What leaves at once is what the long way would have said, and is counted as that would be."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.scan.answering.sampling import ONE_IN, SampledTraces
from services.scan.domain.records import PLACES
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, apart, name, notice

ADDRESS = (b"x-real-ip", b"198.51.100.7")


@pytest.fixture(scope="module")
async def scans(world: World) -> AsyncIterator[Scans]:
    async with world.projecting(), world.replica(scan_invalid_per_prefix=5) as made:
        yield made


@pytest.fixture(scope="module")
async def both(world: World, scans: Scans) -> tuple[Goods, Goods]:
    """Sound ones and recalled ones."""
    sound, recalled = Goods(), Goods()
    told = notice(name("case"), lots=(recalled.lot,))
    await world.tell(*sound.events(), *recalled.events(), told)
    await becomes(scans, sound.batch, 7, "genuine")
    await becomes(scans, recalled.batch, 7, "recalled")
    return sound, recalled


@pytest.fixture(scope="module")
def goods(both: tuple[Goods, Goods]) -> Goods:
    return both[0]


def asked(accept: bytes, language: bytes, address: bytes = ADDRESS[1]) -> list[tuple[bytes, bytes]]:
    return [
        (b"accept", accept),
        (b"accept-language", language),
        (b"x-real-ip", address),
        (b"x-request-id", b"0123456789abcdef0123456789abcdef"),
    ]


async def long_way(scans: Scans, path: str, headers: list[tuple[bytes, bytes]]) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=scans.hot)
    async with httpx2.AsyncClient(transport=transport, base_url="http://scan") as client:
        return await client.get(path, headers={k.decode(): v.decode() for k, v in headers})


async def long_way_now(
    scans: Scans, path: str, headers: list[tuple[bytes, bytes]]
) -> httpx2.Response:
    """The same, and nothing was confirmed anew since it was said."""
    while True:
        as_of = scans.replica.confirmer.as_of
        answer = await long_way(scans, path, headers)
        if scans.replica.confirmer.as_of is as_of:
            return answer


@pytest.mark.parametrize("accept", [b"text/html", b"application/json"])
@pytest.mark.parametrize("language", [b"vi", b"en", b"zh"])
async def test_both_ways_say_the_same_and_count_the_same(
    scans: Scans, both: tuple[Goods, Goods], accept: bytes, language: bytes
) -> None:
    headers, (sound, recalled) = asked(accept, language), both
    for of, serial in ((sound, 8), (sound, 600), (recalled, 8), (sound, 5_000)):
        for prefix in ("/", "/v1/verdicts/"):
            path = prefix + scans.code(of.batch, serial)
            for _ in range(2):  # As it is made, and as it lies ready.
                long = await long_way_now(scans, path, headers)
                counts = list(scans.hot.counts)
                whole = scans.hot.at_once(path.encode(), headers, None)
                assert whole is not None
                status, sent, body = apart(whole)
                assert (status, body) == (long.status_code, long.content)
                assert sorted(sent) == sorted((k.lower(), v) for k, v in long.headers.raw)
                added = [n for n, count in enumerate(scans.hot.counts) if count != counts[n]]
                assert len(added) == 1
                if long.headers["content-type"] == "application/json":
                    assert added == [PLACES[long.json()["verdict"]]]


@pytest.mark.parametrize("accept", [b"text/html", b"application/json"])
async def test_too_many_forged_codes_are_refused_at_once_in_the_same_words(
    scans: Scans, goods: Goods, accept: bytes
) -> None:
    headers = asked(accept, b"vi", b"192.0.%d.1" % len(accept))
    code = scans.code(goods.batch, 9)
    path = f"/{code[:-1]}{'0' if code[-1] != '0' else '1'}"
    assert scans.hot.at_once(path.encode(), headers, None) is None
    for _ in range(5):
        assert (await long_way(scans, path, headers)).status_code == 200
    refused = scans.hot.refused_invalid
    whole = scans.hot.at_once(path.encode(), headers, None)
    assert whole is not None
    status, sent, body = apart(whole)
    long = await long_way(scans, path, headers)
    assert (status, body) == (429, long.content)
    assert sorted(sent) == sorted((k.lower(), v) for k, v in long.headers.raw)
    assert scans.hot.refused_invalid == refused + 2
    true = scans.hot.at_once(f"/{code}".encode(), headers, None)
    assert true is not None
    assert apart(true)[0] == 200


async def test_what_is_not_plain_goes_the_long_way_and_is_not_counted_twice(
    scans: Scans, goods: Goods
) -> None:
    code = scans.code(goods.batch, 7)
    headers = asked(b"text/html", b"vi")
    counts = list(scans.hot.counts)
    for path in (
        f"/{code}?lang=en",
        f"/{code.lower()}",
        f"/{code[:5]}-{code[5:]}",
        f"http://scan/{code}",
        f"/01/09520101000118/21/{code}/",
        "/kiem-tra-tem",
        "/",
        "*",
    ):
        assert scans.hot.at_once(path.encode(), headers, None) is None, path
    links = asked(b"application/linkset+json", b"vi")
    assert scans.hot.at_once(f"/{code}".encode(), links, None) is None
    assert scans.hot.counts == counts


async def test_one_in_a_hundred_goes_the_long_way_for_its_span(scans: Scans, goods: Goods) -> None:
    sampled = SampledTraces(scans.hot)
    path = f"/{scans.code(goods.batch, 7)}".encode()
    transport = httpx2.ASGITransport(app=sampled)
    async with httpx2.AsyncClient(transport=transport, base_url="http://scan") as client:
        for _ in range(3):
            told = [sampled.at_once(path, asked(b"*/*", b"vi"), None) for _ in range(ONE_IN)]
            assert [one is None for one in told] == [False] * (ONE_IN - 1) + [True]
            assert (await client.get(path.decode())).status_code == 200
