"""The demo's applicants wait in the running town, and the console's first page counts them (R5)."""

from deploy.demo import applicants
from deploy.demo.client import IDENTITY, REPORTING
from tests.journeys.town import Town
from tests.polling import eventually


async def test_applications_from_outside_reach_the_desk_and_the_work_list(town: Town) -> None:
    for _ in range(2):  # The second time finds everything there.
        await applicants.apply(town.api, town.state, town.province, town.password)
    officer = town.api.account("phuong-an-sinh.hethong", town.password)
    waiting = await officer.get(f"{IDENTITY}/applications")
    asked = await officer.get(f"{IDENTITY}/applications?state=more_asked")
    (first,) = waiting["items"]
    (second,) = asked["items"]
    assert [one["shows"] for one in first["papers"]] == ["food_safety"]
    assert second["answer"] == applicants.ASKED
    path = f"{IDENTITY}/applications/{first['id']}/papers/{first['papers'][0]['id']}"
    assert (await officer.get(path))[:3] == b"\xff\xd8\xff"

    async def counted() -> bool:
        return bool((await officer.get(f"{REPORTING}/work"))["applications"] == 1)

    await eventually(counted, 30)
