"""Signing in: who gets in, who does not, and what a guesser learns from it."""

from tests.identity.running_identity import API, PASSWORD, Identity


async def test_the_right_password_gives_tokens_that_open_the_api(identity: Identity) -> None:
    async with await identity.api("so.duyet") as api:
        me = (await api.get(f"{API}/me")).json()
    assert me["name"] == "Trần Thị Thu"
    assert (me["tier"], me["kinds"], me["sector"]) == ("department", ["approve"], "agriculture")
    assert "product.publish" in me["may"]
    assert "account.issue" not in me["may"]
