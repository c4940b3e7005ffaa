"""Certificates: their scans, the watch over their ends, and what officials see of it (R13)."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.registry.actions.expiry import sweep, tell_unended
from services.registry.domain.certificates import (
    NOTICE_DAYS,
    Certificate,
    Standing,
    standings,
    unreplaced,
)
from services.registry.store import expiries
from shared.contracts.registry import CertificateExpired, CertificateExpiring, FacilityPublished
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.tokens import bearer

HOLDING = (Standing.VALID, Standing.EXPIRING, Standing.UNENDED)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TODAY = datetime(2026, 11, 25, 3, tzinfo=UTC)


def paper(expires_on: date | None, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "attp",
        "number": new_id()[-8:],
        "issuer": "Chi cục Chất lượng Quảng Ninh",
        "issued_on": "2023-01-10",
        "expires_on": expires_on.isoformat() if expires_on else None,
        **changes,
    }


def in_days(days: int) -> date:
    return TODAY.date() + timedelta(days=days)


async def told(registry: Registry, facility_id: str) -> list[Any]:
    kinds = (CertificateExpiring, CertificateExpired)
    return [e for e in await registry.events(facility_id) if isinstance(e, kinds)]


async def keep(
    registry: Registry, data: bytes, facility_id: str, token: str, kind: str = "certificate"
) -> Any:
    return await registry.client.post(
        f"{API}/documents",
        data={"facility_id": facility_id, "kind": kind, "title": "Bản quét"},
        files={"file": ("quet.bin", data, "application/octet-stream")},
        headers=bearer(token),
    )


async def changed(registry: Registry, facility_id: str, certificates: list[Any]) -> dict[str, Any]:
    """The facility's certificates are these, approved by three people."""
    record = await registry.record("facilities", facility_id)
    body = builders.facility(name=record["facility_name"], certificates=certificates)
    clerk = registry.clerk()
    ok(
        await registry.put(
            f"/facilities/{facility_id}", body | {"version": record["version"]}, clerk
        )
    )
    return await registry.carried_through("facilities", facility_id, clerk)


# ---- the watch over their ends


async def test_an_end_is_told_once_thirty_days_ahead_and_once_when_it_came(
    registry: Registry,
) -> None:
    facility = await registry.a_facility(certificates=[paper(in_days(20))])
    for _ in range(2):
        await sweep(registry.db, now=TODAY)
    assert [type(e) for e in await told(registry, facility["id"])] == [CertificateExpiring]
    for day in (20, 21, 50):
        await sweep(registry.db, now=TODAY + timedelta(days=day))
    found = await told(registry, facility["id"])
    assert [e.type for e in found] == [CertificateExpiring.type, CertificateExpired.type]
    assert (found[1].expired_on, found[1].food_safety) == (in_days(20), True)


async def test_sweeps_at_once_tell_an_end_once(registry: Registry) -> None:
    facility = await registry.a_facility(certificates=[paper(in_days(-1))])
    await asyncio.gather(*(sweep(registry.db, now=TODAY) for _ in range(5)))
    assert [type(e) for e in await told(registry, facility["id"])] == [CertificateExpired]


async def test_what_lasts_longer_than_the_notice_or_for_ever_is_not_told(
    registry: Registry,
) -> None:
    lasting = [paper(in_days(NOTICE_DAYS + 1)), paper(None, kind="vietgap")]
    facility = await registry.a_facility(certificates=lasting)
    await sweep(registry.db, now=TODAY)
    assert await told(registry, facility["id"]) == []


async def test_a_renewal_clears_the_work_list_and_silences_the_watch(registry: Registry) -> None:
    old = paper(date.today() + timedelta(days=10))
    facility = await registry.a_facility(certificates=[old])
    mine = registry.operator(facility["id"])
    listed = ok(await registry.get("/certificates?standing=expiring", mine))
    assert (listed["expiring"], [e["number"] for e in listed["items"]]) == (1, [old["number"]])
    browser = registry.browser(mine)
    assert "1 giấy hết hạn trong 30 ngày tới" in (await browser.get("/console/registry")).text
    fresh = paper(date.today() + timedelta(days=900))
    await changed(registry, facility["id"], [old, fresh])
    assert ok(await registry.get("/certificates?standing=expiring", mine))["expiring"] == 0
    await sweep(registry.db, now=datetime.now(UTC) + timedelta(days=11))
    assert await told(registry, facility["id"]) == []
    await browser.aclose()


async def test_the_list_of_ends_holds_only_what_lies_in_scope(registry: Registry) -> None:
    facility = await registry.a_facility(certificates=[paper(date.today() - timedelta(days=3))])
    for token, sees in (
        (registry.checker(), True),
        (registry.operator(facility["id"]), True),
        (registry.checker(builders.OTHER_COMMUNE), False),
        (registry.operator("another-facility"), False),
    ):
        found = ok(await registry.get("/certificates?standing=expired", token))
        assert (facility["id"] in [e["facility_id"] for e in found["items"]]) is sees


days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
certificate = st.builds(
    Certificate,
    kind=st.sampled_from(["attp", "vietgap"]),
    number=st.text(min_size=1, max_size=3),
    issuer=st.just("Chi cục"),
    issued_on=st.just(date(2019, 1, 1)),
    expires_on=st.none() | days,
)


@given(st.lists(certificate, max_size=8), days)
def test_a_valid_paper_of_a_kind_leaves_no_expired_one_of_it(
    found: list[Certificate], today: date
) -> None:
    seen = list(zip(found, standings(found, today), strict=True))
    for one, standing in seen:
        assert one.valid_on(today) == (standing in HOLDING)
        if standing is Standing.EXPIRED:
            assert not any(o.kind == one.kind and o.valid_on(today) for o in found)
    assert {one.kind for one in found} == {one.kind for one in unreplaced(found)}


# ---- scans


async def test_a_scan_is_public_only_while_an_approved_certificate_shows_it(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    scan = ok(await keep(registry, PDF, facility["id"], operator), 201)
    address = f"/media/documents/{scan['id']}"
    visitor = registry.browser()
    assert (await visitor.get(address)).status_code == 404
    certificates = [paper(in_days(400), scan=scan["id"], publish_scan=True)]
    record = await registry.record("facilities", facility["id"])
    body = builders.facility(certificates=certificates, version=record["version"])
    ok(await registry.put(f"/facilities/{facility['id']}", body, operator))
    assert (await visitor.get(address)).status_code == 404
    await registry.carried_through("facilities", facility["id"], operator)
    answer = await visitor.get(address)
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    passport = (await registry.events(facility["id"], FacilityPublished))[-1]
    assert [one.scan for one in passport.certificates] == [address]
    assert address in (await visitor.get(f"/facilities/{facility['id']}")).text
    await changed(registry, facility["id"], [certificates[0] | {"publish_scan": False}])
    assert (await visitor.get(address)).status_code == 404
    await visitor.aclose()


async def test_a_scan_is_read_in_scope_and_by_nobody_else(registry: Registry) -> None:
    facility = await registry.a_facility()
    scan = ok(await keep(registry, PDF, facility["id"], registry.operator(facility["id"])), 201)
    path = f"/documents/{scan['id']}/file"
    assert (await registry.get(path, registry.checker())).content == PDF
    for token in (
        registry.operator("another-facility"),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("department", "approve", sector="health"),
    ):
        refused(await registry.get(path, token), 404, "not_found")
        refused(await keep(registry, PDF, facility["id"], token), 404, "not_found")
    refused(await keep(registry, PDF, facility["id"], registry.checker()), 403, "forbidden")


async def test_a_photographed_scan_is_drawn_anew(registry: Registry) -> None:
    facility = await registry.a_facility()
    exif = Image.Exif()
    exif[0x010F] = "MayAnhCuaToi"
    photo = builders.picture("JPEG", (3000, 2000), exif=exif)
    operator = registry.operator(facility["id"])
    scan = ok(await keep(registry, photo, facility["id"], operator), 201)
    body = (await registry.get(f"/documents/{scan['id']}/file", operator)).content
    assert b"MayAnhCuaToi" not in body
    assert max(Image.open(BytesIO(body)).size) == 2340


async def test_what_is_no_scan_is_refused(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    for data in (b"<html>", b"%PDF-1.7 cut off", b"\x89PNG\r\n\x1a\nbroken", b""):
        refused(await keep(registry, data, facility["id"], operator), 422, "document_kind")
    large = PDF + b" " * 8_000_000 + b"%%EOF"
    refused(await keep(registry, large, facility["id"], operator), 413, "document_too_large")


async def test_a_certificate_cannot_name_the_scan_of_another_facility(registry: Registry) -> None:
    theirs, mine = await registry.a_facility(), await registry.a_facility()
    scan = ok(await keep(registry, PDF, theirs["id"], registry.operator(theirs["id"])), 201)
    record = await registry.record("facilities", mine["id"])
    body = builders.facility(
        certificates=[paper(in_days(90), scan=scan["id"])], version=record["version"]
    )
    answer = await registry.put(f"/facilities/{mine['id']}", body, registry.operator(mine["id"]))
    refused(answer, 422, "document_unknown")


async def test_a_certificate_keeps_its_scan_when_the_facility_is_edited(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    scan = ok(await keep(registry, PDF, facility["id"], operator), 201)
    one = paper(in_days(90))
    await changed(registry, facility["id"], [one | {"scan": scan["id"]}])
    record = await changed(registry, facility["id"], [one, paper(None, kind="vietgap")])
    assert [c["scan"] for c in record["published"]["certificates"]] == [scan["id"], ""]


# ---- pages


async def test_a_certificate_is_added_renewed_and_taken_off_on_the_page_of_papers(
    registry: Registry,
) -> None:
    facility = await registry.a_facility(certificates=[])
    here = f"/console/registry/facilities/{facility['id']}"
    browser = registry.browser(registry.operator(facility["id"]))
    csrf = await registry.csrf(browser)
    version = str((await registry.record("facilities", facility["id"]))["version"])
    form = {
        "csrf": csrf,
        "version": version,
        "kind": "attp",
        "number": "77/2026",
        "issuer": "Chi cục",
        "issued_on": "2026-01-05",
        "expires_on": "2025-01-05",
    }
    file = {"file": ("giay.pdf", PDF, "application/pdf")}
    wrong = await browser.post(f"{here}/certificates/new", data=form, files=file)
    assert wrong.status_code == 422
    assert "77/2026" in wrong.text
    assert "chưa hợp lý" in wrong.text
    form["expires_on"] = "2026-12-01"
    added = await browser.post(f"{here}/certificates/new", data=form, files=file)
    assert added.status_code == 303, added.text
    record = await registry.record("facilities", facility["id"])
    scan = record["draft"]["certificates"][0]["scan"]
    assert scan
    assert f"/media/documents/{scan}" in (await browser.get(f"{here}/papers")).text
    opened = (await browser.get(f"{here}/certificates/1")).text
    assert "77/2026" in opened
    form |= {"version": str(record["version"]), "number": "78/2026", "expires_on": "2029-12-01"}
    renewed = await browser.post(f"{here}/certificates/1", data=form)
    assert renewed.status_code == 303
    record = await registry.record("facilities", facility["id"])
    assert [(c["number"], c["scan"]) for c in record["draft"]["certificates"]] == [
        ("78/2026", scan)
    ]
    stale = await browser.post(f"{here}/certificates/1", data=form | {"number": "79/2026"})
    assert stale.status_code == 409
    gone = {"csrf": csrf, "version": str(record["version"])}
    assert (await browser.post(f"{here}/certificates/1/remove", data=gone)).status_code == 303
    assert (await registry.record("facilities", facility["id"]))["state"] == "published"
    await browser.aclose()


async def test_a_signed_paper_is_attached_once_and_taken_off_with_a_reason(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    here = f"/console/registry/facilities/{facility['id']}/papers"
    browser = registry.browser(registry.operator(facility["id"]))
    csrf = await registry.csrf(browser)
    form = {"csrf": csrf, "title": "Bản cam kết năm 2026", "key": new_id()}
    for _ in range(2):
        sent = await browser.post(here, data=form, files={"file": ("a.pdf", PDF, "x/y")})
        assert sent.status_code == 303, sent.text
    listed = (
        await registry.get(f"/facilities/{facility['id']}/documents", registry.checker())
    ).json()
    assert [one["title"] for one in listed] == ["Bản cam kết năm 2026"]
    remove = f"{here}/{listed[0]['id']}/remove"
    assert (await browser.post(remove, data={"csrf": csrf, "reason": ""})).status_code == 422
    gone = await browser.post(remove, data={"csrf": csrf, "reason": "Tải nhầm tệp"})
    assert gone.status_code == 303
    path = f"/documents/{listed[0]['id']}/file"
    refused(await registry.get(path, registry.checker()), 404, "not_found")
    await browser.aclose()


async def test_a_food_safety_certificate_has_an_end_and_another_paper_a_name(
    registry: Registry,
) -> None:
    endless = builders.facility(certificates=[paper(None)])
    answer = await registry.post("/facilities", endless, registry.clerk())
    told = refused(answer, 422, "certificate_end_missing")
    assert "3 năm" in told["detail"]
    nameless = builders.facility(certificates=[paper(None, kind="other")])
    answer = await registry.post("/facilities", nameless, registry.clerk())
    refused(answer, 422, "certificate_title_missing")
    named = paper(None, kind="other", title="Kosher", scope="Rong nho tươi")
    facility = await registry.a_facility(certificates=[named])
    [passport] = await registry.events(facility["id"], FacilityPublished)
    [one] = passport.certificates
    assert (one.title, one.scope) == ("Kosher", "Rong nho tươi")
    visitor = registry.browser()
    page = (await visitor.get(f"/facilities/{facility['id']}")).text
    assert "Kosher" in page
    assert "Rong nho tươi" in page
    await visitor.aclose()


# ---- food-safety certificates that were taken in before they had to have an end


async def unended(registry: Registry, issued: date, **more: Any) -> dict[str, Any]:
    """A published facility as it was kept then."""
    held = paper(issued + timedelta(days=500), issued_on=issued.isoformat())
    facility = await registry.a_facility(certificates=[held], **more)
    rows = registry.db.collection("facilities")
    older = {"published.certificates.0.expires_on": None}
    row = await rows.find_one({"_id": facility["id"]})
    assert row is not None
    ends = [{**one, "on": "9999-12-31"} for one in row["derived"]["ends"]]
    await rows.update_one({"_id": facility["id"]}, {"$set": {**older, "derived.ends": ends[1:]}})
    await expiries.prepare(registry.db)
    await tell_unended(registry.db, now=datetime.now(UTC))
    return facility


async def test_a_paper_without_its_end_is_told_anew_once_and_holds_as_the_law_says(
    registry: Registry,
) -> None:
    issued = date.today() - timedelta(days=200)
    facility = await unended(registry, issued)
    told_of = await registry.events(facility["id"], FacilityPublished)
    [last] = told_of[-1].certificates
    assert (last.expires_on, last.end_missing) == (None, True)
    assert last.holds_until == issued.replace(year=issued.year + 3)
    assert told_of[-1].version > told_of[-2].version
    await expiries.prepare(registry.db)
    assert await tell_unended(registry.db, now=datetime.now(UTC)) == 0
    assert len(await registry.events(facility["id"], FacilityPublished)) == len(told_of)


async def test_owner_and_unit_see_that_an_end_is_wanted_and_the_public_sees_no_valid_paper(
    registry: Registry,
) -> None:
    facility = await unended(registry, date.today() - timedelta(days=100))
    owner = registry.operator(facility["id"])
    for token in (owner, registry.checker()):
        found = ok(await registry.get("/certificates?standing=unended", token))
        assert facility["id"] in [one["facility_id"] for one in found["items"]]
        assert found["unended"] >= 1
        browser = registry.browser(token)
        home = (await browser.get("/console/registry")).text
        assert "cần ghi ngày hết hạn trước khi hồ sơ được duyệt lại" in home
        papers = (await browser.get(f"/console/registry/facilities/{facility['id']}/papers")).text
        assert "chưa ghi ngày hết hạn" in papers
        await browser.aclose()
    stranger = ok(
        await registry.get(
            "/certificates?standing=unended", registry.checker(builders.OTHER_COMMUNE)
        )
    )
    assert facility["id"] not in [one["facility_id"] for one in stranger["items"]]
    public = (await registry.client.get(f"/facilities/{facility['id']}")).text
    assert "Chưa ghi ngày hết hạn" in public
    assert "Không thời hạn" not in public
    quality = ok(await registry.get(f"/facilities/{facility['id']}/quality", owner))
    assert "certificates" in {one["field"] for one in quality["missing"]}


async def test_nobody_approves_again_until_the_end_is_written_down(registry: Registry) -> None:
    facility = await unended(registry, date.today() - timedelta(days=100))
    record = await registry.record("facilities", facility["id"])
    held = record["published"]["certificates"]
    body = builders.facility(name=record["facility_name"], certificates=held, phone="0203 000 8888")
    clerk = registry.clerk()
    path = f"/facilities/{facility['id']}"
    answer = await registry.put(path, body | {"version": record["version"]}, clerk)
    problem = refused(answer, 422, "certificate_end_missing")
    assert problem["errors"][0]["field"] == "certificates.0.expires_on"
    # A draft from before the rule waits for its check, or for its approval.
    rows = registry.db.collection("facilities")
    whole = await rows.find_one({"_id": facility["id"]})
    assert whole is not None
    draft = {**whole["published"], "phone": "0203 000 8888"}
    for state, decision, who in (
        ("submitted", "accept", registry.checker()),
        ("checked", "publish", registry.approver()),
    ):
        waits = {"state": state, "draft": draft}
        await rows.update_one({"_id": facility["id"]}, {"$set": waits})
        again = await registry.decide("facilities", facility["id"], decision, who)
        refused(again, 422, "certificate_end_missing")


def test_without_its_end_a_paper_holds_three_years_and_is_no_lasting_one() -> None:
    issued = date(2024, 2, 29)
    one = Certificate("attp", "1", "Chi cục", issued)
    assert one.end_missing
    assert one.last_day == date(2027, 2, 28)
    assert standings([one], date(2026, 1, 1)) == (Standing.UNENDED,)
    assert standings([one], date(2027, 3, 1)) == (Standing.EXPIRED,)
    named = Certificate("attp", "2", "Chi cục", issued, date(2030, 1, 1))
    assert unreplaced([one, named]) == (named,)
    lasting = Certificate("vietgap", "3", "Chi cục", issued)
    assert not lasting.end_missing
    assert standings([lasting], date(2040, 1, 1)) == (Standing.VALID,)
