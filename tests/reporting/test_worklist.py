"""The console counts what waits: applications for accounts, of one's own area (R5)."""

from typing import Any

from shared.contracts.identity import ApplicationPublished
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.tokens import bearer, mint


def application(subject: str, version: int = 1, **changes: Any) -> ApplicationPublished:
    told = {"wish": "new", "commune": "06862", "sector": "agriculture", "state": "waiting"}
    told |= {"submitted_at": now(), **changes}
    return ApplicationPublished(subject=subject, version=version, time=now(), **told)


async def waiting(reporting: Reporting, **claims: Any) -> int:
    given: dict[str, Any] = {"tier": "commune", "kinds": ["system"], "unit": "xa", **claims}
    token = mint(reporting.settings.secrets_dir, **given)
    answer = await reporting.client.get("/api/reporting/v1/work", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["applications"])


async def test_applications_are_counted_in_ones_area_once_and_until_they_are_decided(
    reporting: Reporting,
) -> None:
    one, two = new_id(), new_id()
    first = application(one)
    await reporting.hear(first, application(two, commune="06970"), application(new_id()))
    await reporting.hear(first)

    async def counted(expected: int, **claims: Any) -> bool:
        return await waiting(reporting, **claims) == expected

    here: dict[str, Any] = {"communes": ["06862"], "sector": "*"}
    await eventually(lambda: counted(2, **here))
    await eventually(lambda: counted(1, communes=["06970"], sector="*"))
    assert await waiting(reporting, communes=["06862"], sector="health") == 0
    assert await waiting(reporting, kinds=["check"], **here) == 0
    facility = {"tier": "facility", "kinds": ["system"], "facility": "f", "communes": []}
    assert await waiting(reporting, **facility) == 0
    cookie = {
        "Cookie": "txng_access="
        + mint(reporting.settings.secrets_dir, tier="commune", kinds=["system"], **here)
    }
    page = await reporting.client.get("/console", headers=cookie)
    assert '<strong id="applications-waiting">2</strong>' in page.text
    # The decision arrives before what was told earlier: it stands.
    await reporting.hear(application(one, 3, state="accepted"))
    await reporting.hear(application(one, 2, state="more_asked"))
    await eventually(lambda: counted(1, **here))
