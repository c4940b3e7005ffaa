"""An application for an account becomes a facility's record without typing it again (R18)."""

import re
from datetime import timedelta
from typing import Any

import httpx2

from shared import handover
from shared.contracts.registry import FacilityEntered
from shared.ids import new_id, now
from tests.answers import token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.sheets import name
from tests.tokens import signing_key

PATH = "/console/registry/facilities/from-application"
NEW = "/console/registry/facilities/new"


async def post(browser: httpx2.AsyncClient, path: str, data: dict[str, Any]) -> httpx2.Response:
    """Send a form with a token of the entry form, from which every account may take one."""
    page = await browser.get("/console/registry")
    return await browser.post(path, data={"csrf": token_in(page.text), **data})


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "name": name(),
        "tax_number": "",
        "address": "Thôn Bến",
        "commune": builders.COMMUNE,
        "sector": "agriculture",
        "kinds": ["livestock", "nonsense"],
        "representative": "Chu Văn Lợi",
        "phone": "0203 000 1007",
        "email": "",
        **changes,
    }


def handed(registry: Registry, account: str, told: dict[str, Any], **more: Any) -> str:
    key = signing_key(registry.settings.secrets_dir)
    at = more.get("at", now())
    subject = more.get("subject", new_id())
    return handover.signed(key, subject, told, account_id=account, now=at)


def values(page: str) -> dict[str, str]:
    """The fields of the form as they are filled in."""
    return dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))


async def test_the_form_is_filled_in_and_the_record_is_told_with_its_application(
    registry: Registry,
) -> None:
    account, application, told = new_id(), new_id(), facts()
    browser = registry.browser(registry.clerk(account=account))
    text = handed(registry, account, told, subject=application)
    page = await post(browser, PATH, {"handover": text})
    assert page.status_code == 200
    shown = values(page.text)
    for field in ("name", "address", "representative", "phone"):
        assert shown[field] == told[field]
    assert "Có thể cơ sở này đã có hồ sơ" not in page.text
    form = {**told, "kinds": ["livestock"], "facility_class": "commitment", "handover": text}
    refused = await post(browser, NEW, {**form, "name": "", "key": new_id()})
    assert refused.status_code == 422
    assert text in refused.text
    key = new_id()
    for _ in range(2):  # Sent twice, it is one record.
        done = await post(browser, NEW, {**form, "key": key})
        assert done.status_code == 303, done.text
    record_id = done.headers["location"].rpartition("/")[2]
    events = await registry.events(record_id, FacilityEntered)
    assert [event.application_id for event in events] == [application]
    again = await post(browser, NEW, {**form, "name": name(), "key": new_id()})
    assert again.status_code == 409
    assert "đã được lập hồ sơ" in again.text


async def test_who_is_on_record_already_is_shown_first(registry: Registry) -> None:
    account = new_id()
    browser = registry.browser(registry.clerk(account=account))
    same = await registry.a_facility(tax_number="5799001371", name=name())
    alike = await registry.a_facility(tax_number="", name=name(), address="Thôn Bến")
    title = alike["published"]["name"]
    told = facts(name=title, tax_number="5799001371")
    page = await post(browser, PATH, {"handover": handed(registry, account, told)})
    first, _, rest = page.text.partition('name="name"')
    assert "Có thể cơ sở này đã có hồ sơ" in first
    assert same["code"] in first
    assert alike["code"] in first
    assert rest


async def test_only_what_identity_signed_for_this_account_and_lately_is_taken(
    registry: Registry,
) -> None:
    account = new_id()
    browser = registry.browser(registry.clerk(account=account))
    good = handed(registry, account, facts())
    head, body, signature = good.split(".")
    for text in (
        "",
        "x",
        handed(registry, "another", facts()),
        handed(registry, account, facts(), at=now() - timedelta(hours=13)),
        f"{head}.{body[:-4]}AAAA.{signature}",
        registry.clerk(account=account),  # A token, but of another type.
    ):
        answer = await post(browser, PATH, {"handover": text})
        assert answer.status_code == 422, text
        form = {**facts(), "kinds": ["livestock"], "facility_class": "commitment"}
        if text:
            sent = await post(browser, NEW, {**form, "handover": text, "key": new_id()})
            assert sent.status_code == 422


async def test_a_facility_and_who_may_not_enter_do_not_get_the_form(registry: Registry) -> None:
    for token in (registry.operator("f"), registry.checker()):
        answer = await post(registry.browser(token), PATH, {"handover": "x"})
        assert answer.status_code in (403, 404)
