"""The log of a running service: everything that is done is in it, once, and proven."""

import asyncio
import base64
import itertools
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pymongo.monitoring import CommandListener, CommandStartedEvent

from services.stamps import keys
from services.stamps.log import checkpoints, leaves, reading, sequencing, tree, verify
from services.stamps.log.sequencing import LogBroken, Sequencer
from services.stamps.settings import StampsSettings
from services.stamps.store import log as store
from shared.contracts.event import Event
from shared.errors import EditConflict
from shared.mongo import Database, Tx, transact
from tests.answers import ok, refused
from tests.polling import eventually
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.log.told import LOG, checkpoint, code_of, logged, text


async def asked(stamps: Stamps, path: str, **query: Any) -> dict[str, Any]:
    return ok(await stamps.client.get(f"{LOG}{path}", params=query))


@pytest_asyncio.fixture(scope="module")
async def notice(stamps: Stamps, farm: Farm) -> AsyncIterator[str]:
    """A recall of the farm's lot, as the log was told of it: ordered, then lifted."""
    ordered = builders.notice(lots=(farm.lot,), title="Thu hồi na dai", authority="Sở NN&MT")
    lifted = ordered.model_copy(update={"version": 2, "active": False, "id": ordered.id + "-2"})
    await stamps.tell(ordered, lifted)
    await logged(stamps, f"notice/{ordered.subject}/2")
    yield ordered.subject


async def test_issue_changes_and_notices_are_told_of_a_stamp_and_proven(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    batch, who = await stamps.a_batch(farm, 40_000), stamps.operator(farm.facility)
    ok(await stamps.activate(batch, 0, 99, farm.lot, who))
    ok(await stamps.change(batch, 50, 60, "damaged", who, "Ướt khi in"))
    order = {"batch": batch, "reason": "Nghi ngờ"}
    hold = ok(await stamps.post("/holds", order, stamps.approver()), 201)["id"]
    lifting = {"reason": "Xong"}
    ok(await stamps.post(f"/holds/{hold}/lift", lifting, stamps.approver()))
    await logged(stamps, f"hold/{hold}/2")
    other = builders.notice(facilities=("somebody-else",))
    about = builders.notice(lots=(farm.lot,))
    await stamps.tell(other, about)
    for key in (f"change/{batch}/2", f"notice/{about.subject}/1", f"notice/{other.subject}/1"):
        await logged(stamps, key)
    expected = {
        10: ["batch_issued", "activate", "hold", "hold", "recall"],
        55: ["batch_issued", "activate", "damaged", "hold", "hold", "recall"],
        200: ["batch_issued", "hold", "hold"],
        39_999: ["batch_issued", "hold", "hold"],
    }
    for serial, kinds in expected.items():
        found = await asked(stamps, f"/stamps/{code_of(stamps, batch, serial)}")
        assert (found["batch"], found["serial"]) == (batch, serial)
        facts = [json.loads(one["leaf"]) for one in found["entries"]]
        assert [f.get("change") or f.get("type") or f["kind"] for f in facts] == kinds
        newest = verify.Checkpoint(found["checkpoint"], verify.Key(await text(stamps, "/key")))
        for one in found["entries"]:
            path = [base64.b64decode(part) for part in one["path"]]
            leaf = one["leaf"].encode()
            assert verify.is_included(one["index"], found["size"], leaf, path, newest.root)
            verify.check_words(one)


async def test_no_leaf_has_a_private_reason_a_person_or_a_code(stamps: Stamps, farm: Farm) -> None:
    batch = await stamps.a_batch(farm, 100)
    body = {"first": 0, "last": 9, "change": "suspend", "reason": "Tố giác của bà Hoa"}
    told = {**body, "public_reason": "Đang kiểm tra nguồn gốc"}
    ok(await stamps.post(f"/batches/{batch}/changes", told, stamps.approver()))
    entry = await logged(stamps, f"change/{batch}/1")
    fact = json.loads(entry["line"])
    assert set(fact) == {
        *("v", "kind", "at", "batch", "number", "change", "first", "last", "words"),
    }
    assert json.loads(entry["opened"]["text"]) == {"public_reason": told["public_reason"]}
    every = [row["line"] async for row in stamps.db.collection(store.ENTRIES).find({})]
    words = ("Tố giác", "Hoa", "Người duyệt", "Đang kiểm tra", code_of(stamps, batch, 0))
    for said in words:
        assert not any(said in line or json.dumps(said)[1:-1] in line for line in every)
    assert all(line == leaves.canonical(json.loads(line)) for line in every)


async def test_words_can_be_erased_and_the_tree_is_as_sound_as_before(
    stamps: Stamps, farm: Farm, notice: str
) -> None:
    key = f"notice/{notice}/1"
    await stamps.db.collection(store.ENTRIES).update_one({"key": key}, {"$set": {"opened": None}})
    entry = await logged(stamps, key)
    (shown,) = (await asked(stamps, "/entries", start=entry["_id"], limit=1))["entries"]
    assert shown["opened"] is None
    assert json.loads(shown["leaf"])["words"]
    await proven_from_the_beginning(stamps)


async def proven_from_the_beginning(stamps: Stamps) -> None:
    """Every entry there is, fetched as a stranger fetches them, makes the signed root."""
    newest = await checkpoint(stamps)
    outside = verify.Tree()
    while outside.size < newest.size:
        page = await asked(stamps, "/entries", start=outside.size, limit=7)
        for one in page["entries"]:
            if one["index"] < newest.size:
                assert one["index"] == outside.size
                outside.append(one["leaf"].encode())
    assert outside.root == newest.root


async def test_what_is_heard_twice_and_out_of_order_is_in_the_log_once(stamps: Stamps) -> None:
    ordered = builders.notice(products=("p-twice",))
    lifted = ordered.model_copy(update={"version": 2, "active": False, "id": ordered.id + "-2"})
    for event in (lifted, ordered, lifted, ordered):
        await stamps.tell(event)
    for version in (1, 2):
        await logged(stamps, f"notice/{ordered.subject}/{version}")
    # Once more under another event's id, as after a claim was forgotten.
    again = ordered.model_copy(update={"id": ordered.id + "-3"})
    await stamps.tell(again)
    await heard(stamps, ordered, lifted, again)
    await queue_is_empty(stamps)
    found = stamps.db.collection(store.ENTRIES).find({"fact.notice": ordered.subject})
    assert sorted([row["fact"]["version"] async for row in found]) == [1, 2]
    told = [
        reading.Proven(one, [])
        for one in await store.entries(stamps.db, 0, 10_000)
        if one.fact.get("notice") == ordered.subject
    ]
    assert len(told) == 2
    assert reading.standing(told) == []


async def heard(stamps: Stamps, *events: Event) -> None:
    claims = [f"stamps.log:{event.id}" for event in events]

    async def complete() -> bool:
        inbox = stamps.db.collection("inbox")
        return await inbox.count_documents({"_id": {"$in": claims}}) == len(claims)

    await eventually(complete)


async def queue_is_empty(stamps: Stamps) -> None:
    async def nothing() -> bool:
        return not await store.is_waiting(stamps.db)

    await eventually(nothing)


async def test_between_any_two_checkpoints_the_log_only_grows(stamps: Stamps, farm: Farm) -> None:
    seen = [await checkpoint(stamps)]
    for _ in range(3):
        batch = await stamps.a_batch(farm, 10)
        await logged(stamps, f"batch/{batch}")
        seen.append(await checkpoint(stamps))
    for before, after in itertools.pairwise(seen):
        assert after.size > before.size
        found = await asked(stamps, "/proofs/consistency", first=before.size, second=after.size)
        path = [base64.b64decode(one) for one in found["path"]]
        assert verify.is_consistent(before.size, after.size, before.root, after.root, path)


async def test_a_proof_holds_for_an_older_size_too(stamps: Stamps, farm: Farm) -> None:
    newest = await checkpoint(stamps)
    (entry,) = (await asked(stamps, "/entries", start=0, limit=1))["entries"]
    roots = set()
    for size in (1, newest.size):
        found = await asked(stamps, "/proofs/inclusion", index=0, size=size)
        path = [base64.b64decode(one) for one in found["path"]]
        known = await store.hashes(stamps.db, tree.places_of((0, size)))
        root = tree.root(size, known)
        assert verify.is_included(0, size, entry["leaf"].encode(), path, root)
        roots.add(root)
    assert newest.root in roots


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/proofs/inclusion", {"index": 10**9}),
        ("/proofs/inclusion", {"index": 0, "size": 10**9}),
        ("/proofs/inclusion", {"index": 5, "size": 5}),
        ("/proofs/consistency", {"first": 10**9}),
        ("/proofs/consistency", {"first": 1, "second": 10**9}),
        ("/proofs/consistency", {"first": 2, "second": 1}),
    ],
)
async def test_what_lies_beyond_the_log_is_refused_with_its_size(
    stamps: Stamps, notice: str, path: str, query: dict[str, int]
) -> None:
    body = refused(await stamps.client.get(f"{LOG}{path}", params=query), 422, "beyond_the_log")
    assert body["errors"][0]["field"] in {"index", "size", "first", "second"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/entries", {"start": "-1"}),
        ("/entries", {"limit": "0"}),
        ("/entries", {"limit": "201"}),
        ("/proofs/inclusion", {}),
        ("/proofs/inclusion", {"index": "0", "size": "0"}),
        ("/proofs/consistency", {"first": "0"}),
        ("/proofs/consistency", {"first": "{$ne:1}"}),
    ],
)
async def test_what_is_no_place_in_a_log_is_refused(
    stamps: Stamps, path: str, query: dict[str, str]
) -> None:
    refused(await stamps.client.get(f"{LOG}{path}", params=query), 422, "invalid_input")


class Commands(CommandListener):
    """Counts what is asked of the database."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in {"hello", "ping", "endSessions"}:
            self.names.append(event.command_name)

    def succeeded(self, event: Any) -> None:
        pass

    failed = succeeded


async def test_a_forged_code_costs_no_read_and_is_answered_like_one_never_issued(
    stamps: Stamps, notice: str
) -> None:
    listening = Commands()
    settings = stamps.settings
    name = settings.database("stamps")
    db = Database(settings.mongo_url, name, "stamps", listeners=[listening])
    ring = keys.keyring(settings)
    try:
        for forged in ("0" * 20, "không phải mã", "", "A" * 500):
            with pytest.raises(reading.StampNotInLog):
                await reading.of_stamp(db, ring, forged)
        assert listening.names == []
        never = code_of(stamps, 2**26 - 1, 5)
        with pytest.raises(reading.StampNotInLog):
            await reading.of_stamp(db, ring, never)
        assert listening.names == ["find", "find"]
    finally:
        await db.close()
    answers = [await stamps.client.get(f"{LOG}/stamps/{code}") for code in ("0" * 20, never)]
    one, other = ({**refused(a, 404, "stamp_not_in_log"), "request_id": ""} for a in answers)
    assert one == other


async def test_what_the_log_says_of_a_stamp_costs_a_handful_of_reads(
    stamps: Stamps, farm: Farm
) -> None:
    batch = await stamps.a_batch(farm, 10)
    await logged(stamps, f"batch/{batch}")
    listening = Commands()
    name = stamps.settings.database("stamps")
    db = Database(stamps.settings.mongo_url, name, "stamps", listeners=[listening])
    try:
        await reading.of_stamp(db, keys.keyring(stamps.settings), code_of(stamps, batch, 1))
    finally:
        await db.close()
    assert listening.names == ["find"] * 5


async def test_a_serial_beyond_its_batch_was_never_issued(stamps: Stamps, farm: Farm) -> None:
    batch = await stamps.a_batch(farm, 10)
    await logged(stamps, f"batch/{batch}")
    ok(await stamps.client.get(f"{LOG}/stamps/{code_of(stamps, batch, 9)}"))
    answer = await stamps.client.get(f"{LOG}/stamps/{code_of(stamps, batch, 10)}")
    refused(answer, 404, "stamp_not_in_log")


# ---- the sequencer alone, on a database where nothing else runs ----------------------------------


@pytest_asyncio.fixture
async def alone(stamps: Stamps) -> AsyncIterator[tuple[Database, StampsSettings]]:
    """A database without a running service, and its settings."""
    settings = stamps.settings
    assert isinstance(settings, StampsSettings)
    mark = f"{settings.db_prefix}_log{id(object())}"
    db = Database(settings.mongo_url, mark, "stamps")
    await store.prepare(db)
    yield db, settings
    await db.client.drop_database(mark)
    await db.close()


async def wait_in(db: Database, *numbers: int) -> None:
    async def work(tx: Tx) -> None:
        for number in numbers:
            event = builders.notice(f"case-{number}/1", batches=(number,))
            await store.add(tx, leaves.leaf_of(event, b"\x00" * 16))

    await transact(db, work)


async def all_of(db: Database) -> list[dict[str, Any]]:
    return [row async for row in db.collection(store.ENTRIES).find({}).sort("_id", 1)]


async def test_of_many_sequencers_at_once_one_appends_and_no_size_has_two_roots(
    alone: tuple[Database, StampsSettings],
) -> None:
    db, settings = alone
    sequencers = [Sequencer(db, settings) for _ in range(6)]
    roots: dict[int, set[bytes]] = {}

    async def run(one: Sequencer) -> None:
        try:
            await one.work_off()
        except EditConflict:
            return
        head = (await store.head(db)).checkpoint
        roots.setdefault(head.size, set()).add(head.root)

    for turn in range(8):
        await wait_in(db, *range(turn * 3, turn * 3 + 3))
        await asyncio.gather(*(run(one) for one in sequencers))
    rows = await all_of(db)
    assert [row["_id"] for row in rows] == list(range(24))
    assert len({row["key"] for row in rows}) == 24
    assert not await store.is_waiting(db)
    assert {len(found) for found in roots.values()} == {1}
    outside = verify.Tree()
    for row in rows:
        outside.append(row["line"].encode())
        if outside.size in roots:
            assert roots[outside.size] == {outside.root}
    assert (await store.head(db)).checkpoint.root == outside.root


async def test_more_than_fits_in_one_transaction_goes_on_in_the_next(
    alone: tuple[Database, StampsSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, settings = alone
    monkeypatch.setattr(sequencing, "QUEUED_AT_ONCE", 4)
    await wait_in(db, *range(9))
    sequencer = Sequencer(db, settings)
    turns = 1
    while await sequencer.work_off():
        turns += 1
    assert turns == 3
    assert len(await all_of(db)) == 9


async def test_with_clocks_moved_back_and_forth_time_in_the_log_never_runs_back(
    alone: tuple[Database, StampsSettings],
) -> None:
    db, settings = alone
    real = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
    times, sizes = [], []
    for turn, minutes in enumerate((0, 60, -60, 1, 61, -3000, 62)):
        await wait_in(db, turn)
        # A process of its own each time, as after a restart.
        await Sequencer(db, settings).work_off(real + timedelta(minutes=minutes))
        head = (await store.head(db)).checkpoint
        times.append(head.at)
        sizes.append(head.size)
    assert times == sorted(times)
    assert sizes == list(range(1, 8))
    rows = await all_of(db)
    assert [row["fact"]["batches"] for row in rows] == [[turn] for turn in range(7)]


async def test_the_signature_is_renewed_within_a_minute_whatever_the_clock_on_the_wall_says(
    alone: tuple[Database, StampsSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, settings = alone
    ticks = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: ticks[0])
    start = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
    sequencer = Sequencer(db, settings)
    await sequencer.work_off(start)
    first = (await store.head(db)).checkpoint
    ticks[0] += 10
    await sequencer.work_off(start + timedelta(seconds=10))
    assert (await store.head(db)).checkpoint.note == first.note
    ticks[0] += 11
    await sequencer.work_off(start + timedelta(seconds=21))
    renewed = (await store.head(db)).checkpoint
    assert (renewed.size, renewed.root, renewed.at) == (first.size, first.root, first.at + 21)
    # Of one tree the three lines and the log's own signature are always the same bytes.
    assert renewed.note.splitlines()[:5] == first.note.splitlines()[:5]
    assert sequencing.RENEW_SECONDS <= 30


@pytest.mark.parametrize("forged", ["hash", "removed", "head"])
async def test_what_is_not_what_was_signed_is_not_signed_again(
    alone: tuple[Database, StampsSettings], forged: str
) -> None:
    db, settings = alone
    await wait_in(db, 1, 2, 3)
    await Sequencer(db, settings).work_off()
    before = (await store.head(db)).checkpoint
    entries = db.collection(store.ENTRIES)
    if forged == "hash":
        await entries.update_one({"_id": 2}, {"$set": {"hashes": [b"\x00" * 32]}})
    elif forged == "removed":
        await entries.delete_one({"_id": 1})
    else:
        await db.collection(store.HEADS).update_one({}, {"$set": {"root": b"\x01" * 32}})
    await wait_in(db, 4)
    with pytest.raises(LogBroken):
        await Sequencer(db, settings).work_off()
    assert (await store.head(db)).checkpoint.note == before.note
    assert await store.is_waiting(db)


async def test_a_database_that_was_set_back_gets_no_second_tree_signed(
    alone: tuple[Database, StampsSettings], tmp_path: Path
) -> None:
    db, plain = alone
    settings = plain.model_copy(update={"log_checkpoint_file": tmp_path / "checkpoint.json"})
    await wait_in(db, 1)
    sequencer = Sequencer(db, settings)
    await sequencer.work_off()
    backup = await db.collection(store.HEADS).find_one({})
    assert backup is not None
    await wait_in(db, 2)
    await sequencer.work_off()
    # Restored from a backup that lacks the second entry.
    await db.collection(store.ENTRIES).delete_one({"_id": 1})
    await db.collection(store.HEADS).replace_one({}, backup)
    await wait_in(db, 3)
    for one in (sequencer, Sequencer(db, settings)):
        with pytest.raises(LogBroken, match="set back"):
            await one.work_off()
    # Under another name it is another log, for all to see.
    renamed = settings.model_copy(update={"log_origin": "txng.example/log2"})
    await Sequencer(db, renamed).work_off()
    head = (await store.head(db)).checkpoint
    assert (head.origin, head.size) == ("txng.example/log2", 2)


async def test_checkpoints_are_notes_that_other_programs_read(
    alone: tuple[Database, StampsSettings],
) -> None:
    db, settings = alone
    await Sequencer(db, settings).work_off()
    head = (await store.head(db)).checkpoint
    text, _, signatures = head.note.partition("\n\n")
    origin, size, root = text.split("\n")
    assert (origin, size) == ("localhost:8080/log", "0")
    assert base64.b64decode(root) == tree.EMPTY_ROOT
    key = checkpoints.key_of(settings.secrets_dir).public_key()
    plain, timed = signatures.splitlines()
    assert plain.startswith(f"— {origin} ")
    key.verify(base64.b64decode(plain.split(" ")[2])[4:], f"{text}\n".encode())
    signed = base64.b64decode(timed.split(" ")[2])[4:]
    at = int.from_bytes(signed[:8])
    assert at == head.at
    key.verify(signed[8:], f"cosignature/v1\ntime {at}\n{text}\n".encode())
