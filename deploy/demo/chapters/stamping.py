"""Stamps are asked for, approved, printed and activated; anybody looks them up."""

import html
import os

from deploy.demo import acts
from deploy.demo.chapters.play import DERIVED, FIRST, NOT_ACTIVATED, OTHER, PLACES, Play, refusal
from deploy.demo.logins import forged

# Circular 02/2024/TT-BKHCN asks for ten items; these words of the page show them.
TEN_ITEMS = (
    "Tên sản phẩm",
    "<img ",
    "Cơ sở sản xuất, kinh doanh",
    "Địa chỉ",
    "Hành trình của lô hàng",
    "Ngày sản xuất",
    "Mã truy vết của tem",
    "Thương hiệu, nhãn hiệu, số sê-ri",
    "Hạn sử dụng",
    "Tiêu chuẩn áp dụng",
)


async def stamps(play: Play) -> None:
    stage, cast = play.stage, play.cast
    stage.scene("3. Stamps: asked for, approved, printed, activated")
    request = await stage.step(
        f"{acts.STAMPS_ASKED:,} stamps are asked for",
        acts.ask_for_stamps(cast.operator, play.product_id, acts.STAMPS_ASKED),
    )
    play.batch = await stage.step(
        f"{cast.stamp_officer.username} approves; the batch is issued",
        acts.approve_stamps(cast.stamp_officer, request),
    )
    refused = await refusal(acts.approve_stamps(cast.stamp_officer, request))
    stage.claim(refused.code == "request_already_decided", "approved once only", refused)
    for size, last in (("6mm", acts.STAMPS_ASKED - 1), ("20mm", 99)):
        made = await stage.step(
            f"{last + 1:,} stamps of {size} as print-ready A4 sheets",
            acts.sheets(cast.operator, play.batch, size, 0, last),
        )
        stage.claim(made.startswith(b"%PDF-"), f"a PDF of {len(made) / 1000:,.0f} kB")
        path = play.folder / f"stamps-{play.batch}-{size}.pdf"
        path.write_bytes(made)
        stage.note(str(path))
    await stage.step(
        "the first 500 are activated for the lot (serials 0–499)",
        acts.activate(cast.operator, play.batch, *FIRST, play.lot_id),
    )
    await acts.activate(cast.operator, play.batch, *OTHER, play.other_lot_id)
    refused = await refusal(acts.activate(cast.operator, play.batch, 499, 500, play.other_lot_id))
    stage.claim(refused.code == "serials_already_activated", "none is given to two lots", refused)
    found = await acts.codes(cast.operator, play.batch, 0, acts.STAMPS_ASKED - 1)
    play.codes = {
        "first": found[FIRST[0]],
        "last": found[FIRST[1]],
        "other": found[OTHER[0]],
        "derived": found[DERIVED[0]],
        "not activated": found[NOT_ACTIVATED],
        "forged": forged(found[FIRST[0]]),
    }


async def looking_up(play: Play) -> None:
    stage, api, code = play.stage, play.api, play.codes["first"]
    stage.scene("4. Anybody looks a stamp up")
    stage.note(f"{os.environ.get('TXNG_PUBLIC_ORIGIN', api.origin)}/{code}")
    for way, base in play.ways.items():
        found = await stage.step(
            f"by {way}: genuine", acts.until_verdict(api, code, "genuine", base=base)
        )
        stage.claim(found["verdict"] == "genuine", f"genuine, as of {found['as_of']}", found)
    shown = html.unescape(await stage.step("the page, as a phone opens it", acts.page(api, code)))
    missing = [item for item in (*TEN_ITEMS, play.name) if item not in shown]
    stage.claim(not missing, "it shows the ten items of Circular 02/2024/TT-BKHCN", missing)
    stage.claim(found["headline"] in shown, f"page and JSON agree: {found['headline']}")
    english = html.unescape(await acts.page(api, code, lang="en"))
    stage.claim('lang="en"' in english, "in English too")
    for name, wanted in (
        ("last", "genuine"),
        ("other", "genuine"),
        ("not activated", "not_activated"),
        ("forged", "unknown"),
    ):
        found = await acts.until_verdict(api, play.codes[name], wanted)
        stage.claim(found["verdict"] == wanted, f"{name}: {found['headline']}", found["verdict"])
    for commune in PLACES:
        await acts.verdict(api, code, commune=commune)
