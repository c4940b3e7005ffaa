"""Two editors of one record: what only the other changed is taken over, nothing typed is lost."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.pages.records.merging import brought_together
from shared.web.fields import Input
from shared.web.forms import Form
from tests.answers import ok
from tests.form_pages import Reading
from tests.registry import builders, clips
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module
from tests.registry.test_recordings import upload


def sent(page: str, html: str, **typed: str) -> dict[str, Any]:
    """What a browser sends of the page's edit form, some inputs typed into."""
    form = next(f for f in Reading(page, html).forms if f.action == page)
    told: dict[str, list[str]] = {}
    for one in form.entries:
        if one.value is not None and one.kind not in ("submit", "file"):
            told.setdefault(one.name, []).append(one.value.replace("\n", "\r\n"))
    return {**told, **typed}


async def edited(browser: httpx2.AsyncClient, path: str, data: dict[str, Any]) -> httpx2.Response:
    files = {"photos": ("", b"", "application/octet-stream")}
    return await browser.post(path, data=data, files=files if "products" in path else None)


async def test_what_the_second_did_not_touch_is_the_first_s(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    body = builders.product(
        chain=[{"role": "packer", "name": "Xưởng gói", "address": "Khe Sím"}], price=90_000
    )
    entered = await registry.entered("products", body, operator)
    path = f"/console/registry/products/{entered['id']}/edit"
    browser = registry.browser(operator)
    mine = sent(path, (await browser.get(path)).text, description="Tôi vừa gõ", name="Tên của tôi")
    theirs = {
        **body,
        "brand": "Nhãn của người khác",
        "price": 120_000,
        "name": "Tên của người khác",
        "key_product": False,
        "standards": ["VietGAP trồng trọt", "TCCS 07"],
        "chain": [*body["chain"], {"role": "distributor", "name": "Chợ", "address": "Hạ Long"}],
        "version": 1,
    }
    ok(await registry.put(f"/products/{entered['id']}", theirs, operator))
    answer = await edited(browser, path, mine)
    assert answer.status_code == 409, answer.text
    assert "Đã lấy theo bản mới" in answer.text
    assert "Giữ như bạn gõ" in answer.text
    assert "rồi lưu lần nữa" in answer.text
    # As it is shown it is sent again.
    assert (await edited(browser, path, sent(path, answer.text))).status_code == 303
    draft = (await registry.record("products", entered["id"]))["draft"]
    assert (draft["name"], draft["description"]) == ("Tên của tôi", "Tôi vừa gõ")
    assert (draft["brand"], draft["price"]) == ("Nhãn của người khác", 120_000)
    assert draft["key_product"] is False
    assert draft["standards"] == ["VietGAP trồng trọt", "TCCS 07"]
    assert [one["name"] for one in draft["chain"]] == ["Xưởng gói", "Chợ"]
    await browser.aclose()


@pytest.mark.parametrize("kind", ["facilities", "growing-areas", "lots"])
async def test_forms_of_all_kinds_bring_two_changes_together(
    registry: Registry, farm: dict[str, str], kind: str
) -> None:
    operator = registry.operator(farm["id"])
    made: dict[str, tuple[Any, dict[str, Any], str, str]] = {
        "facilities": (builders.facility(tax_number=""), {"representative": "Người khác"},
                       "address", "Thôn tôi gõ"),
        "growing-areas": (builders.growing_area(), {"crop": "Na bở"}, "name", "Vùng tôi gõ"),
        "lots": (builders.lot(farm["product"], code="L-GOP-1"), {"quantity": "900"},
                 "expires_on", "2026-12-24"),
    }  # fmt: skip
    body, change, field, typed = made[kind]
    maker = registry.clerk() if kind == "facilities" else operator
    entered = await registry.entered(kind, body, maker)
    path = f"/console/registry/{kind}/{entered['id']}/edit"
    browser = registry.browser(maker)
    mine = sent(path, (await browser.get(path)).text, **{field: typed})
    ok(await registry.put(f"/{kind}/{entered['id']}", {**body, **change, "version": 1}, maker))
    answer = await edited(browser, path, mine)
    assert answer.status_code == 409, answer.text
    assert "Đã lấy theo bản mới" in answer.text
    assert (await edited(browser, path, sent(path, answer.text))).status_code == 303
    draft = (await registry.record(kind, entered["id"]))["draft"]
    assert draft[field] == typed
    for name, value in change.items():
        assert str(draft[name]) == str(value)
    await browser.aclose()


async def test_a_form_that_is_saved_as_it_was_opened_changes_nothing(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    pictures = [
        ok(await registry.upload(builders.picture(size=(300, side)), farm["id"], operator), 201)[
            "id"
        ]
        for side in (221, 222, 223)
    ]
    films = [
        ok(await upload(registry, operator, clips.mp4(seconds=length)), 201)["id"]
        for length in (11, 12)
    ]
    full = builders.product(
        # Neither in the order in which they came nor in the opposite one.
        images=[pictures[1], pictures[2], pictures[0]],
        recordings=films,
        chain=[{"role": "packer", "name": "Xưởng gói", "address": "Khe Sím"}],
        price=90_000,
        shelf_life_days=6,
        gtin=builders.gtin(77),
    )
    made = {
        "products": (full, operator),
        "facilities": (builders.facility(tax_number="", latitude=21.1, longitude=107.1),
                       registry.clerk()),
        "growing-areas": (
            builders.growing_area(
                seasons=[{"name": "Vụ 1", "starts_on": "2026-02-02", "ends_on": "2026-09-09"}],
                members=[{"name": "Hộ ông An", "area_hectares": "1.5"}],
            ),
            operator,
        ),
        "lots": (builders.lot(farm["product"], code="L-NHU-CU", expires_on="2026-12-01"), operator),
    }  # fmt: skip
    for kind, (body, maker) in made.items():
        entered = await registry.entered(kind, body, maker)
        before = await registry.record(kind, entered["id"])
        path = f"/console/registry/{kind}/{entered['id']}/edit"
        browser = registry.browser(maker)
        answer = await edited(browser, path, sent(path, (await browser.get(path)).text))
        assert answer.status_code == 303, answer.text
        after = await registry.record(kind, entered["id"])
        assert after["draft"] == before["draft"], kind
        assert after["version"] == before["version"], kind
        await browser.aclose()


def form(raw: dict[str, str]) -> Form[Any]:
    return Form(Input, raw={name: [text] for name, text in raw.items()})


RAW = st.dictionaries(
    st.sampled_from(["a", "b", "rows.0.x", "rows.0.y", "rows.1.x", "other.0.x"]),
    st.sampled_from(["", " ", "1", "2"]),
)


@given(mine=RAW, base=RAW, fresh=RAW)
def test_nothing_typed_is_lost_and_nothing_untouched_is_put_back(
    mine: dict[str, str], base: dict[str, str], fresh: dict[str, str]
) -> None:
    def values(raw: dict[str, str], name: str) -> list[dict[str, str]]:
        """Rows without their numbers: empty ones are none."""
        rows: dict[str, dict[str, str]] = {}
        for key, text in sorted(raw.items()):
            if key.partition(".")[0] == name and text.strip():
                rows.setdefault(key[: len(name) + 2], {})[key[len(name) + 3 :]] = text.strip()
        return list(rows.values())

    after, _ = brought_together(form(mine), form(base), form(fresh))
    got = {name: texts[0] for name, texts in after.raw.items()}
    for name in ("a", "b", "rows", "other"):
        if values(mine, name) != values(base, name):
            assert values(got, name) == values(mine, name)
        else:
            assert values(got, name) == values(fresh, name)
