"""The ledger told to people: which act, on what, by whom, and why not, in three languages."""

import pytest

from services.registry.domain.imports import ImportUnresolved
from services.registry.domain.markets import MarketClosed
from services.reporting.reading import refusal_told
from services.stamps.domain.requests import MoreThanAsked
from shared import audit
from shared.contracts.acts import Actor, RegistryActRecorded, StampsActRecorded
from shared.contracts.event import Event
from shared.contracts.identity import AccountPublished, UnitPublished
from shared.errors import Phrase, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.settings import Settings
from shared.web.i18n import catalogues, speak, stop_speaking
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_service import facility
from tests.tokens import mint

PAGE = "/console/reporting/audit"


def people(account: str, unit: str) -> tuple[Event, ...]:
    whole = {"version": 1, "time": now()}
    return (
        UnitPublished(
            subject=unit, **whole, name="Chi cục Chất lượng", tier="unit", parent_id=None,
            path=(unit,), communes=("*",), sector="agriculture", active=True,
        ),
        AccountPublished(
            subject=account, **whole, username=account, name="Đỗ Mạnh Hùng", tier="unit",
            kinds=("check",), unit_id=unit, facility_id=None, status="active",
        ),
    )  # fmt: skip


async def shown(reporting: Reporting, query: str, lang: str = "vi") -> str:
    token = mint(reporting.settings.secrets_dir, tier="province", kinds=["report"])
    cookie = {"Cookie": f"txng_access={token}"}
    answer = await reporting.client.get(f"{PAGE}?{query}&lang={lang}", headers=cookie)
    assert answer.status_code == 200
    return str(answer.text)


async def test_a_refusal_says_who_did_what_to_what_and_what_they_were_told(
    reporting: Reporting,
) -> None:
    place, account, unit = facility(), new_id(), new_id()
    act = RegistryActRecorded(
        subject=place.subject,
        version=1,
        time=now(),
        actor=Actor(account_id=account, tier="unit", unit_id=unit),
        action="facility.publish",
        outcome="own_check",
        said="Bạn đã kiểm tra bản ghi này nên không được tự duyệt đăng. Hãy để người khác làm.",
    )
    await reporting.hear(place, *people(account, unit), act)
    words = {
        "vi": ("Cơ sở: duyệt đăng", "không được tự duyệt đăng", "Từ chối"),
        "en": ("You checked this record", "Refused"),
        "zh": ("您", "拒绝"),
    }

    async def all_named() -> bool:
        page = await shown(reporting, f"subject={place.subject}")
        return all(one in page for one in ("Đỗ Mạnh Hùng", "Chi cục Chất lượng", "Hợp tác xã Thử"))

    await eventually(all_named)
    for lang, wanted in words.items():
        page = await shown(reporting, f"subject={place.subject}", lang)
        assert "own_check" not in page
        for one in wanted:
            assert one in page, (lang, one)
    page = await shown(reporting, f"subject={place.subject}")
    assert f'href="/console/registry/facilities/{place.subject}"' in page


async def test_what_a_refusal_named_is_filled_in_and_how_often_is_said(
    reporting: Reporting,
) -> None:
    subject = new_id()
    act = StampsActRecorded(
        subject=subject,
        version=1,
        time=now(),
        actor=Actor(account_id=new_id(), tier="commune"),
        action="access.read",
        outcome=MoreThanAsked.code,
        said=MoreThanAsked.message,
        facts={"approved": "70", "asked": "50", "times": "4"},
    )
    await reporting.hear(act)
    page = await shown(reporting, f"subject={subject}")
    assert f"hồ sơ …{subject[-6:]}" in page, "an id tells people nothing, its end tells two apart"
    assert f">{subject}<" not in page
    assert "Không thể duyệt 70 tem khi cơ sở chỉ xin 50." in page
    assert "4 lần" in page
    assert "Xem dữ liệu" in page


NESTED = MarketClosed(
    "country",
    lot="NA-1",
    country=Phrase("Trung Quốc"),
    problem=Phrase(
        "{country} chưa chấp nhận mã vùng {area}",
        {"country": Phrase("Trung Quốc"), "area": "VN-DTOR-0017"},
    ),
)


async def recorded(settings: Settings, refusal: Refusal) -> RegistryActRecorded:
    """As registry records it."""
    registry = Database(settings.mongo_url, settings.database("registry"), "registry")
    subject = new_id()
    try:
        await audit.refused(registry, None, "shipment.send", subject, refusal)
        row = await registry.collection("outbox").find_one({"body.subject": subject})
        assert row is not None
        return RegistryActRecorded.read(row["body"])
    finally:
        await registry.close()


async def test_a_reason_inside_a_refusal_is_told_in_the_reader_s_language(
    reporting: Reporting,
) -> None:
    act = await recorded(reporting.settings, NESTED)
    await reporting.hear(act)
    words = {
        "vi": "Trung Quốc chưa chấp nhận mã vùng VN-DTOR-0017",
        "en": "China does not accept area code VN-DTOR-0017",
        "zh": "中国尚未接受区域编码VN-DTOR-0017",
    }
    for lang, wanted in words.items():
        page = await shown(reporting, f"subject={act.subject}", lang)
        assert wanted in page
        assert lang == "vi" or "chưa chấp nhận" not in page


async def test_a_link_from_before_reasons_were_kept_apart_still_says_them(
    reporting: Reporting,
) -> None:
    act = await recorded(reporting.settings, NESTED)
    older = act.model_copy(update={"phrases": {}})
    await reporting.hear(older)
    page = await shown(reporting, f"subject={older.subject}", "en")
    assert "Trung Quốc chưa chấp nhận mã vùng VN-DTOR-0017" in page


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_the_first_list_is_of_acts_and_everything_is_a_choice(
    reporting: Reporting, lang: str
) -> None:
    place = facility()
    await reporting.hear(place)
    told = {"vi": "Hồ sơ cơ sở được đăng", "en": "published", "zh": "发布"}[lang]
    assert "data-label" not in await shown(reporting, f"subject={place.subject}", lang)
    everything = await shown(reporting, f"subject={place.subject}&all=1", lang)
    assert told in everything


def test_links_from_before_the_words_were_kept_are_told_by_their_code() -> None:
    assert refusal_told("registry", "own_check", {}).startswith("Việc của chính mình")


@pytest.mark.parametrize(
    ("count", "said"), [("1", "1 possible duplicate waits"), ("3", "3 possible duplicates wait")]
)
def test_one_of_a_thing_is_one_and_several_are_several(count: str, said: str) -> None:
    data = {"said": ImportUnresolved.message, "facts": {"count": count}}
    token = speak("en", catalogues("reporting"))
    try:
        assert refusal_told("registry", ImportUnresolved.code, data).startswith(said)
        inner = {"said": "{why}", "facts": {"why": "?"}, "phrases": {"why": data}}
        assert refusal_told("registry", "any", inner).startswith(said)
    finally:
        stop_speaking(token)


async def test_a_list_taken_away_leads_to_no_record(reporting: Reporting) -> None:
    account, unit = new_id(), new_id()
    act = RegistryActRecorded(
        subject=unit,
        version=1,
        time=now(),
        actor=Actor(account_id=account, tier="unit", unit_id=unit),
        action="lot.export",
        outcome="accepted",
    )
    place = facility()
    theirs = RegistryActRecorded(
        subject=place.subject,
        version=1,
        time=now(),
        actor=Actor(account_id=account, tier="unit", unit_id=unit),
        action="inspection.export",
        outcome="accepted",
    )
    await reporting.hear(place, *people(account, unit), act, theirs)

    async def named() -> bool:
        return "Chi cục Chất lượng" in await shown(reporting, f"subject={unit}")

    await eventually(named)
    assert f'href="/console/registry/lots/{unit}"' not in await shown(reporting, f"subject={unit}")
    page = await shown(reporting, f"subject={place.subject}")
    assert f'href="/console/registry/inspections/{place.subject}"' not in page
    assert f'href="/console/registry/facilities/{place.subject}"' in page, "it is a facility's list"
