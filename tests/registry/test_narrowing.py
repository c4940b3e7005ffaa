"""The console's list of facilities narrowed by what they are and where; its file holds the same."""

import csv
import io

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry

LIST = "/console/registry/facilities"
CSV = "/console/registry/exports/facilities.csv"


async def test_facilities_are_narrowed_by_class_kind_mark_and_standing(registry: Registry) -> None:
    shop = await registry.a_facility(
        name="Cửa hàng Bến Đò", facility_class="commitment", kinds=["shop"], marks=["ocop"]
    )
    plant = await registry.a_facility(name="Xưởng Bến Đò", kinds=["processing", "packing"])
    body = builders.facility(
        name="Chợ Bến Đò", kinds=["market"], facility_class="commitment", certificates=[]
    )
    draft = ok(await registry.post("/facilities", body, registry.clerk()), 201)
    why = {"reason": "Nghỉ bán"}
    ok(await registry.post(f"/facilities/{plant['id']}/stop", why, registry.approver()))
    browser = registry.browser(registry.checker())

    async def shown(query: str) -> set[str]:
        page = (await browser.get(f"{LIST}?q=ben+do&{query}")).text
        ids = {shop["id"], plant["id"], draft["id"]}
        listed = {one for one in ids if f"{LIST}/{one}" in page}
        answer = await browser.get(f"{CSV}?q=ben+do&{query}")
        rows = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";")
        codes = {row["Mã cơ sở"] for row in rows}
        assert codes == {one["code"] for one in (shop, plant, draft) if one["id"] in listed}, query
        return listed

    everything = {shop["id"], plant["id"], draft["id"]}
    assert await shown("") == everything
    assert await shown("class=commitment") == {shop["id"], draft["id"]}
    assert await shown("kind=packing") == {plant["id"]}
    assert await shown("mark=ocop") == {shop["id"]}
    assert await shown("paper=none") == {draft["id"]}
    assert await shown("status=stopped") == {plant["id"]}
    assert await shown("kind=market&state=draft") == {draft["id"]}
    assert await shown("sector=health") == set()
    assert await shown("kind=$ne") == everything
    await browser.aclose()


async def test_a_facility_narrows_nothing_and_sees_itself_alone(registry: Registry) -> None:
    mine, other = await registry.a_facility(), await registry.a_facility()
    own = registry.browser(registry.operator(mine["id"]))
    page = (await own.get(f"{LIST}?class=commitment&commune={builders.OTHER_COMMUNE}")).text
    assert 'name="class"' not in page
    assert f"{LIST}/{other['id']}" not in page
    answer = await own.get(CSV)
    assert mine["code"] in answer.text
    assert other["code"] not in answer.text
    await own.aclose()


async def test_a_facility_named_like_another_is_pointed_out_while_it_is_reviewed(
    registry: Registry,
) -> None:
    first = await registry.a_facility(name="Hợp tác xã Rong Nho Cái Chiên", address="Thôn Đầu Rồng")
    body = builders.facility(
        name="HTX rong nho Cái Chiên", address="thôn Đầu Rồng", tax_number="0100107518"
    )
    second = ok(await registry.post("/facilities", body, registry.clerk()), 201)
    page = f"{LIST}/{second['id']}"
    browser = registry.browser(registry.clerk())
    assert f'href="{LIST}/{first["id"]}"' in (await browser.get(page)).text
    far = registry.browser(registry.operator(second["id"]))
    assert first["id"] not in (await far.get(page)).text
    for one in (browser, far):
        await one.aclose()


async def test_a_facility_elsewhere_with_the_same_tax_number_is_pointed_out_to_officials(
    registry: Registry,
) -> None:
    number = "5700993338"
    first = await registry.a_facility(tax_number=number)
    body = builders.facility(tax_number=number, commune=builders.OTHER_COMMUNE)
    clerk = registry.clerk(builders.OTHER_COMMUNE)
    second = ok(await registry.post("/facilities", body, clerk), 201)
    page = f"{LIST}/{second['id']}"
    browser = registry.browser(clerk)
    assert f'href="/facilities/{first["id"]}"' in (await browser.get(page)).text
    own = registry.browser(registry.operator(second["id"]))
    assert first["id"] not in (await own.get(page)).text
    for one in (browser, own):
        await one.aclose()


async def test_programs_narrow_lists_and_exports_as_the_console_does(registry: Registry) -> None:
    mark = new_id()[-8:]
    names = {}
    for kind in ("certificate", "commitment"):
        made = await registry.a_facility(name=f"Trại {mark} {kind}", facility_class=kind)
        names[kind] = made["published"]["name"]
    asker = registry.approver()
    for kind, other in (("certificate", "commitment"), ("commitment", "certificate")):
        query = f"facility_class={kind}&commune={builders.COMMUNE}"
        listed = ok(await registry.get(f"/facilities?q={mark}&{query}", asker))
        assert [one["published"]["name"] for one in listed["items"]] == [names[kind]]
        file = (await registry.get(f"/exports/facilities.csv?{query}", asker)).text
        assert names[kind] in file
        assert names[other] not in file
    elsewhere = f"commune={builders.OTHER_COMMUNE}"
    assert ok(await registry.get(f"/facilities?q={mark}&{elsewhere}", asker))["total"] == 0
    assert mark not in (await registry.get(f"/exports/facilities.csv?{elsewhere}", asker)).text
    refused(await registry.get("/facilities?facility_class=gold", asker), 422, "invalid_input")
    answer = await registry.get("/exports/lots.csv?sector=health", asker)
    refused(answer, 422, "facilities_narrowed")
