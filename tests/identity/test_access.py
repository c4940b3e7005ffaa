"""What is noted of where somebody came from: enough to recognise it, too little to find them."""

import pytest

from services.identity.domain.access import Origin, describe_device
from tests.identity.running_identity import PASSWORD, Identity, running


@pytest.mark.parametrize(
    ("address", "place", "network"),
    [
        ("203.0.113.77", "203.0.113.x", "203.0.113.77"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::x", "2001:db8:1:2"),
        ("::ffff:203.0.113.77", "203.0.113.x", "203.0.113.77"),
        ("::1", "0:0:0::x", "0:0:0:0"),
        ("testclient", "", ""),
        ("", "", ""),
    ],
)
def test_a_place_is_a_network_and_never_a_host(address: str, place: str, network: str) -> None:
    origin = Origin(address)
    assert (origin.place, origin.network) == (place, network)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
            "Safari · iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36",
            "Chrome · Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/130.0 Chrome/124.0 Safari/537.36",
            "Cốc Cốc · Windows",
        ),
        ("python-httpx", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_two_words(agent: str, device: str) -> None:
    assert describe_device(agent) == device


async def test_with_tls_cookies_are_bound_to_this_very_host(identity: Identity) -> None:
    secure = identity.settings.model_copy(update={"public_origin": "https://txng.example"})
    async with running(secure) as safe, safe.client() as browser:
        answer = await safe.enter(browser, "so.duyet", PASSWORD, "/account")
        assert answer.status_code == 303
        cookies = answer.headers.get_list("set-cookie")
        assert {cookie.partition("=")[0] for cookie in cookies} >= {
            "__Host-txng_access",
            "__Host-txng_refresh",
        }
        for cookie in cookies:
            assert "; Secure" in cookie
            assert "Domain" not in cookie
        assert (await browser.get("/account")).status_code == 200
