"""Acts and refusals in the ledger: everybody reads their own, system accounts their scope's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.identity.tiers import tiers
from services.reporting.acts import Sought
from services.reporting.store import acts as stored
from services.reporting.store import scope
from shared.auth import Principal
from shared.contracts.acts import Actor, RegistryActRecorded
from shared.contracts.event import Event
from shared.contracts.identity import AccountPublished, UnitPublished
from shared.contracts.registry import FacilityPublished
from shared.errors import OutOfReach
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_service import facility
from tests.reporting.test_waiting import commune
from tests.tokens import bearer, mint

API = "/api/reporting/v1"
CONSOLE = "/console/reporting"
ROLES = [(tier.name, kind) for tier in tiers().values() for kind in tier.kinds]


def unit(path: tuple[str, ...], tier: str = "commune") -> UnitPublished:
    return UnitPublished(
        subject=path[-1], version=1, time=now(), name=f"Đơn vị {path[-1]}", tier=tier,
        parent_id=path[-2] if len(path) > 1 else None, path=path, communes=("*",),
    )  # fmt: skip


def account(unit_id: str, of: str | None = None, **changes: Any) -> AccountPublished:
    told: dict[str, Any] = {
        "name": f"Người {new_id()}",
        "tier": "facility" if of else "commune",
        "kinds": ("operate",),
        "status": "active",
        **changes,
    }
    return AccountPublished(
        subject=new_id(),
        version=1,
        time=now(),
        username="",
        unit_id=unit_id,
        facility_id=of,
        **told,
    )


def act(by: AccountPublished, subject: str = "", **changes: Any) -> RegistryActRecorded:
    told: dict[str, Any] = {
        "time": now(),
        "action": "facility.enter",
        "actor": Actor(
            account_id=by.subject, tier=by.tier, unit_id=by.unit_id, facility_id=by.facility_id
        ),
        **changes,
    }
    return RegistryActRecorded(subject=subject or new_id(), version=1, **told)


def not_found(by: AccountPublished, subject: str) -> RegistryActRecorded:
    """Somebody tried an id of others."""
    return act(
        by,
        subject,
        action="facility.enter",
        outcome=OutOfReach.code,
        said=OutOfReach.message,
    )


@dataclass(frozen=True)
class World:
    """A commune's unit below a department, a facility there and one elsewhere, with accounts."""

    place: str
    units: tuple[UnitPublished, ...]
    mine: FacilityPublished
    other: FacilityPublished
    official: AccountPublished
    member: AccountPublished
    colleague: AccountPublished
    unpublished: AccountPublished
    stranger: AccountPublished
    official_elsewhere: AccountPublished
    acts: dict[str, RegistryActRecorded]

    @property
    def commune_system(self) -> dict[str, Any]:
        return {
            "tier": "commune",
            "kinds": ["system"],
            "unit": self.units[1].subject,
            "communes": [self.place],
        }

    @property
    def facility_system(self) -> dict[str, Any]:
        return {
            "tier": "facility",
            "kinds": ["system"],
            "unit": self.units[1].subject,
            "facility": self.mine.subject,
            "communes": [],
        }


def world() -> World:
    place, elsewhere, root = commune(), commune(), new_id()
    units = (unit((root,), "department"), unit((root, new_id())), unit((root, new_id())))
    mine = facility().model_copy(update={"commune": place, "name": f"Của xã {place}"})
    other = facility().model_copy(update={"commune": elsewhere, "name": f"Nơi khác {place}"})
    here, there = units[1].subject, units[2].subject
    people = {
        "official": account(here),
        "member": account(here, mine.subject),
        "colleague": account(here, mine.subject),
        "unpublished": account(here, new_id(), commune=place, sector="agriculture"),
        "stranger": account(there, other.subject, commune=place, sector="agriculture"),
        "official_elsewhere": account(there),
    }
    acts = {name: act(one) for name, one in people.items()}
    return World(place=place, units=units, mine=mine, other=other, acts=acts, **people)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(reporting: Reporting) -> AsyncIterator[World]:
    told = world()
    people = [getattr(told, name) for name in told.acts]
    await reporting.hear(*told.units, told.mine, told.other, *people, *told.acts.values())
    await settled(reporting, *told.units, told.mine, told.other, *people)
    yield told


async def settled(reporting: Reporting, *events: Event) -> None:
    kept = {UnitPublished: "unit_paths", FacilityPublished: "facilities"}

    async def there() -> bool:
        for event in events:
            rows = reporting.db.collection(kept.get(type(event), "accounts"))
            if await rows.find_one({"_id": event.subject}) is None:
                return False
        people = [event.subject for event in events if isinstance(event, AccountPublished)]
        named = await reporting.db.collection("people").count_documents({"_id": {"$in": people}})
        return named == len(people)

    await eventually(there)


async def asked(reporting: Reporting, path: str, claims: dict[str, Any], **params: Any) -> Any:
    token = mint(reporting.settings.secrets_dir, **claims)
    return await reporting.client.get(f"{API}{path}", headers=bearer(token), params=params)


async def subjects(
    reporting: Reporting, path: str, claims: dict[str, Any], **params: Any
) -> set[str]:
    answer = await asked(reporting, path, claims, **params)
    assert answer.status_code == 200, answer.text
    return {one["subject"] for one in answer.json()["items"]}


async def seq_of(reporting: Reporting, event: Event) -> int:
    row = await reporting.db.collection("ledger").find_one({"event_id": event.id})
    assert row is not None
    return int(row["_id"])


def claims_of(one: AccountPublished, kind: str = "operate", **changes: Any) -> dict[str, Any]:
    return {
        "account": one.subject, "tier": one.tier, "kinds": [kind], "unit": one.unit_id,
        "facility": one.facility_id, "communes": [], **changes,
    }  # fmt: skip


async def test_one_reads_what_one_did_oneself_and_nothing_of_others(
    reporting: Reporting, town: World
) -> None:
    for name in ("member", "official", "stranger"):
        who = claims_of(getattr(town, name))
        assert await subjects(reporting, "/acts/mine", who) == {town.acts[name].subject}


@pytest.mark.parametrize(("tier", "kind"), ROLES)
async def test_every_role_reads_its_own_and_only_system_accounts_those_of_others(
    reporting: Reporting, town: World, tier: str, kind: str
) -> None:
    who: dict[str, Any] = {
        **claims_of(town.colleague if tiers()[tier].facility else town.official),
        "tier": tier, "kinds": [kind], "communes": [town.place], "account": new_id(),
    }  # fmt: skip
    assert (await asked(reporting, "/acts/mine", who)).json()["items"] == []
    allowed = 200 if kind == "system" else 403
    member = town.member.subject
    seq = await seq_of(reporting, town.acts["member"])
    for path in ("/acts", f"/accounts/{member}/acts", f"/acts/{seq}"):
        assert (await asked(reporting, path, who)).status_code == allowed, path
    token = mint(reporting.settings.secrets_dir, **who)
    browser = reporting.browser(token)
    async with browser:
        assert (await browser.get(f"{CONSOLE}/acts/mine")).status_code == 200
        for path in ("/acts", f"/accounts/{member}/acts", f"/acts/{seq}"):
            assert (await browser.get(f"{CONSOLE}{path}")).status_code == allowed, path


async def test_a_commune_s_system_account_reads_its_officials_and_the_facilities_of_its_area(
    reporting: Reporting, town: World
) -> None:
    """A facility that is not published yet lies where its account says; a published one where
    registry says, whatever the account was told."""
    found = await subjects(reporting, "/acts", town.commune_system)
    seen = {"official", "member", "colleague", "unpublished"}
    assert found == {town.acts[name].subject for name in seen}


async def test_a_facility_s_system_account_reads_its_facility_s_accounts(
    reporting: Reporting, town: World
) -> None:
    found = await subjects(reporting, "/acts", town.facility_system)
    assert found == {town.acts[name].subject for name in ("member", "colleague")}


async def test_the_unit_above_reads_the_officials_of_the_units_below(
    reporting: Reporting, town: World
) -> None:
    above = {"tier": "department", "kinds": ["system"], "unit": town.units[0].subject}
    found = await subjects(reporting, "/acts", {**above, "communes": ["none"]})
    assert found == {town.acts[name].subject for name in ("official", "official_elsewhere")}


async def test_where_a_unit_hangs_is_its_newest_place_however_its_events_come(
    reporting: Reporting,
) -> None:
    old, new, moved = new_id(), new_id(), new_id()
    first = unit((old, moved))
    second = unit((new, moved)).model_copy(update={"version": 2})
    late = first.model_copy(update={"id": new_id()})
    last = unit((new, new_id()))
    await reporting.hear(second, late)
    await reporting.hear(second, last)
    await settled(reporting, last)

    async def told_in_order() -> bool:
        row = await reporting.db.collection(scope.UNIT_PATHS).find_one({"_id": moved})
        return row is not None and row["path"] == [new, moved] and row["version"] == 2

    await eventually(told_in_order)
    official = account(moved)
    await reporting.hear(official, act(official))
    await settled(reporting, official)
    for above, seen in ((new, 200), (old, 404)):
        system = {"tier": "department", "kinds": ["system"], "unit": above}
        path = f"/accounts/{official.subject}/acts"
        assert (await asked(reporting, path, system)).status_code == seen


async def test_list_and_single_account_agree_on_the_scope(
    reporting: Reporting, town: World
) -> None:
    system, unit_id = frozenset({"system"}), town.units[1].subject
    officials = [
        Principal("x", "", "commune", system, unit_id, "s", communes=(town.place,), sector=sector)
        for sector in ("*", "agriculture", "health")
    ]
    whole = Principal("x", "", "province", system, town.units[0].subject, "s", communes=("*",))
    of_facility = Principal("x", "", "facility", system, "u", "s", town.mine.subject)
    for who in (*officials, whole, of_facility):
        listed = set(await scope.accounts_within(reporting.db, who))
        for name in town.acts:
            one = getattr(town, name)
            stands = await scope.standing(reporting.db, one.subject)
            assert stands is not None
            assert stands.within(who) == (one.subject in listed), (who, name)


async def test_a_foreign_account_or_link_does_not_exist_and_the_try_is_recorded(
    reporting: Reporting, town: World
) -> None:
    foreign = await seq_of(reporting, town.acts["stranger"])
    no_act = await seq_of(reporting, town.mine)
    tried = {
        f"/accounts/{town.stranger.subject}/acts": town.stranger.subject,
        f"/accounts/{town.official_elsewhere.subject}/acts": town.official_elsewhere.subject,
        f"/acts/{foreign}": str(foreign),
        f"/acts/{no_act}": str(no_act),
    }
    for system in (town.commune_system, town.facility_system):
        for path, subject in tried.items():
            asker = {**system, "account": new_id()}
            answer = await asked(reporting, path, asker)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
            recorded = await reporting.events(subject)
            assert [e for e in recorded if e.actor.account_id == asker["account"]], path
            token = mint(reporting.settings.secrets_dir, **asker)
            async with reporting.browser(token) as browser:
                assert (await browser.get(f"{CONSOLE}{path}")).status_code == 404, path


@pytest.mark.parametrize("path", [f"/accounts/{'0' * 20}/acts", f"/acts/{2**62}"])
async def test_what_nobody_has_does_not_exist(reporting: Reporting, path: str) -> None:
    system = {"tier": "province", "kinds": ["system"], "unit": "root"}
    assert (await asked(reporting, path, system)).status_code == 404


async def test_one_opens_one_s_own_act_and_account_without_being_a_system_account(
    reporting: Reporting, town: World
) -> None:
    who = claims_of(town.member)
    seq = await seq_of(reporting, town.acts["member"])
    one = (await asked(reporting, f"/acts/{seq}", who)).json()
    assert (one["subject"], one["account_id"]) == (town.acts["member"].subject, town.member.subject)
    assert one["place"] == town.mine.name
    own = f"/accounts/{town.member.subject}/acts"
    assert await subjects(reporting, own, who) == {town.acts["member"].subject}
    async with reporting.browser(mint(reporting.settings.secrets_dir, **who)) as browser:
        page = (await browser.get(f"{CONSOLE}{own}")).text
    assert 'href="/account/accesses"' in page
    assert "/console/identity/accounts" not in page, "a page that it may not open"


async def test_acts_are_narrowed_by_day_action_and_outcome(reporting: Reporting) -> None:
    by = account(new_id(), new_id())
    # Half past eleven in the evening of the 4th in Vietnam, and an hour later.
    late = datetime(2026, 5, 4, 16, 30, tzinfo=UTC)
    first = act(by, time=late)
    second = act(by, time=late + timedelta(hours=1), action="lot.enter")
    third = not_found(by, new_id()).model_copy(update={"time": late + timedelta(days=2)})
    await reporting.hear(by, first, second, third)
    who = claims_of(by)

    async def found(**params: str) -> set[str]:
        return await subjects(reporting, "/acts/mine", who, **params)

    assert await found(since="2026-05-05") == {second.subject, third.subject}
    assert await found(until="2026-05-04") == {first.subject}
    assert await found(since="2026-05-05", until="2026-05-05") == {second.subject}
    assert await found(action="lot.enter") == {second.subject}
    assert await found(outcome="refused") == {third.subject}
    assert await found(outcome="accepted") == {first.subject, second.subject}
    assert await found(since="0001-01-01", until="9999-12-31") == {
        first.subject, second.subject, third.subject,
    }  # fmt: skip
    assert await found(until="0001-01-01") == set()
    for day in ("hôm qua", "86400"):
        wrong = await asked(reporting, "/acts/mine", who, since=day)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")
    async with reporting.browser(mint(reporting.settings.secrets_dir, **who)) as browser:
        for query in ("since=x&until=9999-99-99&page=zz", "page=99999", "since=0001-01-01"):
            assert (await browser.get(f"{CONSOLE}/acts/mine?{query}")).status_code == 200


async def test_acts_are_told_in_words_with_place_object_and_reason_in_three_languages(
    reporting: Reporting, town: World
) -> None:
    by = account(town.units[1].subject, town.mine.subject)
    refused = RegistryActRecorded(
        subject=town.mine.subject,
        version=1,
        time=now(),
        actor=act(by).actor,
        action="facility.publish",
        outcome="own_check",
        said="Bạn đã kiểm tra bản ghi này nên không được tự duyệt đăng. Hãy để người khác làm.",
        trace_id="ab" * 16,
    )
    await reporting.hear(by, refused)
    await settled(reporting, by)
    seq = await seq_of(reporting, refused)
    words = {
        "vi": ("Cơ sở: duyệt đăng", "không được tự duyệt đăng", "Việc tôi đã làm"),
        "en": ("You checked this record", "My acts"),
        "zh": ("您", "我的操作"),
    }
    token = mint(reporting.settings.secrets_dir, **claims_of(by))
    async with reporting.browser(token) as browser:
        for lang, wanted in words.items():
            for path in ("/acts/mine", f"/acts/{seq}"):
                page = (await browser.get(f"{CONSOLE}{path}", params={"lang": lang})).text
                for one in (*wanted, town.mine.name):
                    assert one in page, (lang, path, one)
                assert "own_check" not in page
    answer = await asked(reporting, f"/acts/{seq}", claims_of(by))
    told = answer.json()
    assert (told["service"], told["place"]) == ("registry", town.mine.name)
    assert (told["outcome"], told["trace_id"]) == ("own_check", "ab" * 16)


async def test_the_record_of_a_try_does_not_name_what_was_tried(
    reporting: Reporting, town: World
) -> None:
    by = account(town.units[1].subject, town.mine.subject)
    people, place = not_found(by, town.stranger.subject), not_found(by, town.other.subject)
    person = people.model_copy(update={"action": "account.suspend"})
    near = not_found(by, town.mine.subject)
    await reporting.hear(by, person, place, near)
    await settled(reporting, by)
    for claims in (claims_of(by), town.facility_system):
        answer = await asked(reporting, f"/accounts/{by.subject}/acts", claims)
        objects = [one["object"] for one in answer.json()["items"]]
        assert objects == [town.mine.name, town.other.subject, town.stranger.subject]


async def test_lists_read_no_more_links_than_they_show(reporting: Reporting) -> None:
    """However many links there are: one account's, and those of many in a time."""
    busy, other = account(new_id(), new_id()), account(new_id(), new_id())
    await reporting.hear(*(act(one) for _ in range(60) for one in (busy, other)))
    ledger = reporting.db.collection("ledger")
    many = {"$in": [new_id() for _ in range(300)] + [busy.subject]}
    lists: tuple[dict[str, Any], ...] = (
        {stored.ACCOUNT: busy.subject, **Sought().query()},
        {stored.ACCOUNT: busy.subject, **Sought("facility.enter").query()},
        {stored.ACCOUNT: busy.subject, **Sought("lot.enter").query()},
        {stored.ACCOUNT: busy.subject, **Sought(outcome="refused").query()},
        {stored.ACCOUNT: {"$in": [busy.subject, other.subject]}, **Sought().query()},
        {stored.ACCOUNT: many, **Sought().query()},
        {stored.ACCOUNT: many, **Sought("lot.enter", "refused").query()},
    )
    for wanted in lists:
        cursor = ledger.find(wanted).sort([("at", -1), ("_id", -1)]).limit(stored.PAGE)
        told = await cursor.explain()
        assert told["executionStats"]["totalDocsExamined"] <= stored.PAGE + 1, wanted
    walked = await ledger.find(lists[-2]).sort([("at", -1), ("_id", -1)]).limit(25).explain()
    plan = repr(walked["queryPlanner"]["winningPlan"])
    assert "'stage': 'SORT'" not in plan, "of many accounts all acts were read and sorted"
