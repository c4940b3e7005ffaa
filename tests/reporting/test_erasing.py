"""Names of people are kept beside the ledger's chain: erasing them leaves it sound, and shows."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain import personal
from services.reporting.domain.checking import ChainCheck, Findings
from services.reporting.domain.ledger import GENESIS, Link, digest_of, link, without_names
from services.reporting.verify import verify
from shared.contracts.acts import Actor, IdentityActRecorded
from shared.contracts.event import envelope
from shared.contracts.identity import AccountPublished
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_service import batch
from tests.tokens import bearer, mint

NAME = "Phùng Văn Quý"


def account(subject: str, version: int = 1, **changes: Any) -> AccountPublished:
    told = {"username": "quy.tx", "name": NAME, "tier": "commune", "kinds": ("operate",)}
    told |= {"unit_id": "xa", "status": "active", **changes}
    return AccountPublished(subject=subject, version=version, time=now(), **told)


def erased(subject: str, version: int = 9) -> AccountPublished:
    gone = {"username": "erased-1", "name": "Tài khoản đã xóa 1", "status": "revoked"}
    return account(subject, version, erased=True, **gone)


def act(account_id: str, name: str = "", tier: str = "commune") -> IdentityActRecorded:
    actor = Actor(account_id=account_id, name=name, tier=tier)
    return IdentityActRecorded(
        subject="x", version=1, time=now(), actor=actor, action="account.suspend"
    )


# ---- taking names apart, and the chain -----------------------------------------------------------


@given(st.text(min_size=1), st.text(min_size=1), st.sampled_from(["account", "act", "other"]))
def test_a_parted_event_names_nobody_and_joins_to_what_it_was(
    name: str, username: str, kind: str
) -> None:
    told = {
        "account": account("a", name=f"<{name}>", username=f"<{username}>"),
        "act": act("a", f"<{name}>"),
        "other": batch("f"),
    }[kind]
    whole = envelope(told)
    body, names = personal.parted(whole)
    assert personal.joined(body, names) == whole
    assert bool(names) == (kind != "other")
    assert not [one for one in names.values() if json.dumps(one) in json.dumps(body)]


def test_a_programs_name_is_no_personal_data() -> None:
    assert personal.parted(envelope(act("c", "Cổng tỉnh", "client")))[1] == {}


def chain(*envelopes: dict[str, Any], parting: bool = True) -> list[Link]:
    links: list[Link] = []
    head = (0, GENESIS)
    for told in envelopes:
        body, names = personal.parted(told) if parting else (told, {})
        one = link(
            after=head,
            event_id=told["id"],
            source="identity",
            type_=told["type"],
            number=len(links) + 1,
            body=json.dumps(body),
            salt="ab" * 16,
            names=json.dumps(names) if names else "",
            names_salt="cd" * 16,
        )
        head = (one.seq, one.hash)
        links.append(one)
    return links


def check(links: list[Link]) -> Findings:
    walk = ChainCheck({})
    for one in links:
        walk.take(one)
    return walk.finish((links[-1].seq, links[-1].hash))


def test_names_erased_with_the_erasure_on_record_are_sound_and_without_it_a_fault() -> None:
    told = [envelope(one) for one in (account("a"), act("a", NAME), erased("a"))]
    links = chain(*told)
    gone = [replace(one, names=None, names_salt="") for one in links]
    assert check(gone).sound
    assert not check([*gone[:2]]).sound
    others = chain(*told[:2], envelope(erased("b")))
    assert not check([replace(one, names=None, names_salt="") for one in others]).sound


@pytest.mark.parametrize("what", ["names", "names_salt", "names_digest", "body"])
def test_an_edit_of_names_or_body_shows(what: str) -> None:
    links = chain(envelope(account("a")), envelope(erased("a")))
    changed: dict[str, Any] = {what: "00" * 16 if "salt" in what or "digest" in what else "{}"}
    links[0] = replace(links[0], **changed)
    assert not check(links).sound


def test_other_names_with_a_digest_to_match_break_the_chain() -> None:
    one = chain(envelope(account("a")))[0]
    other = '{"data.name": "Kẻ khác"}'
    forged = replace(one, names=other, names_digest=digest_of(one.names_salt, other))
    assert not check([forged]).sound


def test_an_old_body_is_blanked_for_an_erased_person_only_and_not_after_names_were_parted() -> None:
    old = chain(envelope(act("a", NAME)), parting=False)
    blanked = json.dumps(personal.parted(json.loads(old[0].body or ""))[0])
    stale = without_names(old[0], "a", blanked)
    assert (stale.body, stale.hash) == (blanked, old[0].hash)
    new = chain(envelope(act("a", NAME)), envelope(erased("a")), parting=False)
    assert check([without_names(new[0], "a", blanked), new[1]]).sound
    assert not check([stale]).sound, "nobody was erased"
    parted = chain(envelope(account("b")), envelope(act("a")), envelope(erased("a")))
    late = replace(parted[1], body=blanked, salt="", stale="a")
    assert not check([parted[0], late, parted[2]]).sound


def test_links_without_names_are_hashed_as_they_always_were() -> None:
    one = chain(envelope(batch("f")))[0]
    text = f"{GENESIS}\n1\n{one.event_id}\n{one.digest}"
    assert one.hash == hashlib.sha256(text.encode()).hexdigest()


# ---- the service ---------------------------------------------------------------------------------


async def stored(reporting: Reporting, *ids: str) -> str:
    """Everything that reporting keeps, as far as it has to do with these ids, as one text."""
    texts = []
    for name in await reporting.db.handle.list_collection_names():
        rows = reporting.db.collection(name).find({})
        texts += [str(row) async for row in rows if any(one in str(row) for one in ids)]
    return "\n".join(texts)


async def test_an_erased_persons_name_is_nowhere_and_the_ledger_is_sound(
    reporting: Reporting,
) -> None:
    mine, other = new_id(), new_id()
    first = account(mine)
    await reporting.hear(first, account(other, name="Người khác"), act(mine, NAME), act(mine))
    assert NAME in await stored(reporting, mine)
    await reporting.hear(erased(mine), batch("after"))

    async def gone() -> bool:
        return NAME not in await stored(reporting, mine)

    await eventually(gone)
    assert "quy.tx" not in await stored(reporting, mine)
    assert "Người khác" in await stored(reporting, other)
    assert (await verify(reporting.db, reporting.settings)).sound
    # One that comes late, and one that comes twice, bring nothing back.
    await reporting.hear(account(mine, 2, name=NAME), act(mine, NAME))
    await reporting.hear(first, batch("again"))
    assert NAME not in await stored(reporting, mine)
    assert (await verify(reporting.db, reporting.settings)).sound


async def test_links_of_an_older_version_lose_their_names_too(
    reporting: Reporting,
) -> None:
    """As the version before kept them: names in the body, none of the fields for names."""
    mine = new_id()
    old = act(mine, NAME)
    rows = reporting.db.collection("ledger")
    await reporting.hear(old)
    row = await rows.find_one({"event_id": old.id})
    assert row is not None
    whole = json.dumps(envelope(old), ensure_ascii=False)
    digest = hashlib.sha256(bytes.fromhex(row["salt"]) + whole.encode()).hexdigest()
    for name in ("names", "names_salt", "names_digest", "stale"):
        row.pop(name)
    before = {**row, "body": whole, "digest": digest, "act": {**row["act"], "who": NAME}}
    await rows.replace_one({"_id": row["_id"]}, before)
    await reporting.hear(erased(mine))
    after = await rows.find_one({"event_id": old.id})
    assert after is not None
    assert NAME not in str(after)
    assert (after["stale"], after["act"]["who"], after["digest"]) == (mine, "", digest)
    await rows.delete_many({"_id": {"$gte": 0}})
    await reporting.db.collection("ledger_head").delete_many({})


async def test_the_ledger_is_read_with_the_name_of_today(
    reporting: Reporting,
) -> None:
    mine = new_id()
    did = act(mine)
    await reporting.hear(account(mine), did)
    token = mint(reporting.settings.secrets_dir, tier="province", kinds=["report"])

    async def who() -> str:
        path = f"/api/reporting/v1/audit?account_id={mine}"
        answer = await reporting.client.get(path, headers=bearer(token))
        (item,) = answer.json()["items"]
        return str(item["act"]["who"])

    async def named(expected: str) -> bool:
        return await who() == expected

    await eventually(lambda: named(NAME))
    await reporting.hear(account(mine, 2, name="Phùng Văn Quý (nghỉ hưu)"))
    await eventually(lambda: named("Phùng Văn Quý (nghỉ hưu)"))
    await reporting.hear(erased(mine))
    await eventually(lambda: named("Tài khoản đã xóa 1"))
