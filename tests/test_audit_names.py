"""Acts recorded before names were left out of them lose those names once, at the first start."""

from typing import Any

from shared import audit
from shared.auth import Principal
from shared.mongo import Database, transact
from shared.settings import Settings


def act(number: str, tier: str, name: str, type_: str = "registry.act_recorded.v1") -> Any:
    actor = {"account_id": "a", "name": name, "tier": tier}
    body = {"type": type_, "subject": "x", "data": {"actor": actor, "action": "lot.enter"}}
    return {"_id": number, "state": "sent", "body": body}


async def test_names_of_people_go_and_those_of_programs_stay(settings: Settings) -> None:
    db = Database(settings.mongo_url, settings.database("registry"), "registry")
    try:
        rows = db.collection("outbox")
        await rows.insert_many(
            [
                act("1", "commune", "Phùng Văn Quý"),
                act("2", "client", "Cổng tỉnh"),
                act("3", "commune", "Phùng Văn Quý", "registry.lot_published.v1"),
            ]
        )
        await audit.prepare(db)
        names = [row["body"]["data"]["actor"]["name"] async for row in rows.find({}).sort("_id", 1)]
        assert names == ["", "Cổng tỉnh", "Phùng Văn Quý"]
        # Done once: it is not looked for again at every start.
        await rows.insert_one(act("4", "commune", "Sau này"))
        await audit.prepare(db)
        late = await rows.find_one({"_id": "4"})
        assert late is not None
        assert late["body"]["data"]["actor"]["name"] == "Sau này"
    finally:
        await db.close()


async def test_a_new_act_names_nobody(settings: Settings) -> None:
    db = Database(settings.mongo_url, settings.database("registry"), "registry")
    who = Principal("a", "Phùng Văn Quý", "commune", frozenset({"check"}), "u", "s")
    try:
        await transact(db, lambda tx: audit.accepted(tx, who, "lot.check", "lot-1"))
        row = await db.collection("outbox").find_one({"body.subject": "lot-1"})
        assert row is not None
        assert "Phùng" not in str(row)
        assert row["body"]["data"]["actor"]["account_id"] == "a"
    finally:
        await db.close()
