"""Known facilities and certificates: counted once, newest version, within the asker's area."""

import random
from datetime import date, timedelta
from typing import Any

from shared.contracts.registry import Certificate, FacilityKnown
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_service import facility
from tests.tokens import bearer, mint


def commune() -> str:
    """One that no other test of this run uses."""
    return f"{random.randrange(10**5):05}"


def known(place: str, status: str = "known", version: int = 1, **changes: Any) -> FacilityKnown:
    given = {"sector": "agriculture", "facility_class": "commitment", **changes}
    subject = given.pop("subject", None) or new_id()
    return FacilityKnown(
        subject=subject, version=version, time=now(), commune=place, status=status, **given
    )


async def shares(reporting: Reporting, place: str, **claims: Any) -> dict[str, dict[str, Any]]:
    token = mint(
        reporting.settings.secrets_dir,
        **{"tier": "commune", "kinds": ["operate"], "communes": [place], **claims},
    )
    answer = await reporting.client.get("/api/reporting/v1/participation", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return {row["facility_class"]: row for row in answer.json()}


async def home(reporting: Reporting, **claims: Any) -> str:
    return await shown(reporting, "/console", claims)


async def shown(reporting: Reporting, path: str, claims: dict[str, Any]) -> str:
    token = mint(reporting.settings.secrets_dir, **claims)
    answer = await reporting.client.get(
        path, headers={"Cookie": f"txng_access={token}", "Accept-Language": "vi"}
    )
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_known_facilities_count_once_and_by_their_newest_version(
    reporting: Reporting,
) -> None:
    place = commune()
    one = known(place)
    invited = known(place, "invited", 3, subject=one.subject)
    older = known(place, "known", 2, subject=one.subject)
    two, gone = known(place), known(place, "closed")
    elsewhere, health = known(commune()), known(place, sector="health")
    here = facility().model_copy(update={"commune": place, "facility_class": "commitment"})
    await reporting.hear(invited, one, older, two, gone, elsewhere, health, here)
    await reporting.hear(two, known(commune()))

    async def counted() -> bool:
        row = (await shares(reporting, place, sector="agriculture"))["commitment"]
        figures = [row[k] for k in ("known", "invited", "registering", "participating", "total")]
        return figures == [1, 1, 0, 1, 3]

    await eventually(counted)
    assert (await shares(reporting, place))["commitment"]["known"] == 2
    assert (await shares(reporting, place))["certificate"]["share"] is None


async def test_a_facility_is_told_nothing_of_those_that_do_not_take_part(
    reporting: Reporting,
) -> None:
    place = commune()
    await reporting.hear(known(place))
    claims = {"tier": "facility", "kinds": ["operate"], "facility": "f", "communes": []}
    assert await shares(reporting, place, **claims) == {}
    assert "Cơ sở chưa tham gia" not in await home(reporting, **claims)


async def test_the_console_says_what_waits_in_the_area(reporting: Reporting) -> None:
    place = commune()
    claims = {"tier": "commune", "kinds": ["operate"], "communes": [place]}
    assert "chưa mời" not in await home(reporting, **claims)
    await reporting.hear(known(place), known(place, "invited"), known(place, "registering"))

    async def told() -> bool:
        page = await home(reporting, **claims)
        return "1 chưa mời, 1 đã mời, 1 đang đăng ký." in page

    await eventually(told)
    assert "chưa mời" not in await home(
        reporting, tier="commune", kinds=["operate"], communes=[commune()]
    )


def paper(kind: str, ends_in: int | None) -> Certificate:
    today = (now() + timedelta(hours=7)).date()
    return Certificate(
        kind=kind,
        number="1",
        issuer="Chi cục",
        issued_on=date(2024, 1, 1),
        expires_on=None if ends_in is None else today + timedelta(days=ends_in),
    )


async def test_certificates_that_end_are_told_unless_a_newer_one_of_the_kind_holds(
    reporting: Reporting,
) -> None:
    place = commune()
    mine = facility().model_copy(
        update={
            "commune": place,
            "certificates": (
                paper("attp", -1),
                paper("vietgap", -400),
                paper("vietgap", 0),
                paper("haccp", 30),
                paper("brc", 31),
                paper("ifs", -5),
                paper("ifs", None),
            ),
        }
    )
    stopped = mine.model_copy(update={"id": new_id(), "subject": new_id(), "status": "stopped"})
    await reporting.hear(mine, stopped)
    commune_claims = {"tier": "commune", "kinds": ["check"], "communes": [place]}
    own = {"tier": "facility", "kinds": ["operate"], "facility": mine.subject, "communes": []}

    async def told() -> bool:
        return "1 đã hết hạn, 2 sắp hết hạn." in await home(reporting, **commune_claims)

    await eventually(told)
    assert "1 đã hết hạn, 2 sắp hết hạn." in await home(reporting, **own)
    renewed = mine.model_copy(
        update={"id": new_id(), "version": 2, "certificates": (paper("attp", 400),)}
    )
    await reporting.hear(renewed, mine.model_copy(update={"id": new_id()}))

    async def over() -> bool:
        return "đã hết hạn" not in await home(reporting, **commune_claims)

    await eventually(over)
