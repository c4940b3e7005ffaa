"""Reporting over real events: the chain, its tampering, its figures."""

import asyncio
import json
from typing import Any

import pytest

from services.reporting import checkpoints, consumers
from services.reporting.store import ledger
from services.reporting.verify import verify
from shared.contracts.event import encode
from shared.contracts.registry import FacilityPublished, ReviewsWaiting
from shared.contracts.scan import ScanCount, ScansRecorded
from shared.contracts.stamps import BatchIssued, IntervalsChanged
from shared.ids import new_id, now
from shared.mongo import transact
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.tokens import bearer, mint


def facility(number: int | None = None) -> FacilityPublished:
    return FacilityPublished(
        subject=new_id(),
        version=1,
        time=now(),
        number=number,
        code="C",
        name="Hợp tác xã Thử",
        address="Thôn 1",
        commune="06637",
        commune_name="Hà An",
        sector="agriculture",
        kinds=("grower",),
        facility_class="certificate",
    )


def batch(facility_id: str, quantity: int = 1000) -> BatchIssued:
    return BatchIssued(
        subject=new_id(),
        version=1,
        time=now(),
        batch=1,
        request_id="r",
        facility_id=facility_id,
        product_id="p",
        quantity=quantity,
    )


async def test_an_event_delivered_twice_is_one_link_and_counts_once(reporting: Reporting) -> None:
    before = (await reporting.statistics())["totals"]["stamps_issued"]
    event = batch("once")
    await reporting.hear(event)
    await reporting.hear(event, batch("after"))
    await eventually(lambda: _counted(reporting, "stamps_issued", before + 2000))
    assert await reporting.db.collection("ledger").count_documents({"event_id": event.id}) == 1


def waiting(number: int | None) -> ReviewsWaiting:
    return ReviewsWaiting(
        subject=f"06637/{new_id()}",
        version=1,
        time=now(),
        number=number,
        commune="06637",
        sector="agriculture",
    )


async def test_counts_are_no_links_leave_no_gap_and_older_ones_still_verify(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As it was chained before such events were left out.
    old = json.loads(encode(waiting(None)))
    with monkeypatch.context() as before:
        before.setattr(consumers, "DERIVED", frozenset())
        await transact(reporting.db, lambda tx: consumers.chain(tx, [old]))
    counted = [waiting(9001), waiting(9003), waiting(9004)]
    await reporting.hear(counted[0], facility(9002), *counted[1:])

    async def all_seen() -> bool:
        return await ledger.passed(reporting.db) == "registry:9003,registry:9004"

    await eventually(all_seen)
    kept = reporting.db.collection("ledger")
    assert await kept.count_documents({"event_id": {"$in": [e.id for e in counted]}}) == 0
    assert await kept.count_documents({"event_id": old["id"]}) == 1
    linked = await kept.find_one({"number": 9002, "source": "registry"})
    assert linked is not None
    assert linked["passed"] == "registry:9001"
    found = await verify(reporting.db, reporting.settings)
    assert found.sound, found.faults
    gaps = found.missing.get("registry", [])
    assert not any(first <= 9004 and last >= 9001 for first, last in gaps)


async def _counted(reporting: Reporting, metric: str, expected: int) -> bool:
    return bool((await reporting.statistics())["totals"][metric] == expected)


async def test_an_older_version_of_a_facility_does_not_undo_a_newer(reporting: Reporting) -> None:
    new = facility().model_copy(update={"version": 2, "status": "stopped"})
    old = new.model_copy(update={"id": new_id(), "version": 1, "status": "active"})
    await reporting.hear(new, old, batch("marker"))

    async def settled() -> bool:
        stored = await reporting.db.collection("facilities").find_one({"_id": new.subject})
        return bool(stored and stored["status"] == "stopped" and stored["version"] == 2)

    await eventually(settled)


async def test_a_facility_sees_its_own_figures_only(reporting: Reporting) -> None:
    mine = new_id()
    change = IntervalsChanged(
        subject="1",
        version=1,
        time=now(),
        batch=1,
        facility_id=mine,
        product_id="p",
        first=0,
        last=9,
        count=10,
        change="activate",
        lot="l",
    )
    await reporting.hear(batch(mine, 70), batch("other", 5), change)
    claims = {"tier": "facility", "kinds": ["operate"], "facility": mine, "communes": []}

    async def right() -> bool:
        totals = (await reporting.statistics(**claims))["totals"]
        return bool(totals["stamps_issued"] == 70 and totals["stamps_activated"] == 10)

    await eventually(right)


async def test_scans_are_counted_by_verdict(reporting: Reporting) -> None:
    counts = tuple(
        ScanCount(hour=now(), verdict=v, facility_id="f", product_id="p", scans=n, first_of_user=1)
        for v, n in (("genuine", 7), ("recalled", 2))
    )
    event = ScansRecorded(
        subject="s-1", version=1, time=now(), replica="scan-1", sequence=1, counts=counts
    )
    await reporting.hear(event)
    await reporting.hear(event, batch("again"))

    async def right() -> None:
        told = await reporting.statistics()
        assert told["scans_by_verdict"] == {"recalled": 2, "genuine": 7}

    await eventually(right)


async def test_the_ledger_may_not_be_read_by_a_facility(reporting: Reporting) -> None:
    token = mint(reporting.settings.secrets_dir, tier="facility", kinds=["operate"], facility="f")
    for path in ("/audit", "/audit/1", "/audit/state"):
        answer = await reporting.client.get(f"/api/reporting/v1{path}", headers=bearer(token))
        assert answer.status_code == 403, path
        assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize("seq", ["0", "-1", str(2**63), "9" * 400, "1.5", "$ne", "a%00b"])
async def test_a_number_that_no_link_can_have_is_no_server_error(
    reporting: Reporting, seq: str
) -> None:
    token = mint(reporting.settings.secrets_dir, tier="province", kinds=["report"])
    answer = await reporting.client.get(f"/api/reporting/v1/audit/{seq}", headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    signed_in = {"Cookie": f"txng_access={token}"}
    page = await reporting.client.get(f"/console/reporting/audit/{seq}", headers=signed_in)
    assert page.status_code == 404


async def test_missing_numbers_of_a_source_are_told_and_are_no_tampering(
    reporting: Reporting,
) -> None:
    await reporting.hear(facility(1_000_001), facility(1_000_003))
    findings = await verify(reporting.db, reporting.settings)
    assert findings.sound
    assert (1_000_002, 1_000_002) in findings.missing["registry"]


@pytest.mark.parametrize("how", ["edit", "delete", "truncate", "checkpoint"])
async def test_verification_of_the_stored_ledger_finds_tampering(
    reporting: Reporting, how: str
) -> None:
    await reporting.hear(*(batch(f"{how}{i}") for i in range(3)))
    await checkpoints.sign_head(reporting.db, reporting.settings)
    assert (await verify(reporting.db, reporting.settings)).sound
    undo = await _tamper(reporting, how)
    assert not (await verify(reporting.db, reporting.settings)).sound
    for collection, document in undo:
        await reporting.db.collection(collection).replace_one(
            {"_id": document["_id"]}, document, upsert=True
        )
    assert (await verify(reporting.db, reporting.settings)).sound


async def _tamper(reporting: Reporting, how: str) -> list[tuple[str, dict[str, Any]]]:
    """Do as somebody with the database's password would; what to put back is returned."""
    db = reporting.db
    seq, _ = await ledger.head(db)
    rows = db.collection("ledger")
    last, middle = await rows.find_one({"_id": seq}), await rows.find_one({"_id": seq - 1})
    head = await db.collection("ledger_head").find_one({"_id": "head"})
    signed = await db.collection("checkpoints").find_one({"seq": seq})
    assert last
    assert middle
    assert head
    assert signed
    if how == "edit":
        body = middle["body"].replace("quantity", "quantitz")
        await rows.update_one({"_id": seq - 1}, {"$set": {"body": body}})
    elif how == "delete":
        await rows.delete_one({"_id": seq - 1})
    elif how == "truncate":
        await rows.delete_one({"_id": seq})
        shortened = {"seq": seq - 1, "hash": middle["hash"]}
        await db.collection("ledger_head").update_one({"_id": "head"}, {"$set": shortened})
    else:
        await db.collection("checkpoints").update_one(
            {"_id": signed["_id"]}, {"$set": {"signature": "00" * 64}}
        )
    await asyncio.sleep(0)
    return [
        ("ledger", last),
        ("ledger", middle),
        ("ledger_head", head),
        ("checkpoints", signed),
    ]


async def test_pages_show_figures_and_the_ledger(reporting: Reporting) -> None:
    token = mint(reporting.settings.secrets_dir, tier="department", kinds=["system", "approve"])
    cookie = {"Cookie": f"txng_access={token}"}
    for path in (
        "/console",
        "/console/reporting",
        "/console/reporting/audit",
        "/console/reporting/audit/1",
        "/console/reporting/audit?action=nothing",
        "/console/reporting/audit?outcome=refused",
    ):
        for lang, tag in (("vi", "vi"), ("en", "en"), ("zh", "zh-Hans")):
            answer = await reporting.client.get(path, params={"lang": lang}, headers=cookie)
            assert answer.status_code == 200, (path, answer.text[:500])
            assert f'<html lang="{tag}"' in answer.text
