"""Two accounts of one person are told by marks in their tokens, which say nothing else (ADR 15)."""

import base64
import json

from tests.identity.running_identity import Identity


async def person(identity: Identity, username: str) -> tuple[set[str], str]:
    """The marks that the account's token carries, and all that the token says."""
    body = (await identity.tokens(username))["access_token"].split(".")[1]
    said = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    return set(json.loads(said).get("person", ())), said


async def test_accounts_with_one_mobile_number_share_a_mark_and_offices_share_none(
    identity: Identity,
) -> None:
    accounts = identity.db.collection("accounts")
    contacts = {
        "chicuc.hethong": {"phone": "+84 912.345.678", "email": "a@example.vn"},
        "so.hethong": {"phone": "0912 345 678", "email": ""},
        "tienyen.hethong": {"phone": "0203 000 1111", "email": ""},
    }
    names = {"username": {"$in": list(contacts)}}
    before = [row async for row in accounts.find(names, {"phone": 1, "email": 1})]
    try:
        for username, contact in contacts.items():
            await accounts.update_one({"username": username}, {"$set": contact})
        one, said = await person(identity, "chicuc.hethong")
        other, _ = await person(identity, "so.hethong")
        office, _ = await person(identity, "tienyen.hethong")
        assert len(one) == 2
        assert other < one
        assert office == set()
        assert "912345678" not in said.replace(".", "")
        assert "example.vn" not in said
    finally:
        for row in before:
            kept = {key: row.get(key, "") for key in ("phone", "email")}
            await accounts.update_one({"_id": row["_id"]}, {"$set": kept})
