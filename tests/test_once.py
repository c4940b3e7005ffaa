"""The same request sent again is answered, not done again."""

import asyncio
import re
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path

import pytest

from shared.auth import Principal
from shared.errors import EditConflict
from shared.ids import new_id, now
from shared.mongo import Database, Document, Tx, transact
from shared.once import KEYS, KeyReused, Once, answered, keep, once, prepare
from shared.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
async def db(settings: Settings) -> Database:
    made = Database(settings.mongo_url, settings.database("once"), "once")
    await prepare(made)
    return made


def who(account: str = "a") -> Principal:
    return Principal(account, "", "commune", frozenset(), "u", "s")


async def act(db: Database, asked: Once | None) -> str:
    """An act of its own, or the first one under this key."""
    made = new_id()

    async def work(tx: Tx) -> str:
        if before := await answered(tx, asked):
            return str(before["id"])
        await tx.collection("acts").insert_one({"_id": made})
        await keep(tx, asked, {"id": made}, now())
        return made

    return await transact(db, work)


async def acts(db: Database) -> int:
    return await db.collection("acts").count_documents({})


async def test_fifty_at_once_under_one_key_are_one_act(db: Database) -> None:
    before = await acts(db)
    asked = once(who(), "key-of-fifty", "order", 7)
    made = await asyncio.gather(*(act(db, asked) for _ in range(50)))
    assert len(set(made)) == 1
    assert await acts(db) == before + 1


@dataclass(frozen=True)
class Wanted:
    words: str
    lots: tuple[str, ...] = ()


def grown(words: str, lots: tuple[str, ...] = (), level: str = "") -> object:
    """What a later program, whose `Wanted` has one field more, is asked."""
    kind = make_dataclass(
        "Wanted",
        [
            ("words", str),
            ("lots", tuple[str, ...], field(default=())),
            ("level", str, field(default="")),
        ],
    )
    return kind(words, lots, level)


async def test_a_request_repeated_to_a_later_program_that_knows_more_fields_is_the_same(
    db: Database,
) -> None:
    first = await act(db, once(who(), "over-the-upgrade", "order", Wanted("x", ("a",))))
    assert await act(db, once(who(), "over-the-upgrade", "order", grown("x", ("a",)))) == first
    for other in (grown("y", ("a",)), grown("x"), grown("x", ("a",), "serious")):
        with pytest.raises(KeyReused):
            await act(db, once(who(), "over-the-upgrade", "order", other))


async def test_a_request_kept_by_a_program_of_before_is_the_same_request(db: Database) -> None:
    asked = once(who(), "of-before", "order", Wanted("x"))
    assert asked is not None
    first = await act(db, Once(asked.id, asked.former))
    assert await act(db, asked) == first


async def test_without_a_key_nothing_is_remembered(db: Database) -> None:
    assert once(who(), None, "order") is None
    assert once(who(), "", "order") is None
    assert await act(db, None) != await act(db, None)


@pytest.mark.parametrize("other", [("order", 8), ("order", "7"), ("hold", 7), ("order", 7, "")])
async def test_a_key_is_good_for_one_question(db: Database, other: tuple[object, ...]) -> None:
    await act(db, once(who(), "key-of-a-question", "order", 7))
    with pytest.raises(KeyReused):
        await act(db, once(who(), "key-of-a-question", *other))


async def test_another_account_s_key_is_another_key(db: Database) -> None:
    mine = await act(db, once(who("a"), "key-of-two", "order"))
    theirs = await act(db, once(who("b"), "key-of-two", "order"))
    assert mine != theirs


async def test_one_key_for_two_acts_that_were_looked_for_outside_ends_in_a_conflict(
    db: Database,
) -> None:
    first, second = (once(who(), "key-of-a-race", one) for one in ("a", "b"))
    assert await answered(db, first) is None
    assert await answered(db, second) is None

    async def kept(asked: Once | None) -> None:
        async def work(tx: Tx) -> None:
            await keep(tx, asked, {"id": "x"}, now())

        await transact(db, work)

    await kept(first)
    with pytest.raises(EditConflict):
        await kept(second)
    with pytest.raises(KeyReused):
        await answered(db, second)


async def test_neither_the_key_nor_the_question_can_be_read_in_the_database(db: Database) -> None:
    await act(db, once(who(), "key-nobody-reads", "a question nobody reads"))
    rows: list[Document] = [row async for row in db.collection(KEYS).find({})]
    assert rows
    assert not re.search("nobody", repr(rows))


def test_no_service_keeps_keys_in_a_way_of_its_own() -> None:
    for path in (ROOT / "services").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert 'alias="Idempotency-Key"' not in text, path
        assert "idempotency_key_reused" not in text, path
