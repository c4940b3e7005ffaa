"""Who has no second factor proves themself by the password: said plainly, slowed, on record."""

import pytest

from services.identity.store.throttle import FREE_FAILURES
from tests.answers import token_in
from tests.identity.running_identity import PASSWORD, Identity
from tests.identity.test_second_factor import OTHER, facility_account

ADDRESS = "/account/proof?next=/console/recall/radius%3Ftarget%3Dx"


@pytest.mark.parametrize(
    ("lang", "why"),
    [
        ("vi", "Việc này có hậu quả lớn nên cần mật khẩu của bạn một lần nữa."),
        ("en", "This has serious consequences, so it needs your password once more."),
    ],
)
async def test_the_page_says_what_is_asked_for_and_why(
    identity: Identity, lang: str, why: str
) -> None:
    name = f"coso.why.{lang}"
    async with facility_account(identity, name), identity.browser(name) as browser:
        page = await browser.get("/account")
        sent = {"reason": "Có vi khuẩn", "csrf": token_in(page.text), "proof_code": OTHER}
        asked = await browser.post(f"{ADDRESS}&lang={lang}", data=sent)
    assert asked.status_code == 401
    assert why in asked.text
    assert 'autocomplete="current-password"' in asked.text


async def test_guessing_is_slowed_and_on_record_and_nothing_typed_is_lost(
    identity: Identity,
) -> None:
    name = "coso.guess"
    async with facility_account(identity, name), identity.browser(name) as browser:
        who = await identity.service.verifier.verify(browser.cookies["txng_access"])
        page = await browser.get("/account")
        sent = {"reason": "Có vi khuẩn <lạ>", "csrf": token_in(page.text)}
        answers = [
            await browser.post(ADDRESS, data={**sent, "proof_code": f"{OTHER}{n}"})
            for n in range(FREE_FAILURES + 2)
        ]
        # Too early is too early, though it were right.
        answers.append(await browser.post(ADDRESS, data={**sent, "proof_code": PASSWORD}))
    assert [one.status_code for one in answers] == [401] * (FREE_FAILURES + 1) + [429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Đã nhập sai nhiều lần" in answers[-1].text
    assert all("Có vi khuẩn &lt;lạ&gt;" in one.text for one in answers)
    told = identity.db.collection("outbox").find(
        {"body.data.action": "session.prove", "body.subject": who.account_id}
    )
    outcomes = [row["body"]["data"]["outcome"] async for row in told]
    assert outcomes.count("password_wrong") == FREE_FAILURES + 1
    assert "accepted" not in outcomes
