"""The key that seals second factors is rolled over while people go on signing in (R10)."""

import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from services.identity.factor_keys import look, report, reseal
from services.identity.guard import Guard
from services.identity.sealing import FactorKey, FactorKeys
from shared.ids import now
from tests.identity.running_identity import API, PASSWORD, SEEDS, Identity

OLD, NEW = os.urandom(32), os.urandom(32)


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, both, new = FactorKeys(OLD), FactorKeys(NEW, OLD), FactorKeys(NEW)
    sealed = old.seal("a", "SEED")
    assert both.open("a", sealed) == "SEED"
    assert both.key_of("a", sealed) == old.current
    assert new.open("a", both.seal("a", "SEED")) == "SEED"
    for keys, account in ((new, "a"), (both, "another")):
        with pytest.raises(InvalidTag):
            keys.open(account, sealed)


def test_the_file_holds_a_key_a_line(tmp_path: Path) -> None:
    file = tmp_path / "factor.key"
    file.write_text(f"{NEW.hex()}\n{OLD.hex()}\n")
    keys = FactorKeys.load(tmp_path)
    assert (keys.current, keys.rotating) == (FactorKeys(NEW).current, True)
    file.write_text(f"{OLD.hex()}\n")
    keys = FactorKeys.load(tmp_path)
    assert (keys.current, keys.rotating) == (FactorKeys(OLD).current, False)
    file.write_text("\n")
    with pytest.raises(ValueError, match="holds no key"):
        FactorKeys.load(tmp_path)


async def with_keys(identity: Identity, keys: FactorKeys) -> None:
    """As if identity had been started with another factor.key."""
    before: Guard = identity.app.state.guard
    values = {name: getattr(before, name) for name in Guard.__dataclass_fields__}
    identity.app.state.guard = Guard(**{**values, "factors": keys})


async def test_a_key_is_rolled_over_and_nobody_notices(identity: Identity) -> None:
    root = bytes.fromhex((identity.settings.secrets_dir / "factor.key").read_text().strip())
    username = "so.duyet"
    account = await identity.db.collection("accounts").find_one({"username": username})
    assert account is not None
    found = await look(identity.db, FactorKeys(root))
    assert found.done
    assert sum(found.seeds.values()) >= 8
    rolling = FactorKeys(NEW, root)
    await with_keys(identity, rolling)
    before = await look(identity.db, rolling)
    assert not before.done
    assert "still needed" in report(before)
    assert (await identity.tokens(username))["access_token"]
    after = await reseal(identity.db, rolling)
    assert (after.done, after.resealed) == (True, sum(before.seeds.values()))
    assert (await reseal(identity.db, rolling)).resealed == 0
    # The old key is gone, and the same app signs in.
    await with_keys(identity, FactorKeys(NEW))
    assert (await identity.tokens(username))["access_token"]
    row = await identity.db.collection("factors").find_one({"_id": account["_id"]})
    assert row is not None
    assert FactorKeys(NEW).open(account["_id"], bytes(row["sealed"])) == SEEDS.seed(username)
    # And back, so that other tests of this module find what they know.
    await reseal(identity.db, FactorKeys(root, NEW))
    await with_keys(identity, FactorKeys(root))


def test_what_is_kept_of_a_recovery_code_moves_to_another_key_without_the_code() -> None:
    old, both, new = FactorKeys(OLD), FactorKeys(NEW, OLD), FactorKeys(NEW)
    mark, other = old.mark("a", "ABCDE12345"), old.mark("a", "ABCDE12346")
    assert old.matching("a", "ABCDE12345", [other, mark]) == [mark]
    moved = [both.mark_anew("a", one) for one in (mark, other)]
    assert new.matching("a", "ABCDE12345", moved) == moved[:1]
    assert new.matching("a", "ABCDE12345", [mark, other]) == []
    # Neither for another account, nor as a seed, nor of a key that is not there.
    assert both.matching("b", "ABCDE12345", moved) == []
    with pytest.raises(InvalidTag):
        both.open("a", moved[0])
    assert new.mark_anew("a", mark) == mark
    assert [both.is_present("a", one) for one in (mark, moved[0])] == [False, True]


async def test_recovery_codes_are_sealed_anew_with_the_seed_and_work_without_the_old_key(
    identity: Identity,
) -> None:
    root = bytes.fromhex((identity.settings.secrets_dir / "factor.key").read_text().strip())
    old, rolling, new = FactorKeys(root), FactorKeys(NEW, root), FactorKeys(NEW)
    async with await identity.api("chicuc.hethong") as api:
        code = await identity.code("chicuc.hethong")
        given = {"password": PASSWORD, "code": code}
        made = await api.post(f"{API}/second-factor/recovery-codes", json=given)
        assert made.status_code == 201, made.text
    codes = made.json()["recovery_codes"]
    await with_keys(identity, rolling)
    async with identity.browser("chicuc.hethong") as browser:
        assert "Hãy tạo mã dự phòng mới" not in (await browser.get("/account")).text
    assert (await look(identity.db, rolling)).movable == 1
    after = await reseal(identity.db, rolling)
    assert (after.done, after.movable, after.old_recovery) == (True, 0, 0)
    await with_keys(identity, new)
    async with identity.client() as client:
        given = {"username": "chicuc.hethong", "password": PASSWORD}
        answers = []
        for shown in (codes[0], codes[0], codes[1]):
            step = (await client.post(f"{API}/tokens", json=given)).json()
            ticket = {"ticket": step["ticket"], "code": shown}
            answers.append((await client.post(f"{API}/tokens/code", json=ticket)).status_code)
    assert answers == [200, 401, 200]
    await identity.forget_failures()
    await reseal(identity.db, FactorKeys(root, NEW))
    await with_keys(identity, old)


async def test_keyed_hashes_of_before_work_while_their_key_is_there_and_their_owner_is_told(
    identity: Identity,
) -> None:
    root = bytes.fromhex((identity.settings.secrets_dir / "factor.key").read_text().strip())
    old, rolling = FactorKeys(root), FactorKeys(NEW, root)
    account = await identity.db.collection("accounts").find_one({"username": "bache.hethong"})
    assert account is not None
    codes = ["ABCDE-12345", "ABCDE-12346"]
    marks = [FactorKey.of(root).mark(account["_id"], code.replace("-", "")) for code in codes]
    told = {"recovery": marks, "recovery_key": old.current, "recovery_made_at": now()}
    rows = identity.db.collection("factors")
    await rows.update_one({"_id": account["_id"]}, {"$set": told, "$inc": {"version": 1}})
    async with identity.browser("bache.hethong") as browser:
        assert "Hãy tạo mã dự phòng mới" not in (await browser.get("/account")).text
        await with_keys(identity, rolling)
        for path in ("/account", "/account/second-factor"):
            assert "Hãy tạo mã dự phòng mới" in (await browser.get(path)).text
    assert (await reseal(identity.db, rolling)).old_recovery == 1
    async with identity.client() as client:

        async def sign_in(code: str) -> int:
            given = {"username": "bache.hethong", "password": PASSWORD}
            step = (await client.post(f"{API}/tokens", json=given)).json()
            shown = {"ticket": step["ticket"], "code": code}
            return (await client.post(f"{API}/tokens/code", json=shown)).status_code

        assert await sign_in(codes[0]) == 200
        assert await sign_in(codes[0]) == 401
        await identity.forget_failures()
        await with_keys(identity, FactorKeys(NEW))
        assert await sign_in(codes[1]) == 401
    await identity.forget_failures()
    await reseal(identity.db, FactorKeys(root, NEW))
    await with_keys(identity, old)
