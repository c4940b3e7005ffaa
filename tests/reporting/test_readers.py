"""Who read a record: asked by its id, answered as far as one's scope goes (R10, ADR 18)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.reporting.addresses import kind_at
from services.reporting.store import acts as stored
from services.reporting.store import reads
from shared.contracts.acts import Actor, RegistryActRecorded
from shared.contracts.event import Event
from shared.contracts.identity import AccountPublished, ApplicationPublished
from shared.contracts.registry import GrowingAreaPublished, InspectionRecorded
from shared.folding import ACTION
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_acts import (
    CONSOLE,
    World,
    account,
    act,
    asked,
    claims_of,
    not_found,
    settled,
)
from tests.reporting.test_acts import town as town  # noqa: PLC0414 - the fixture of that module
from tests.tokens import mint

WHOLE: dict[str, Any] = {"tier": "province", "kinds": ["report"], "unit": "root"}


def read(by: AccountPublished, *records: str, **changes: Any) -> RegistryActRecorded:
    """A folded read of some records, the last of which is told as the subject."""
    given: dict[str, Any] = {
        "subject": records[0],
        "version": 1,
        "time": now(),
        "actor": Actor(
            account_id=by.subject, tier=by.tier, unit_id=by.unit_id, facility_id=by.facility_id
        ),
        "action": ACTION,
        "facts": {
            "address": "/console/registry/lots/{record_id}",
            "times": "3",
            "from": (now() - timedelta(minutes=5)).isoformat(),
        },
        "records": records,
    }
    return RegistryActRecorded(**{**given, **changes})


def tried(by: AccountPublished, subject: str) -> RegistryActRecorded:
    return not_found(by, subject).model_copy(update={"action": ACTION})


def applied(commune: str) -> ApplicationPublished:
    return ApplicationPublished(
        subject=new_id(), version=1, time=now(), wish="new", commune=commune,
        sector="agriculture", state="waiting", submitted_at=now(),
    )  # fmt: skip


def area(facility_id: str) -> GrowingAreaPublished:
    return GrowingAreaPublished(
        subject=new_id(), version=1, time=now(), facility_id=facility_id, code="VN-DTOR-0017",
        name="Vùng", crop="Na", commune="07001", commune_name="",
    )  # fmt: skip


def inspected(facility_id: str, commune: str) -> InspectionRecorded:
    return InspectionRecorded(
        subject=new_id(), version=1, time=now(), facility_id=facility_id, commune=commune,
        sector="agriculture", kind="planned", on=now().date(), result="passed", violations=0,
        open_violations=0,
    )  # fmt: skip


async def found(
    reporting: Reporting, record: str, claims: dict[str, Any], **params: str
) -> list[dict[str, Any]]:
    answer = await asked(reporting, f"/records/{record}/readers", claims, **params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_reads_of_a_record_and_of_what_belongs_to_it_and_tries_are_found_by_its_id(
    reporting: Reporting, town: World
) -> None:
    lot, facility = new_id(), new_id()
    first, second = read(town.official, lot, facility), read(town.official_elsewhere, facility)
    await reporting.hear(first, second, tried(town.stranger, facility))
    await settled(reporting, town.official)
    whole = await found(reporting, facility, WHOLE)
    assert {one["account_id"] for one in whole} == {
        town.official.subject, town.official_elsewhere.subject, town.stranger.subject,
    }  # fmt: skip
    (one,) = await found(reporting, lot, WHOLE)
    assert (one["account_id"], one["times"], one["who"]) == (
        town.official.subject, 3, town.official.name,
    )  # fmt: skip
    assert set(one["records"]) == {lot, facility}
    assert len(await found(reporting, facility, WHOLE, outcome="refused")) == 1
    nothing = await asked(reporting, f"/records/{new_id()}/readers", WHOLE)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")


async def test_a_read_told_twice_and_late_is_one_entry_at_its_own_time(
    reporting: Reporting, town: World
) -> None:
    record = new_id()
    march = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    late, newer = read(town.official, record, time=march), read(town.official, record)
    await reporting.hear(newer, late)
    await reporting.hear(late)
    await settled(reporting, town.official)
    assert len(await found(reporting, record, WHOLE)) == 2
    (one,) = await found(reporting, record, WHOLE, since="2026-03-01", until="2026-03-31")
    assert one["at"].startswith("2026-03-04T02:00")


async def test_a_system_account_asks_about_its_scope_and_is_told_units_not_strangers(
    reporting: Reporting, town: World
) -> None:
    facility = town.mine.subject
    await reporting.hear(read(town.official, facility), read(town.official_elsewhere, facility))
    await settled(reporting, town.official)
    told = await found(reporting, facility, town.commune_system)
    by = {one["account_id"]: one["who"] for one in told if one["times"] == 3}
    assert by[town.official.subject] == town.official.name
    assert by[""] == ""
    assert town.official_elsewhere.subject not in by


async def test_what_else_was_opened_beyond_one_s_scope_is_not_told_with_it(
    reporting: Reporting, town: World
) -> None:
    facility, elsewhere = town.mine.subject, town.other.subject
    by = (town.official_elsewhere, town.official, town.member)
    await reporting.hear(*(read(one, elsewhere, facility) for one in by))
    await settled(reporting, town.official)
    for system, told in ((town.commune_system, 3), (town.facility_system, 1)):
        items = await found(reporting, facility, system)
        assert len(items) >= told
        for one in items:
            assert one["records"] == [facility]
            assert (one["subject"], one["object"]) == (facility, town.mine.name)
    whole = await found(reporting, facility, WHOLE)
    assert town.other.name in {one["object"] for one in whole}
    token = mint(reporting.settings.secrets_dir, **town.commune_system)
    async with reporting.browser(token) as browser:
        page = (await browser.get(f"{CONSOLE}/records/{facility}/readers")).text
    assert "nhiều nhất 3 lần" in page, "they opened another facility's records in the same hour"


async def test_how_often_is_told_for_sure_where_no_other_record_was_opened(
    reporting: Reporting, town: World
) -> None:
    facility, alone, one, other = town.mine.subject, new_id(), new_id(), new_id()
    await reporting.hear(
        read(town.official, alone, facility), read(town.official, one, other, facility)
    )
    await settled(reporting, town.official)
    token = mint(reporting.settings.secrets_dir, **WHOLE)
    async with reporting.browser(token) as browser:
        pages = [
            (await browser.get(f"{CONSOLE}/records/{record}/readers")).text
            for record in (alone, one)
        ]
    assert ["nhiều nhất 3 lần" in page for page in pages] == [False, True]
    assert all("3 lần" in page for page in pages)


async def test_applications_inspections_and_areas_are_asked_about_where_they_lie(
    reporting: Reporting, town: World
) -> None:
    facility, elsewhere = town.mine.subject, town.other.subject
    draft = inspected(new_id(), town.place)  # Of a facility that nobody has published yet.
    mine = (applied(town.place), inspected(facility, town.place), area(facility), draft)
    others = (
        applied("99999"), inspected(elsewhere, "99999"), area(elsewhere),
        inspected(new_id(), "99999"),
    )  # fmt: skip
    await reporting.hear(*mine, *others, *(read(town.official, one.subject) for one in mine))
    await settled(reporting, town.official)

    async def asked_about(event: Event) -> int:
        path = f"/records/{event.subject}/readers"
        return int((await asked(reporting, path, town.commune_system)).status_code)

    async def all_known() -> bool:
        return [await asked_about(one) for one in mine] == [200] * 4

    await eventually(all_known)
    for one in mine:
        assert len(await found(reporting, one.subject, town.commune_system)) == 1
    assert [await asked_about(one) for one in others] == [404] * 4


async def test_a_facility_is_told_of_its_own_accounts_only(
    reporting: Reporting, town: World
) -> None:
    facility = town.mine.subject
    await reporting.hear(read(town.official, facility), read(town.member, facility))
    await settled(reporting, town.member)
    told = await found(reporting, facility, town.facility_system)
    assert town.member.subject in {one["account_id"] for one in told}
    assert {one["account_id"] for one in told} <= {town.member.subject, town.colleague.subject}


async def test_beyond_one_s_scope_there_is_no_such_record_and_others_may_not_ask(
    reporting: Reporting, town: World
) -> None:
    for record in (town.other.subject, town.stranger.subject, new_id()):
        path = f"/records/{record}/readers"
        for system in (town.commune_system, town.facility_system):
            assert (await asked(reporting, path, system)).status_code == 404
            token = mint(reporting.settings.secrets_dir, **system)
            async with reporting.browser(token) as browser:
                assert (await browser.get(f"{CONSOLE}{path}")).status_code == 404
    nobody = {"tier": "commune", "kinds": ["check"], "communes": [town.place]}
    path = f"/records/{town.mine.subject}/readers"
    assert (await asked(reporting, path, nobody)).status_code == 403


async def test_the_page_tells_it_in_three_languages(reporting: Reporting, town: World) -> None:
    facility = town.mine.subject
    await reporting.hear(read(town.official, facility, "a-lot"))
    await settled(reporting, town.official)
    token = mint(reporting.settings.secrets_dir, **WHOLE)
    async with reporting.browser(token) as browser:
        for lang, words in {"vi": "Ai đã xem", "en": "Who has seen it", "zh": "谁查看过"}.items():
            answer = await browser.get(
                f"{CONSOLE}/records/{facility}/readers", params={"lang": lang}
            )
            assert answer.status_code == 200
            lot = {"vi": "Lô sản phẩm", "en": "Lot", "zh": "批次"}[lang]
            for one in (words, town.mine.name, town.official.name, lot, "/lots/{record_id}"):
                assert one in answer.text, (lang, one)


async def test_an_application_is_told_by_what_it_asks_for_and_opened_from_there(
    reporting: Reporting, town: World
) -> None:
    mine, beyond = applied(town.place), applied("99999")
    at = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
    mine = mine.model_copy(update={"submitted_at": at})
    by = account(town.units[1].subject)
    address = "/console/identity/applications/{application_id}"
    facts = {"address": address, "times": "1", "from": now().isoformat()}
    decided = act(by, mine.subject, action="application.decide")
    await reporting.hear(
        by, mine, beyond, decided, read(by, mine.subject, facts=facts), tried(by, beyond.subject)
    )
    await settled(reporting, by)

    async def known() -> bool:
        rows = reporting.db.collection("applications")
        return await rows.count_documents({"_id": {"$in": [mine.subject, beyond.subject]}}) == 2

    await eventually(known)
    claims = claims_of(by, "system", communes=[town.place])
    objects = [
        one["object"] for one in (await asked(reporting, "/acts/mine", claims)).json()["items"]
    ]
    assert objects == [beyond.subject, *["Đăng ký mới, nộp 09:15 24/11/2026"] * 2]
    words = {
        "en": "New account, applied 09:15 Nov 24, 2026",
        "zh": "新账户申请，提交于2026年11月24日 09:15",
    }
    async with reporting.browser(mint(reporting.settings.secrets_dir, **claims)) as browser:
        for lang, wanted in words.items():
            page = (await browser.get(f"{CONSOLE}/acts/mine", params={"lang": lang})).text
            link = f'<a href="/console/identity/applications/{mine.subject}">{wanted}</a>'
            assert page.count(link) == 2
            assert f'/applications/{beyond.subject}"' not in page
        path = f"{CONSOLE}/records/{mine.subject}/readers"
        readers = (await browser.get(path, params={"lang": "vi"})).text
    assert "Ai đã xem: Đăng ký mới, nộp 09:15 24/11/2026" in readers


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/console/registry/lots/{record_id}", "lot"),
        ("/console/registry/lots/{record_id}/edit", "lot"),
        ("/console/registry/lots/{record_id}/tests/{test_id}", ""),
        ("/console/registry/facilities/{record_id}/certificates/{number}", ""),
        ("/console/registry/{word}/{record_id}", ""),
        ("/console/recall/{case_id}", "recall"),
        ("/console/identity/accounts", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_what_a_read_opened_is_known_by_its_address(address: str, kind: str) -> None:
    assert kind_at(address) == kind


async def test_one_s_own_reads_are_among_one_s_own_acts(reporting: Reporting) -> None:
    by = account(new_id(), new_id())
    await reporting.hear(by, read(by, "lot-1", "lot-2"))
    await settled(reporting, by)
    who = {"account": by.subject, "tier": by.tier, "kinds": ["operate"], "unit": by.unit_id,
           "facility": by.facility_id, "communes": []}  # fmt: skip
    (one,) = (await asked(reporting, "/acts/mine", who)).json()["items"]
    assert (one["act"], one["records"], one["address"]) == (
        "Xem dữ liệu", ["lot-1", "lot-2"], "/console/registry/lots/{record_id}",
    )  # fmt: skip
    token = mint(reporting.settings.secrets_dir, **who)
    async with reporting.browser(token) as browser:
        assert "Lô sản phẩm · 3 lần · 2 mã" in (await browser.get(f"{CONSOLE}/acts/mine")).text
        page = (await browser.get(f"{CONSOLE}/acts/{one['seq']}")).text
    assert "lot-2" in page
    assert "/console/registry/lots/{record_id}" in page


async def test_a_list_of_readers_reads_no_more_links_than_it_shows(
    reporting: Reporting, town: World
) -> None:
    record = new_id()
    await reporting.hear(*(read(town.official, record, new_id()) for _ in range(60)))
    await settled(reporting, town.official)
    ledger = reporting.db.collection("ledger")
    for more in ({}, {"at": {"$gte": datetime(2026, 1, 1, tzinfo=UTC)}}):
        cursor = ledger.find({**reads.of_record(record), **more})
        plan = await cursor.sort([("at", -1), ("_id", -1)]).limit(stored.PAGE).explain()
        assert plan["executionStats"]["totalDocsExamined"] <= stored.PAGE


async def test_tries_from_before_are_found_by_the_record_after_the_next_start(
    reporting: Reporting, town: World
) -> None:
    record = new_id()
    await reporting.hear(tried(town.stranger, record))
    await settled(reporting, town.stranger)
    db = reporting.db
    await db.collection("ledger").update_many({"subject": record}, {"$unset": {"records": ""}})
    path = f"/records/{record}/readers"
    assert (await asked(reporting, path, WHOLE)).status_code == 404
    await db.collection("migrations").delete_one({"_id": reads.BY_RECORD})
    await reads.prepare(db)
    assert len(await found(reporting, record, WHOLE)) == 1


@pytest.mark.parametrize("record", ["$where", "a b", "x" * 70])
async def test_what_is_no_id_is_refused(reporting: Reporting, record: str) -> None:
    answer = await asked(reporting, f"/records/{record}/readers", WHOLE)
    assert answer.status_code in (404, 422)
