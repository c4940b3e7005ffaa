"""An official sees what a recall would reach, orders it and watches it arrive."""

import asyncio
import html
import time
from random import SystemRandom

from deploy.demo import acts
from deploy.demo.acts import Season
from deploy.demo.chapters.play import DERIVED, PLACES, Play


async def recall(play: Play) -> None:
    stage, officer = play.stage, play.cast.recall_officer
    stage.scene("5. A recall, before and after")
    derived = await derived_lot(play)
    radius = await stage.step(
        "the blast radius is looked at",
        acts.until_radius(officer, play.lot_id, derived, set(PLACES)),
    )
    reached = {lot["id"] for lot in radius["lots"]}
    stage.claim(
        reached == {play.lot_id, derived}, "the lot and what was made from it", radius["lots"]
    )
    stage.note(
        f"{radius['lots_total']} lots, {len(radius['facilities'])} facilities,"
        f" {radius['stamps_activated']} activated stamps, {radius['scans']} scans in"
        f" {', '.join(place['name'] or '?' for place in radius['scan_places'])}"
    )
    case = await stage.step("the recall is ordered", acts.order_recall(officer, play.lot_id))
    acknowledged, play.case_id = time.perf_counter(), case["id"]
    await asyncio.gather(*(red(play, way, base, acknowledged) for way, base in play.ways.items()))
    case = await acts.until_everywhere(officer, play.case_id)
    for receipt in case["receipts"]:
        stage.note(f"receipt of {receipt['replica']}: {receipt['latency_ms']} ms")
    ordered = next(one for one in case["propagation"] if one["act"] == "ordered")
    stage.claim(
        ordered["complete"],
        f"shown by {ordered['replicas_arrived']} of {ordered['replicas_alive']} replicas"
        f" after {ordered['shown_after_ms']} ms",
        ordered,
    )
    shown = html.unescape(await acts.page(play.api, play.codes["last"]))
    stage.claim(case["title"] in shown, f"the page says: {case['title']}")
    public = await play.api.call("GET", "/recalls.json")
    ids = [one["id"] for one in public["items"]]
    stage.claim(play.case_id in ids, "it stands on the public list", ids[:3])
    other = await acts.until_verdict(play.api, play.codes["other"], "genuine")
    stage.claim(other["verdict"] == "genuine", "the other lot stays green", other["verdict"])


async def derived_lot(play: Play) -> str:
    """Something made from the lot, with stamps of its own: the recall must reach it."""
    operator = play.cast.operator
    season = Season(play.today)
    entry = {
        "step": "packing",
        "at": season.at(1, 9),
        "place": "Nhà sơ chế hợp tác xã",
        "method": "Chọn quả vừa chín, đóng hộp quà",
        "quantity": "50",
        "unit": "hộp",
    }
    lot = await acts.enter_lot(
        operator,
        play.product_id,
        f"ND-{SystemRandom().randrange(10_000):04}-Q",
        produced_on=season.harvested.isoformat(),
        inputs=[play.lot_id],
        entries=[entry],
    )
    lot = await play.stage.step("a lot is made from the first", acts.check_lot(play.cast, lot))
    await acts.activate(operator, play.batch, *DERIVED, lot["id"])
    found = await acts.until_verdict(play.api, play.codes["derived"], "genuine")
    play.stage.claim(found["verdict"] == "genuine", "its stamps are genuine", found["verdict"])
    return str(lot["id"])


async def red(play: Play, way: str, base: str, acknowledged: float) -> None:
    """The first red answer there, of the lot and of what was made from it."""
    for name in ("first", "derived"):
        found = await acts.until_verdict(play.api, play.codes[name], "recalled", base=base)
        since = 1000 * (time.perf_counter() - acknowledged)
        play.stage.claim(
            found["verdict"] == "recalled",
            f"{way}: the {name} stamp is red {since:.0f} ms after the order was acknowledged",
            found["verdict"],
        )
