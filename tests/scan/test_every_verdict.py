"""Every verdict's page with all that a page can hold: size, narrow screens, axe, words, voice."""

import gzip
import io
import os
import re
import subprocess
import sys
import wave
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from services.scan.answering.forms import Forms
from services.scan.answering.marks import Variant
from services.scan.answering.ready import body
from services.scan.answering.spoken import address_of, file_of, text_of
from services.scan.answering.trust import GROUNDS
from services.scan.answering.words import VERDICTS
from services.scan.domain.aggregates import Aggregate
from services.scan.domain.grounds import of_certificate, of_stage
from services.scan.domain.often import Scanned
from services.scan.domain.verdict import NO_LINK, Case, Judgement
from services.scan.knowing.scanner import Known
from shared.contracts.registry import Certificate, Recording, Stage
from shared.web.static_files import FOLDER as STATIC
from tests.scan.world import area, facility, hold, lot, notice, product

CODE = "0XZ11HDQVYN9KM0J1234"
AT = datetime(2026, 11, 26, 2, 14, tzinfo=UTC)
STATES = {"revoked": "lost", "suspended": "suspended", "not_activated": "issued"}
BECAUSE = {"unconfirmed": "genealogy", "suspect_copy": "scans"}
SOUND = {"title": "Lời kể", "description": "Một vụ na " * 40, "address": "/media/recordings/a.m4a"}


def stages() -> Iterator[Stage]:
    """A long way: the diary, a laboratory, a device."""
    steps = ["planting", *["input"] * 5, "harvesting", "packing", "testing", "sensor_reporting"]
    for number, step in enumerate(steps):
        details = {"name": "Phân hữu cơ vi sinh", "quantity": "1200 kg", "note": "Ghi chú dài " * 6}
        if step == "testing":
            details = {"name": "Chlorpyrifos", "quantity": "0,01 mg/kg", "verdict": "passed"}
        yield Stage(
            step=step,
            title=f"Công đoạn {number}",
            title_en=f"Step {number}",
            at=AT + timedelta(hours=number),
            place="Vùng na dai Đồi Nắng, thôn Đồi Nắng",
            place_code="VN-DTOR-0017",
            facility_name="Hợp tác xã Sản xuất và Kinh doanh Nông lâm thủy sản Đồi Nắng",
            details=details,
            photos=(f"/media/stages/{number}-small.webp",),
        )


def full(verdict: str) -> Case:
    papers = tuple(
        Certificate(kind=kind, number="12/2026", issuer="Chi cục", issued_on=date(2026, 1, 2))
        for kind in ("attp", "vietgap", "commitment")
    )
    shown = product("p", "f").model_copy(
        update={
            "ocop_stars": 4,
            "image": "/media/p-small.webp",
            "images": tuple(f"/media/p{n}-small.webp" for n in range(5)),
            "recordings": (Recording(kind="sound", media_type="audio/mp4", size=99, **SOUND),),
        }
    )
    kinds = {"recalled": "recall", "withdrawn": "withdrawal", "warning": "warning"}
    warned = notice("c", lots=("l",)).model_copy(update={"kind": kinds.get(verdict, "")})

    def told(event: object) -> Aggregate:
        return {"published": event}  # type: ignore[dict-item]

    return Case(
        state=STATES.get(verdict, "active"),
        facility=told(facility("f").model_copy(update={"certificates": papers})),
        product=told(shown),
        lot=told(lot("l", "p", "f", growing_area_id="a", stages=tuple(stages()))),
        area=told(area("a", "f")),
        notices=(warned,) if verdict in kinds else (),
        holds=(hold("h", "batch", "1"),) if verdict == "suspended" else (),
        link=NO_LINK,
        complete=True,
        today=date(2026, 11, 26),
    )


@pytest.fixture(scope="module")
def forms() -> Forms:
    return Forms(200)


def page_of(forms: Forms, verdict: str, lang: str) -> tuple[str, dict[bytes, bytes]]:
    judged = Judgement(verdict, BECAUSE.get(verdict, ""))
    case = None if verdict == "unknown" else full(verdict)
    variant = Variant(lang, json=False)
    form = forms.of(Known(case, judged, judged), verdict != "unconfirmed", variant)
    scans = forms.scans_text(Scanned(1_234, AT), variant)
    code = forms.code_text(CODE, variant, form.between)
    return body(form, forms.time_text(AT, variant), scans, code).decode(), dict(form.headers)


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
def test_a_page_with_everything_is_small(forms: Forms, lang: str) -> None:
    for verdict in VERDICTS:
        page, _ = page_of(forms, verdict, lang)
        assert len(gzip.compress(page.encode(), 4)) < 14_000, verdict


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_every_verdict_fits_a_narrow_phone_and_axe_finds_nothing(
    forms: Forms, chromium: Browser, lang: str
) -> None:
    context = await chromium.new_context(java_script_enabled=True)
    tab = await context.new_page()
    for verdict in VERDICTS:
        page, _ = page_of(forms, verdict, lang)
        for width in (320, 360, 1280):
            await tab.set_viewport_size({"width": width, "height": 800})
            await tab.set_content(page, wait_until="domcontentloaded")
            assert await tab.evaluate("document.documentElement.scrollWidth") == width, verdict
            if folder := os.environ.get("VERDICT_SHOTS"):
                shot = Path(folder) / f"{verdict}-{lang}-{width}.png"
                await tab.screenshot(path=shot, full_page=True)
        await tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = await Axe().run(tab)
        assert found.violations_count == 0, (verdict, found.generate_report())
    await context.close()


def test_each_claim_says_in_a_word_and_by_a_shape_on_what_it_rests(forms: Forms) -> None:
    page, _ = page_of(forms, "genuine", "vi")
    for kind, told in GROUNDS.items():
        assert f'<symbol id="{kind}"' in page
        assert re.search(rf'<use href="#{kind}"/></svg>{told.name}', page), kind
        assert told.meaning in page
    # A list item of a laboratory's result says so, and one of the diary does not.
    way = page.partition('<ol class="way">')[2]
    steps = dict(re.findall(r"<b>(Công đoạn \d)</b> .*?</svg>([^<]+)<", way))
    assert steps["Công đoạn 8"] == "Phòng kiểm nghiệm"
    assert steps["Công đoạn 9"] == "Thiết bị đo"
    assert {steps[f"Công đoạn {n}"] for n in range(8)} == {"Cơ sở tự khai"}


def test_programs_are_told_the_same_grounds(forms: Forms) -> None:
    case, judged = full("genuine"), Judgement("genuine")
    form = forms.of(Known(case, judged, judged), True, Variant("vi", json=True))
    told = msgspec.json.decode(body(form, b"null", b"null", CODE.encode()))
    assert [one["ground"] for one in told["facility"]["certificates"]] == [
        "inspected",
        "inspected",
        "declared",
    ]
    stages_told = [one["ground"] for one in told["lot"]["stages"]]
    assert stages_told == ["declared"] * 8 + ["laboratory", "sensor"]
    assert case.published_lot is not None
    assert case.published_facility is not None
    assert [of_stage(one) for one in case.published_lot.stages] == stages_told
    unknown = Certificate(kind="tccs", number="1", issuer="-", issued_on=date(2026, 1, 2))
    assert of_certificate(unknown) == "declared"


def test_every_verdict_can_be_heard_and_says_what_stands_on_the_page(forms: Forms) -> None:
    """Where this fails, `python -m services.scan.speech.make` makes the files anew."""
    wanted = {STATIC / file_of(verdict) for verdict in VERDICTS}
    assert {*(STATIC / "speech").glob("*.mp3")} == wanted
    for verdict, words in VERDICTS.items():
        page, headers = page_of(forms, verdict, "vi")
        (address,) = re.findall(r'<audio controls preload="none" src="(/static/[^"]+)" aria', page)
        assert address == address_of(verdict, "vi")
        assert "?v=" in address
        assert b"media-src 'self'" in headers[b"content-security-policy"]
        assert words.headline in text_of(verdict)
        file = (STATIC / file_of(verdict)).read_bytes()
        assert file[:2] in (b"\xff\xf3", b"ID"), verdict
        assert len(file) < 80_000, verdict
        english, _ = page_of(forms, verdict, "en")
        assert "/static/speech/" not in english


def test_the_engine_speaks_vietnamese() -> None:
    """In a process of its own: it is under another licence than ours, and in C."""
    engine = [sys.executable, "-m", "services.scan.speech.engine"]
    said = "Tem hợp lệ, không bị thu hồi.".encode()
    wav = subprocess.run(engine, input=said, stdout=subprocess.PIPE, check=True).stdout
    with wave.open(io.BytesIO(wav), "rb") as heard:
        assert heard.getnchannels() == 1
        assert heard.getnframes() / heard.getframerate() > 1
