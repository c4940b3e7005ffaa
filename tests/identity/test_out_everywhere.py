"""Keys, suspensions and ended sessions reach every service by event, within seconds."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from services.identity.actions.keys import publish_keys
from services.identity.tokens import TokenKeys
from shared.access import access_queue
from shared.auth import Verifier
from shared.errors import Unauthenticated
from shared.ids import now
from shared.service import Service
from tests.identity.running_identity import API, Identity
from tests.polling import eventually

LIMIT_SECONDS = 60.0
BECAUSE = {"reason": "Cán bộ chuyển công tác"}


@pytest.fixture(scope="module")
async def others(identity: Identity) -> AsyncIterator[list[Service]]:
    """Two other services that hear identity by the bus and keep what they heard."""
    services = [
        Service(name, identity.settings, queues=[access_queue(name)], publishes=False)
        for name in ("stamps", "recall")
    ]
    for service in services:
        service.start()
    await eventually(lambda: all(service.consumers[0].connected for service in services), 60)
    await publish_keys(identity.app.state.guard.keys, db=identity.db, now=now(), again=True)
    await eventually(lambda: all(service.verifier.ready for service in services), 60)
    yield services
    for service in services:
        await service.stop()


async def lets_in(verifier: Verifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except Unauthenticated:
        return False
    return True


async def out_everywhere(verifiers: list[Verifier], token: str) -> bool:
    return not any([await lets_in(verifier, token) for verifier in verifiers])


async def seconds_until_out(verifiers: list[Verifier], token: str) -> float:
    started = time.monotonic()
    await eventually(lambda: out_everywhere(verifiers, token), LIMIT_SECONDS)
    return time.monotonic() - started


async def act(identity: Identity, username: str, name: str) -> None:
    async with await identity.api("tinh.hethong") as api:
        found = (await api.get(f"{API}/accounts?q={username}")).json()["items"][0]
        answer = await api.post(f"{API}/accounts/{found['id']}/{name}", json=BECAUSE)
        assert answer.status_code == 200, answer.text


async def test_a_suspended_account_is_out_of_every_service_within_a_minute(
    identity: Identity, others: list[Service], record_property: Any
) -> None:
    verifiers = [identity.service.verifier, *(service.verifier for service in others)]
    tokens = [(await identity.tokens("tienyen.kiemtra"))["access_token"] for _ in range(2)]
    bystander = (await identity.tokens("so.duyet"))["access_token"]
    for token in (*tokens, bystander):
        assert all([await lets_in(verifier, token) for verifier in verifiers])
    await act(identity, "tienyen.kiemtra", "suspend")
    took = max([await seconds_until_out(verifiers, token) for token in tokens])
    record_property("seconds_until_out_everywhere", round(took, 2))
    assert took < LIMIT_SECONDS
    assert all([await lets_in(verifier, bystander) for verifier in verifiers])
    await act(identity, "tienyen.kiemtra", "activate")
    again = (await identity.tokens("tienyen.kiemtra"))["access_token"]
    assert all([await lets_in(verifier, again) for verifier in verifiers])
    assert await out_everywhere(verifiers, tokens[0])


async def test_a_session_that_was_ended_is_over_everywhere_and_the_others_go_on(
    identity: Identity, others: list[Service]
) -> None:
    verifiers = [service.verifier for service in others]
    ended, kept = await identity.tokens("so.duyet"), await identity.tokens("so.duyet")
    async with identity.client() as client:
        headers = {"Authorization": f"Bearer {kept['access_token']}"}
        session_id = ended["refresh_token"].split(".")[0]
        answer = await client.delete(f"{API}/sessions/{session_id}", headers=headers)
        assert answer.status_code == 204
    assert await seconds_until_out(verifiers, ended["access_token"]) < LIMIT_SECONDS
    assert all([await lets_in(verifier, kept["access_token"]) for verifier in verifiers])


async def test_a_new_key_is_known_everywhere_before_it_signs_and_old_tokens_stay_good(
    identity: Identity, others: list[Service]
) -> None:
    file = identity.settings.secrets_dir / "token-keys.json"
    old = json.loads(file.read_text())["keys"]
    new = OKPKey.generate_key("Ed25519", private=True, auto_kid=True)
    before = TokenKeys([OKPKey.import_key(key) for key in old])
    added = TokenKeys([*(OKPKey.import_key(key) for key in old), new])
    signing = TokenKeys([new, *(OKPKey.import_key(key) for key in old)])
    old_token = (await identity.tokens("so.duyet"))["access_token"]
    who = await identity.service.verifier.verify(old_token)
    assert not await publish_keys(before, db=identity.db, now=now())
    assert await publish_keys(added, db=identity.db, now=now())
    assert not await publish_keys(added, db=identity.db, now=now())

    async def known() -> bool:
        answers = [await lets_in(service.verifier, signing.sign(who)) for service in others]
        return all(answers)

    await eventually(known, LIMIT_SECONDS)
    assert all([await lets_in(service.verifier, old_token) for service in others])
    # Putting it to the front changes the order and so the set; nobody is shut out meanwhile.
    assert await publish_keys(signing, db=identity.db, now=now())
    assert await known()


async def test_the_public_keys_are_served_without_their_private_parts(identity: Identity) -> None:
    async with identity.client() as client:
        answer = await client.get(f"{API}/jwks")
    keys = answer.json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "kid", "alg", "use"}]
    assert (keys[0]["kty"], keys[0]["crv"], keys[0]["alg"]) == ("OKP", "Ed25519", "Ed25519")
