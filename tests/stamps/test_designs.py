"""Designs of stamps: written by one, approved by another, printed only when approved."""

import io
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.stamps import logos
from services.stamps.domain.designs import Design, DesignNotSubmitted, Face
from services.stamps.printing.looks import INKS, TINTS
from shared.errors import Refusal
from shared.ids import new_id
from tests.answers import ok, refused
from tests.stamps.conftest import API, CONSOLE, Farm, Stamps
from tests.stamps.test_printing_jobs import done, order, symbols
from tests.tokens import bearer

FACE = {"size": "20mm", "pattern": "waves", "tint": "green", "ink": "blue", "caption": "Chuỗi sạch"}
BODY = {"name": "Mẫu chuỗi", **FACE}
NOW = datetime(2026, 11, 26, tzinfo=UTC)


async def written(stamps: Stamps, token: str, **changes: Any) -> dict[str, Any]:
    return ok(await stamps.post("/designs", {**BODY, **changes}, token), 201)


async def approved(stamps: Stamps, farm: Farm, **changes: Any) -> str:
    who, another = stamps.operator(farm.facility), stamps.approver()
    design = (await written(stamps, who, **changes))["id"]
    ok(await stamps.post(f"/designs/{design}/submission", {}, who))
    ok(await stamps.post(f"/designs/{design}/decision", {"decision": "approve"}, another))
    return str(design)


async def test_a_design_is_printed_with_once_another_person_approved_it(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    design = (await written(stamps, who))["id"]
    body = {"size": "6mm", "first": 0, "last": 3, "design": design}
    path = f"/batches/{number}/print-jobs"
    refused(await stamps.post(path, body, who), 422, "design_not_approved")
    decision, approver = f"/designs/{design}/decision", stamps.approver()
    early = await stamps.post(decision, {"decision": "approve"}, approver)
    refused(early, 409, "design_not_submitted")
    ok(await stamps.post(f"/designs/{design}/submission", {}, who))
    refused(await stamps.post(path, body, who), 422, "design_not_approved")
    ok(await stamps.post(f"/designs/{design}/decision", {"decision": "approve"}, stamps.approver()))
    job = await order(stamps, number, who, **body)
    assert (job["size"], job["design"]) == ("20mm", f"{design}/1")
    await done(stamps, job["id"], who)
    pdf = (await stamps.get(f"/print-jobs/{job['id']}/file", who)).content
    assert len(symbols(pdf, "20mm", 0, [0, 3])) == 2
    pixels = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_numpy()
    assert (pixels.max(axis=2) != pixels.min(axis=2)).any(), "no colour was printed"
    page = (await stamps.page(f"/print-jobs/{job['id']}", who)).text
    assert "Mẫu chuỗi · 1" in page


async def test_what_was_approved_is_printed_until_the_next_is(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    design = await approved(stamps, farm)
    changed = ok(
        await stamps.client.put(
            f"{API}/designs/{design}", json={**BODY, "size": "30mm"}, headers=bearer(who)
        )
    )
    assert (changed["state"], changed["draft"]["size"]) == ("draft", "30mm")
    assert changed["approved"]["size"] == "20mm"
    job = await order(stamps, number, who, first=0, last=0, design=design)
    assert (job["size"], job["design"]) == ("20mm", f"{design}/1")
    ok(await stamps.post(f"/designs/{design}/submission", {}, who))
    returned = {"decision": "return", "reason": "Chữ quá nhỏ"}
    refused(
        await stamps.post(f"/designs/{design}/decision", {"decision": "return"}, stamps.approver()),
        422,
        "return_reason_needed",
    )
    told = ok(await stamps.post(f"/designs/{design}/decision", returned, stamps.approver()))
    assert (told["state"], told["reason"], told["revision"]) == ("returned", "Chữ quá nhỏ", 1)
    assert "Chữ quá nhỏ" in (await stamps.page(f"/designs/{design}", who)).text


async def test_nobody_approves_what_they_wrote(stamps: Stamps) -> None:
    one = stamps.approver(account="one", person=["same"])
    design = (await written(stamps, one))["id"]
    ok(await stamps.post(f"/designs/{design}/submission", {}, one))
    path, body = f"/designs/{design}/decision", {"decision": "approve"}
    refused(await stamps.post(path, body, one), 403, "own_design")
    refused(
        await stamps.post(path, body, stamps.approver(account="two", person=["same"])),
        403,
        "own_design",
    )
    ok(await stamps.post(path, body, stamps.approver(account="three")))


async def test_who_decides_on_what_another_decided_meanwhile_is_told_so(
    stamps: Stamps, farm: Farm
) -> None:
    who, approver = stamps.operator(farm.facility), stamps.approver()
    design = (await written(stamps, who))["id"]
    ok(await stamps.post(f"/designs/{design}/submission", {}, who))
    there = f"/designs/{design}"
    opened = await stamps.csrf(there, approver)
    ok(await stamps.post(f"{there}/decision", {"decision": "approve"}, stamps.approver()))
    fields = {"csrf": opened, "decision": "return", "reason": "Chữ quá nhạt"}
    headers = {"Cookie": f"txng_access={approver}", "Origin": stamps.settings.public_origin}
    answer = await stamps.client.post(f"{CONSOLE}{there}", data=fields, headers=headers)
    assert answer.status_code == 409
    assert DesignNotSubmitted.message in answer.text
    assert "Chữ quá nhạt" in answer.text


async def test_an_authority_s_design_is_for_all_and_a_facility_s_for_itself(
    stamps: Stamps, farm: Farm
) -> None:
    other = await stamps.a_farm()
    own = await approved(stamps, farm)
    who, stranger = stamps.operator(farm.facility), stamps.operator(other.facility)
    refused(await stamps.get(f"/designs/{own}", stranger), 404, "not_found")
    number = await stamps.a_batch(other)
    body = {"size": "6mm", "first": 0, "last": 0, "design": own}
    refused(await stamps.post(f"/batches/{number}/print-jobs", body, stranger), 404, "not_found")
    author, another = stamps.approver(account="author"), stamps.approver(account="another")
    common = (await written(stamps, author, name="Mẫu của tỉnh"))["id"]
    refused(await stamps.get(f"/designs/{common}", who), 404, "not_found")
    ok(await stamps.post(f"/designs/{common}/submission", {}, author))
    ok(await stamps.post(f"/designs/{common}/decision", {"decision": "approve"}, another))
    ok(await stamps.get(f"/designs/{common}", who))
    refused(await stamps.post(f"/designs/{common}/submission", {}, who), 404, "not_found")
    assert "Mẫu của tỉnh" in (await stamps.page("/designs", stranger)).text
    job = await order(stamps, number, stranger, first=0, last=0, design=common)
    assert job["design"] == f"{common}/1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": "7mm"}, "unknown_choice"),
        ({"pattern": "dots"}, "unknown_choice"),
        ({"ink": "#FFFFFF"}, "unknown_choice"),
        ({"caption": "x" * 61}, "invalid_input"),
        ({"name": ""}, "invalid_input"),
        ({"name": {"$ne": 1}}, "invalid_input"),
        ({"logo": "a"}, "invalid_input"),
    ],
    ids=str,
)
async def test_a_wrong_design_is_refused_and_nothing_is_kept(
    stamps: Stamps, farm: Farm, changes: dict[str, Any], code: str
) -> None:
    before = await stamps.db.collection("designs").count_documents({})
    answer = await stamps.post("/designs", {**BODY, **changes}, stamps.operator(farm.facility))
    refused(answer, 422, code)
    assert await stamps.db.collection("designs").count_documents({}) == before


def png(size: tuple[int, int] = (600, 300), colour: str = "#AA0000") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


async def test_a_logo_is_drawn_anew_and_printed(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    fields = {**BODY, "pattern": "none", "key": new_id(), "act": "save"}
    page = await stamps.csrf("/designs/new", who)
    async with stamps.browser(who) as browser:
        sent = await browser.post(
            f"{CONSOLE}/designs/new",
            data={"csrf": page, **fields},
            files={"logo": ("l.png", png() + b"<script>", "image/png")},
            headers={"Origin": stamps.settings.public_origin},
        )
        assert sent.status_code == 303, sent.text
        shown = await browser.get(sent.headers["location"] + "/preview.png")
    picture = np.array(Image.open(io.BytesIO(shown.content)).convert("RGB"))
    red = (picture[:, :, 0] > 150) & (picture[:, :, 1] < 50)
    assert red.any()
    kept = await stamps.db.collection("design_logos").find_one({})
    assert kept is not None
    assert b"<script>" not in kept["png"]
    assert Image.open(io.BytesIO(kept["png"])).size == (500, 250)


async def test_a_stranger_finds_no_design_to_give_a_logo_to(stamps: Stamps, farm: Farm) -> None:
    design = (await written(stamps, stamps.operator(farm.facility)))["id"]
    path, file = f"{API}/designs/{design}/logo", {"file": ("l.png", png(), "image/png")}
    other = (await stamps.a_farm()).facility
    headers = bearer(stamps.operator(other))
    refused(await stamps.client.put(path, files=file, headers=headers), 404, "not_found")
    own = bearer(stamps.operator(farm.facility))
    assert ok(await stamps.client.put(path, files=file, headers=own))["draft"]["logo"]
    empty = {"file": ("l.png", b"", "image/png")}
    refused(await stamps.client.put(path, files=empty, headers=own), 422, "not_a_logo")


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"%PDF-1.7", png()[:60], b"\x89PNG\r\n\x1a\n" + b"0" * 100]
)
def test_what_is_no_picture_is_no_logo(content: bytes) -> None:
    with pytest.raises(logos.NotALogo):
        logos.read(content)


def test_a_picture_of_too_many_dots_is_no_logo() -> None:
    with pytest.raises(logos.NotALogo):
        logos.read(png((6000, 5000)))


async def test_a_design_is_seen_before_it_is_kept(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    before = await stamps.db.collection("designs").count_documents({})
    sent = await stamps.send_form("/designs/new", {**BODY, "act": "preview", "tint": "rose"}, who)
    assert sent.status_code == 200
    assert 'value="Chuỗi sạch"' in sent.text
    assert "tint=rose" in sent.text
    assert await stamps.db.collection("designs").count_documents({}) == before
    query = "size=20mm&pattern=mesh&tint=rose&ink=red&caption=A"
    picture = await stamps.page(f"/designs/preview.png?{query}", who)
    assert Image.open(io.BytesIO(picture.content)).format == "PNG"
    wrong = await stamps.page("/designs/preview.png?size=1&pattern=a&tint=a&ink=a", who)
    assert wrong.status_code == 404


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_ink_is_read_on_white_and_on_every_tint() -> None:
    for ink, tint in itertools.product(INKS.values(), TINTS.values()):
        light, dark = luminance(tint) + 0.05, luminance(ink) + 0.05
        assert 1.05 / dark >= 7
        assert light / dark >= 4.5


ACTS = st.lists(
    st.tuples(st.sampled_from(["edit", "submit", "approve", "return"]), st.sampled_from("abc")),
    max_size=12,
)


@given(ACTS)
def test_whatever_is_done_nobody_approved_their_own(acts: list[tuple[str, str]]) -> None:
    face = Face("20mm", "none", "grey", "black")
    design = Design("d", "f", "*", "n", face, "draft", NOW, NOW, hands=("a",))
    wrote, version = {"a"}, 1
    for act, by in acts:
        try:
            if act == "edit":
                begun = design.state == "approved"
                design = design.edit("n", face, by=[by], now=NOW + timedelta(1))
                wrote = {by} if begun else wrote | {by}
            elif act == "submit":
                design = design.submit(by=[by], account=by, now=NOW)
                wrote |= {by}
            else:
                decision: Any = act
                design = design.decide(decision, "vì", by=[by], account=by, now=NOW)
                assert by not in wrote
        except Refusal:
            continue
        version += 1
        assert design.version == version
        assert (design.approved is not None) == (design.revision > 0)
