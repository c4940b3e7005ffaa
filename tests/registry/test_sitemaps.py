"""Search engines are led to what is published, and to nothing else (R29)."""

import re

from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry


async def listed(registry: Registry) -> set[str]:
    """The addresses of all lists that the index names."""
    index = await registry.client.get("/sitemap.xml")
    assert index.headers["content-type"].startswith("application/xml")
    found: set[str] = set()
    for address in re.findall("<loc>([^<]+)</loc>", index.text):
        answer = await registry.client.get(address)
        assert answer.status_code == 200, address
        found |= set(re.findall("<loc>([^<]+)</loc>", answer.text))
    return found


async def test_what_is_published_is_listed_until_it_is_withdrawn(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    draft = await registry.entered(
        "products", builders.product(), registry.operator(facility["id"])
    )
    origin = registry.settings.public_origin
    found = await listed(registry)
    assert {f"{origin}/", f"{origin}/facilities/{facility['id']}"} <= found
    assert f"{origin}/products/{product['id']}" in found
    assert draft["id"] not in " ".join(found)
    page = (await registry.client.get(f"/products/{product['id']}")).text
    assert 'property="og:title"' in page
    assert "noindex" not in page
    why = {"reason": "Ngừng sản xuất"}
    ok(await registry.post(f"/products/{product['id']}/withdraw", why, registry.approver()))
    assert product["id"] not in " ".join(await listed(registry))
    assert "noindex" in (await registry.client.get(f"/products/{product['id']}")).text


async def test_a_list_that_is_not_there_does_not_exist(registry: Registry) -> None:
    for name in ("products-0", "products-999", "lots-1", "news-2", "x", "products-"):
        assert (await registry.client.get(f"/sitemaps/{name}.xml")).status_code == 404


async def test_robots_are_kept_out_of_what_is_not_public(registry: Registry) -> None:
    text = (await registry.client.get("/robots.txt")).text
    assert "Disallow: /console" in text
    assert f"Sitemap: {registry.settings.public_origin}/sitemap.xml" in text
