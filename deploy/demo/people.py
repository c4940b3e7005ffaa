"""People of facilities: accounts issued by the authority, taken over on devices of their own."""

from typing import Any

from deploy.demo.client import IDENTITY, Account, Api, Refused
from deploy.demo.client import when_known as when_told

# The event that tells identity of a facility may still be on its way.
NO_FACILITY_YET = ("facility_not_known",)


async def account(
    body: dict[str, Any],
    *,
    issues: Account,
    own: Account,
    api: Api,
    password: str,
    resumed: bool,
) -> str:
    """The id of the account that `body` asks for; `own` signs in with it from now on."""
    username = body["username"]
    issued = await when_told(
        lambda: issues.post(f"{IDENTITY}/accounts", body, key=f"demo-{username}"), NO_FACILITY_YET
    )
    # The person asks on a device, the officer confirms its word, a password is chosen.
    asked = await api.call("POST", f"{IDENTITY}/claims", json={"username": username})
    confirmed = {"word": asked["word"], "seen": "in_person"}
    try:
        await issues.post(f"{IDENTITY}/accounts/{issued['id']}/claim", confirmed)
    except Refused as refused:
        # Done by an earlier run that was broken off: then the password is set.
        if refused.code != "password_is_set" or not resumed:
            raise
        await own.sign_in()
        return str(issued["id"])
    chosen = {"claim": asked["claim"], "password": password}
    await api.call("POST", f"{IDENTITY}/claims/password", json=chosen)
    return str(issued["id"])
