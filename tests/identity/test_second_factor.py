"""The second factor: who needs it, what a code is good for, and what never gets around it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pyotp
import pytest
import zxingcpp
from PIL import Image

from services.identity.domain import totp
from services.identity.domain.factors import RECOVERY_CODES, CodeAlreadyUsed, Factor
from services.identity.store.throttle import FREE_FAILURES
from tests.answers import token_in
from tests.identity.facilities import published
from tests.identity.running_identity import API, DOCUMENT, PASSWORD, Identity, send_form
from tests.tokens import bearer, mint

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 25, 8, 0, 5, tzinfo=UTC)
OTHER = "bầy chim sẻ ngoài hiên 77"


@pytest.fixture(autouse=True)
async def _forget(identity: Identity) -> None:
    await identity.forget_failures()


async def refused(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


async def first_step(identity: Identity, username: str, password: str = PASSWORD) -> dict[str, Any]:
    """What the right password gives an official: a ticket, and no token."""
    async with identity.client() as client:
        given = {"username": username, "password": password}
        answer = await client.post(f"{API}/tokens", json=given)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert "access_token" not in body
    assert "refresh_token" not in body
    return body


async def second_step(identity: Identity, ticket: str, code: str) -> httpx2.Response:
    async with identity.client() as client:
        shown = {"ticket": ticket, "code": code}
        return await client.post(f"{API}/tokens/code", json=shown)


def next_code(seed: str) -> str:
    """The code that the app will show next; it counts already, for clocks differ."""
    return pyotp.TOTP(seed).generate_otp(totp.step_of(datetime.now(UTC)) + 1)


async def issued(identity: Identity, username: str, password: str = PASSWORD) -> str:
    """A new official of Tiên Yên who has chosen a password and never signed in."""
    order = {
        "username": username,
        "name": "Mai Văn Hai",
        "tier": "commune",
        "kinds": ["check"],
        "unit_id": "xa-tien-yen",
        "assignment": DOCUMENT,
    }
    async with await identity.api("tienyen.hethong") as api:
        answer = await api.post(f"{API}/accounts", json=order)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        await set_password(api, username, body["setup_code"], password)
    return str(body["id"])


async def set_password(
    client: httpx2.AsyncClient, username: str, setup_code: str, password: str
) -> None:
    chosen = {"username": username, "setup_code": setup_code, "password": password}
    answer = await client.post(f"{API}/password", json=chosen)
    assert answer.status_code == 204, answer.text


async def enrolled(identity: Identity, username: str) -> tuple[str, list[str]]:
    """A new official with a factor; the account's id and the recovery codes."""
    account_id = await issued(identity, username)
    body = await identity.tokens(username)
    return account_id, body["recovery_codes"]


# ---- the codes themselves ------------------------------------------------------------------------


@pytest.mark.parametrize(("drift", "accepted"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_a_clock_may_be_one_step_off_and_no_more(drift: int, accepted: int) -> None:
    shown = pyotp.TOTP(SEED).generate_otp(totp.step_of(NOW) + drift)
    step = totp.matching_step(SEED, shown, NOW)
    assert (step is not None) == bool(accepted)
    if step is not None:
        assert step == totp.step_of(NOW) + drift


def test_the_codes_are_those_of_rfc_6238() -> None:
    # The RFC's own seed, SHA-1; its eight digits end in these six.
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")):
        assert totp.matching_step(seed, code, datetime.fromtimestamp(second, UTC)) is not None


def test_a_step_counts_as_used_with_all_before_it() -> None:
    factor = Factor("a").enrol(b"sealed", 100, (), NOW)
    later = factor.use_step(102, NOW)
    for step in (100, 101, 102):
        with pytest.raises(CodeAlreadyUsed):
            later.use_step(step, NOW)
    assert later.use_step(103, NOW).last_step == 103


# ---- signing in ----------------------------------------------------------------------------------


async def test_a_password_alone_gives_an_official_no_token(identity: Identity) -> None:
    step = await first_step(identity, "so.duyet")
    assert step["step"] == "code"
    done = await second_step(identity, step["ticket"], await identity.code("so.duyet"))
    assert done.status_code == 200
    async with identity.client(headers=bearer(done.json()["access_token"])) as api:
        assert (await api.get(f"{API}/me")).json()["name"] == "Trần Thị Thu"


async def test_a_ticket_is_no_access_token_and_works_once(identity: Identity) -> None:
    step = await first_step(identity, "so.duyet")
    async with identity.client(headers=bearer(step["ticket"])) as api:
        assert (await api.get(f"{API}/me")).status_code == 401
    code = await identity.code("so.duyet")
    assert (await second_step(identity, step["ticket"], code)).status_code == 200
    code = await identity.code("so.duyet")
    assert await refused(await second_step(identity, step["ticket"], code), 401) == "step_is_over"


async def test_a_ticket_is_for_one_step_of_one_account_for_a_quarter_of_an_hour(
    identity: Identity,
) -> None:
    step = await first_step(identity, "so.duyet")
    code = await identity.code("so.duyet")
    async with identity.client() as client:
        shown = {"ticket": step["ticket"], "code": code}
        for path in ("/tokens/enrolment", "/tokens/enrolment/confirm"):
            body = shown if "confirm" in path else {"ticket": step["ticket"]}
            answer = await client.post(f"{API}{path}", json=body)
            assert await refused(answer, 401) == "step_is_over"
    other = await identity.code("so.hethong")
    wrong = await second_step(identity, step["ticket"], other)
    assert await refused(wrong, 401) == "second_factor_refused"
    tickets = identity.db.collection("tickets")
    past = datetime.now(UTC) - timedelta(seconds=1)
    await tickets.update_many({"username": "so.duyet"}, {"$set": {"expires_at": past}})
    assert await refused(await second_step(identity, step["ticket"], code), 401) == "step_is_over"


async def test_a_code_that_was_used_is_refused_and_the_next_one_is_not(identity: Identity) -> None:
    code = await identity.code("so.duyet")
    step = await first_step(identity, "so.duyet")
    assert (await second_step(identity, step["ticket"], code)).status_code == 200
    step = await first_step(identity, "so.duyet")
    again = await second_step(identity, step["ticket"], code)
    assert await refused(again, 401) in ("code_already_used", "second_factor_refused")
    after = next_code(identity.seed("so.duyet"))
    assert (await second_step(identity, step["ticket"], after)).status_code == 200


async def test_of_two_sign_ins_at_once_with_one_code_one_succeeds(identity: Identity) -> None:
    steps = [await first_step(identity, "so.duyet") for _ in range(4)]
    code = await identity.code("so.duyet")
    answers = await asyncio.gather(*(second_step(identity, step["ticket"], code) for step in steps))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) == 1, [answer.text for answer in answers]
    assert set(statuses[1:]) <= {401, 429}


async def test_wrong_codes_are_slowed_down_and_the_right_password_does_not_undo_it(
    identity: Identity,
) -> None:
    for _ in range(FREE_FAILURES + 1):
        step = await first_step(identity, "so.duyet")
        answer = await second_step(identity, step["ticket"], "000000")
        assert await refused(answer, 401) == "second_factor_refused"
    async with identity.client() as client:
        given = {"username": "so.duyet", "password": PASSWORD}
        answer = await client.post(f"{API}/tokens", json=given)
        assert await refused(answer, 429) == "too_many_attempts"
        assert int(answer.headers["Retry-After"]) >= 1
    # Never a lock-out: once the wait is over, password and code open the door and clear the count.
    throttle = identity.db.collection("throttle")
    past = datetime.now(UTC) - timedelta(seconds=1)
    await throttle.update_many({"retry_at": {"$exists": True}}, {"$set": {"retry_at": past}})
    await identity.tokens("so.duyet")
    assert await throttle.find_one({"retry_at": {"$exists": True}}) is None


async def test_a_ticket_bears_five_wrong_codes(identity: Identity) -> None:
    step = await first_step(identity, "so.duyet")
    for _ in range(5):
        await identity.forget_failures()
        answer = await second_step(identity, step["ticket"], "000000")
        assert await refused(answer, 401) == "second_factor_refused"
    await identity.forget_failures()
    code = await identity.code("so.duyet")
    assert await refused(await second_step(identity, step["ticket"], code), 401) == "step_is_over"


async def test_somebody_who_knows_the_password_cannot_keep_the_owner_out(
    identity: Identity,
) -> None:
    async with identity.client() as desk:
        answer = await identity.enter(desk, "so.duyet", PASSWORD, "/account")
        assert answer.headers["location"] == "/account"
        for _ in range(FREE_FAILURES + 1):
            step = await first_step(identity, "so.duyet")
            await second_step(identity, step["ticket"], "000000")
        for name in ("txng_access", "txng_refresh"):
            desk.cookies.delete(name)
        answer = await identity.enter(desk, "so.duyet", PASSWORD, "/account")
        assert answer.headers["location"] == "/account"


# ---- enrolling -----------------------------------------------------------------------------------


async def test_an_official_without_a_factor_enrols_at_once_on_the_page(identity: Identity) -> None:
    await issued(identity, "hai.enrol")
    async with identity.client() as browser:
        form = {"username": "hai.enrol", "password": PASSWORD, "next": "/account"}
        answer = await send_form(browser, "/sign-in", form)
        where = answer.headers["location"]
        assert where.startswith("/sign-in/second-factor")
        assert "txng_access" not in answer.headers.get("set-cookie", "")
        assert (await browser.get("/account")).status_code == 307
        page = await browser.get(where)
        typed = "".join(re.findall(r'class="code">([A-Z2-7]{4})<', page.text))
        picture = await browser.get("/sign-in/second-factor/qr.svg")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert picture.headers["cache-control"] == "no-store"
        assert "style=" not in picture.text
        assert "<script" not in picture.text
        wrong = {"code": "000000", "next": "/account", "csrf": token_in(page.text)}
        answer = await browser.post("/sign-in/second-factor", data=wrong)
        assert answer.status_code == 401
        assert "".join(re.findall(r'class="code">([A-Z2-7]{4})<', answer.text)) == typed
        right = {**wrong, "code": pyotp.TOTP(typed).now(), "csrf": token_in(answer.text)}
        answer = await browser.post("/sign-in/second-factor", data=right)
        assert answer.status_code == 200
        codes = re.findall(r'class="code">([0-9A-Z]{5}-[0-9A-Z]{5})<', answer.text)
        assert len(set(codes)) == RECOVERY_CODES
        assert (await browser.get("/account")).status_code == 200
        # Neither the seed nor the codes are shown a second time.
        assert (await browser.get("/sign-in/second-factor/qr.svg")).status_code == 401
    async with identity.client() as stranger:
        assert (await stranger.get("/sign-in/second-factor/qr.svg")).status_code == 401
        page = await stranger.get("/sign-in/second-factor")
        assert page.headers["location"] == "/sign-in"


def test_the_qr_code_says_what_an_app_reads() -> None:
    address = totp.address(SEED, "so.duyet")
    image = Image.new("L", (400, 400), 255)
    import segno

    matrix = list(segno.make(address, error="m", micro=False).matrix_iter(scale=5, border=4))
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark and x < 400 and y < 400:
                image.putpixel((x, y), 0)
    read = zxingcpp.read_barcodes(image)[0].text
    parsed = pyotp.parse_uri(read)
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.name, parsed.interval, parsed.digits) == (SEED, "so.duyet", 30, 6)


async def test_no_seed_and_no_recovery_code_can_be_read_from_the_database(
    identity: Identity,
) -> None:
    _, recovery = await enrolled(identity, "hai.dump")
    seed = identity.seed("hai.dump")
    step = await first_step(identity, "so.duyet")
    secrets = [seed, *recovery, *(code.replace("-", "") for code in recovery), step["ticket"]]
    import base64

    secrets_as_bytes = [secret.encode() for secret in secrets] + [base64.b32decode(seed)]
    for name in await identity.db.handle.list_collection_names():
        async for document in identity.db.collection(name).find({}):
            dump = repr(document)
            assert not any(secret in dump for secret in secrets), name
            assert not any(repr(raw)[2:-1] in dump for raw in secrets_as_bytes), name


# ---- what never gets around it -------------------------------------------------------------------


async def test_a_new_password_by_setup_code_still_needs_the_old_device(identity: Identity) -> None:
    account_id, _ = await enrolled(identity, "hai.reset")
    async with await identity.api("tienyen.hethong") as api:
        because = {"reason": "Quên mật khẩu"}
        answer = await api.post(f"{API}/accounts/{account_id}/setup-codes", json=because)
        await set_password(api, "hai.reset", answer.json()["setup_code"], OTHER)
    step = await first_step(identity, "hai.reset", OTHER)
    assert step["step"] == "code"


async def test_a_password_set_between_the_steps_voids_the_ticket(identity: Identity) -> None:
    account_id, _ = await enrolled(identity, "hai.between")
    step = await first_step(identity, "hai.between")
    async with await identity.api("tienyen.hethong") as api:
        because = {"reason": "Quên mật khẩu"}
        await api.post(f"{API}/accounts/{account_id}/setup-codes", json=because)
    code = await identity.code("hai.between")
    assert await refused(await second_step(identity, step["ticket"], code), 401) == "step_is_over"


async def test_a_session_from_before_the_factor_was_needed_is_not_renewed(
    identity: Identity,
) -> None:
    tokens = await identity.tokens("so.duyet")
    session_id = tokens["refresh_token"].partition(".")[0]
    await identity.db.collection("sessions").update_one(
        {"_id": session_id}, {"$unset": {"by_factor": 1, "proven_at": 1}}
    )
    async with identity.client() as client:
        given = {"refresh_token": tokens["refresh_token"]}
        answer = await client.post(f"{API}/tokens/refresh", json=given)
    assert await refused(answer, 401) == "unauthenticated"


async def test_each_recovery_code_works_once(identity: Identity) -> None:
    _, recovery = await enrolled(identity, "hai.paper")
    typed = recovery[0].lower().replace("-", " ")
    step = await first_step(identity, "hai.paper")
    assert (await second_step(identity, step["ticket"], typed)).status_code == 200
    step = await first_step(identity, "hai.paper")
    again = await second_step(identity, step["ticket"], recovery[0])
    assert await refused(again, 401) == "second_factor_refused"
    done = await second_step(identity, step["ticket"], recovery[1])
    async with identity.client(headers=bearer(done.json()["access_token"])) as api:
        state = (await api.get(f"{API}/second-factor")).json()
    assert (state["enrolled"], state["required"], state["recovery_codes_left"]) == (True, True, 8)
    # Another person's codes open nothing.
    _, others = await enrolled(identity, "hai.paper2")
    step = await first_step(identity, "hai.paper")
    answer = await second_step(identity, step["ticket"], others[0])
    assert await refused(answer, 401) == "second_factor_refused"


async def test_new_recovery_codes_need_password_and_code_and_void_the_old_ones(
    identity: Identity,
) -> None:
    _, old = await enrolled(identity, "hai.again")
    path = f"{API}/second-factor/recovery-codes"
    async with await identity.api("hai.again") as api:
        code = await identity.code("hai.again")
        wrong = await api.post(path, json={"password": OTHER, "code": code})
        assert await refused(wrong, 401) == "password_wrong"
        without = await api.post(path, json={"password": PASSWORD})
        assert await refused(without, 401) == "second_factor_refused"
        made = await api.post(path, json={"password": PASSWORD, "code": code})
        assert made.status_code == 201, made.text
    new = made.json()["recovery_codes"]
    assert len(set(new) | set(old)) == 2 * RECOVERY_CODES
    step = await first_step(identity, "hai.again")
    assert (await second_step(identity, step["ticket"], old[3])).status_code == 401
    assert (await second_step(identity, step["ticket"], new[3])).status_code == 200


async def test_an_official_moves_to_a_new_device_and_the_old_one_opens_nothing(
    identity: Identity,
) -> None:
    await enrolled(identity, "hai.moves")
    old = identity.seed("hai.moves")
    other = await identity.tokens("hai.moves")
    async with await identity.api("hai.moves") as api:
        given = {"password": PASSWORD, "code": await identity.code("hai.moves")}
        assert await refused(await api.post(f"{API}/second-factor/off", json=given), 403) == (
            "second_factor_required"
        )
        begun = (await api.post(f"{API}/second-factor/setup", json=given)).json()
        shown = {"ticket": begun["ticket"], "code": pyotp.TOTP(begun["secret"]).now()}
        done = await api.post(f"{API}/second-factor/setup/confirm", json=shown)
        assert done.status_code == 200, done.text
        assert len(done.json()["recovery_codes"]) == RECOVERY_CODES
    async with identity.client() as client:
        given = {"refresh_token": other["refresh_token"]}
        assert (await client.post(f"{API}/tokens/refresh", json=given)).status_code == 401
    step = await first_step(identity, "hai.moves")
    answer = await second_step(identity, step["ticket"], next_code(old))
    assert await refused(answer, 401) == "second_factor_refused"


@asynccontextmanager
async def facility_account(identity: Identity, username: str) -> AsyncIterator[httpx2.AsyncClient]:
    await identity.hear(published("f1"))
    order = {
        "username": username,
        "name": "Chu Văn Lợi",
        "tier": "facility",
        "kinds": ["system"],
        "facility_id": "f1",
    }
    async with await identity.api("tienyen.hethong") as api:
        answer = await api.post(f"{API}/accounts", json=order)
        assert answer.status_code == 201, answer.text
        await set_password(api, username, answer.json()["setup_code"], PASSWORD)
    async with await identity.api(username) as own:
        yield own


async def test_a_facility_turns_it_on_and_off_by_itself(identity: Identity) -> None:
    async with facility_account(identity, "coso.chon") as api:
        assert (await api.get(f"{API}/second-factor")).json()["required"] is False
        begun = await api.post(f"{API}/second-factor/setup", json={"password": PASSWORD})
        assert begun.status_code == 201, begun.text
        identity.seeds["coso.chon"] = begun.json()["secret"]
        shown = {"ticket": begun.json()["ticket"], "code": await _now(identity, "coso.chon")}
        assert (await api.post(f"{API}/second-factor/setup/confirm", json=shown)).is_success
        assert (await first_step(identity, "coso.chon"))["step"] == "code"
        given = {"password": PASSWORD, "code": await identity.code("coso.chon")}
        assert (await api.post(f"{API}/second-factor/off", json=given)).status_code == 200
    assert "access_token" in await identity.tokens("coso.chon")


async def _now(identity: Identity, username: str) -> str:
    return pyotp.TOTP(identity.seed(username)).now()


# ---- a lost device -------------------------------------------------------------------------------


async def test_who_manages_the_account_removes_a_lost_factor_and_the_person_enrols_anew(
    identity: Identity,
) -> None:
    account_id, _ = await enrolled(identity, "hai.lost")
    session = await identity.tokens("hai.lost")
    path = f"{API}/accounts/{account_id}/second-factor/removal"
    because = {"reason": "Mất điện thoại, đã đối chiếu căn cước"}
    async with await identity.api("tienyen.hethong") as api:
        unseen = await api.post(path, json=because)
        assert await refused(unseen, 422) == "invalid_input"
        done = await api.post(path, json={**because, "seen": True})
        assert done.status_code == 201, done.text
        again = await api.post(path, json={**because, "seen": True})
        assert await refused(again, 409) == "second_factor_not_enrolled"
    async with identity.client() as client:
        given = {"refresh_token": session["refresh_token"]}
        assert (await client.post(f"{API}/tokens/refresh", json=given)).status_code == 401
    # The old password alone enrols nothing: only the code that was handed over does.
    async with identity.client() as client:
        given = {"username": "hai.lost", "password": PASSWORD}
        old = await client.post(f"{API}/tokens", json=given)
        assert await refused(old, 401) == "sign_in_refused"
        await identity.forget_failures()
        given |= {"setup_code": done.json()["setup_code"]}
        assert (await client.post(f"{API}/password", json=given)).status_code == 204
    assert (await first_step(identity, "hai.lost"))["step"] == "enrol"
    await identity.tokens("hai.lost")
    async with identity.browser("hai.lost") as browser:
        page = await browser.get("/account")
    assert "Mất điện thoại, đã đối chiếu căn cước" in page.text
    assert "Lê Văn Tám" in page.text
    rows = identity.db.collection("outbox").find({"body.data.action": "account.remove_factor"})
    outcomes = [(row["body"]["data"]["outcome"], row["body"]["subject"]) async for row in rows]
    assert ("accepted", account_id) in outcomes
    assert ("second_factor_not_enrolled", account_id) in outcomes


async def test_nobody_else_removes_a_factor_and_nobody_their_own(identity: Identity) -> None:
    account_id, _ = await enrolled(identity, "hai.scope")
    accounts = identity.db.collection("accounts")
    own = await accounts.find_one({"username": "tienyen.hethong"})
    assert own is not None
    seen = {"reason": "Mất điện thoại", "seen": True}
    for username, target, status, code in (
        ("bache.hethong", account_id, 404, "not_found"),
        ("so.hethong", account_id, 404, "not_found"),
        ("tienyen.kiemtra", account_id, 403, "forbidden"),
        ("tienyen.hethong", own["_id"], 403, "own_account"),
    ):
        async with await identity.api(username) as api:
            answer = await api.post(f"{API}/accounts/{target}/second-factor/removal", json=seen)
        assert await refused(answer, status) == code, username


# ---- freshness -----------------------------------------------------------------------------------


async def test_an_old_proof_removes_nothing_until_it_is_renewed(identity: Identity) -> None:
    account_id, _ = await enrolled(identity, "hai.fresh")
    path = f"{API}/accounts/{account_id}/second-factor/removal"
    seen = {"reason": "Mất điện thoại", "seen": True}
    token = (await identity.tokens("tienyen.hethong"))["access_token"]
    who = await identity.service.verifier.verify(token)
    assert who.has_factor
    assert who.fresh_until == who.proven_at + identity.settings.fresh_proof_seconds
    old = mint(
        identity.settings.secrets_dir,
        account=who.account_id,
        session=who.session_id,
        tier="commune",
        kinds=["system"],
        unit="xa-tien-yen",
        communes=["06862"],
        auth_time=who.proven_at - identity.settings.fresh_proof_seconds - 1,
    )
    async with identity.client(headers=bearer(old)) as api:
        answer = await api.post(path, json=seen)
        assert await refused(answer, 401) == "fresh_proof_needed"
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge == 'Bearer error="insufficient_user_authentication"'
        wrong = await api.post(f"{API}/tokens/proof", json={"password": PASSWORD})
        assert await refused(wrong, 401) == "second_factor_refused"
        code = await identity.code("tienyen.hethong")
        renewed = await api.post(f"{API}/tokens/proof", json={"code": code})
        assert renewed.status_code == 200, renewed.text
        again = await api.post(f"{API}/tokens/proof", json={"code": code})
        assert await refused(again, 401) == "code_already_used"
    async with identity.client(headers=bearer(renewed.json()["access_token"])) as api:
        assert (await api.post(path, json=seen)).status_code == 201


async def test_a_renewed_session_does_not_make_a_proof_any_newer(identity: Identity) -> None:
    tokens = await identity.tokens("so.duyet")
    session_id = tokens["refresh_token"].partition(".")[0]
    before = datetime.now(UTC) - timedelta(hours=2)
    await identity.db.collection("sessions").update_one(
        {"_id": session_id}, {"$set": {"proven_at": before}}
    )
    async with identity.client() as client:
        given = {"refresh_token": tokens["refresh_token"]}
        renewed = (await client.post(f"{API}/tokens/refresh", json=given)).json()
    who = await identity.service.verifier.verify(renewed["access_token"])
    assert who.proven_at == int(before.timestamp())


async def test_the_page_asks_for_the_code_and_sends_on_what_was_typed(identity: Identity) -> None:
    account_id, _ = await enrolled(identity, "hai.page")
    path = f"/console/identity/accounts/{account_id}/second-factor"
    async with identity.browser("tienyen.hethong") as browser:
        who = await identity.service.verifier.verify(browser.cookies["txng_access"])
        old = mint(
            identity.settings.secrets_dir,
            account=who.account_id,
            session=who.session_id,
            tier="commune",
            kinds=["system"],
            unit="xa-tien-yen",
            communes=["06862"],
            auth_time=1_000_000,
        )
        browser.cookies.delete("txng_access")
        browser.cookies.set("txng_access", old, domain="localhost.local")
        typed = {"reason": "Mất điện thoại <ở chợ>", "seen": "on"}
        page = await send_form(browser, path, typed)
        assert page.status_code == 401
        assert 'name="proof_code"' in page.text
        fields = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page.text))
        assert fields == {"reason": "Mất điện thoại &lt;ở chợ&gt;", "seen": "on"}
        action = re.search(r'action="(/account/proof[^"]+)"', page.text)
        assert action
        sent = {**typed, "csrf": token_in(page.text), "proof_code": "000000"}
        page = await browser.post(action.group(1), data=sent)
        assert page.status_code == 401
        assert "Mã xác thực không đúng" in page.text
        assert "Mất điện thoại" in page.text
        sent |= {"proof_code": await identity.code("tienyen.hethong")}
        answer = await browser.post(action.group(1), data=sent)
        assert (answer.status_code, answer.headers["location"]) == (307, path)
        answer = await browser.post(path, data=sent)
        assert answer.status_code == 201
        assert "Đã gỡ thiết bị xác thực" in answer.text
    factor = await identity.db.collection("factors").find_one({"_id": account_id})
    assert factor is not None
    assert factor["sealed"] is None


async def test_without_a_factor_the_password_is_the_proof_and_stays_in_identity(
    identity: Identity,
) -> None:
    async with facility_account(identity, "coso.proof"), identity.browser("coso.proof") as browser:
        page = await browser.get("/account")
        sent = {"reason": "Có vi khuẩn", "csrf": token_in(page.text)}
        address = "/account/proof?next=/console/recall/radius%3Ftarget%3Dx"
        wrong = await browser.post(address, data={**sent, "proof_code": OTHER})
        assert wrong.status_code == 401
        assert OTHER not in wrong.text
        answer = await browser.post(address, data={**sent, "proof_code": PASSWORD})
        assert answer.status_code == 303
        kept = await browser.get(answer.headers["location"])
    assert "Có vi khuẩn" in kept.text
    assert 'action="/console/recall/radius?target=x"' in kept.text
    assert PASSWORD not in kept.text
