"""A facility enters a product and a lot with its diary; officials check and publish them."""

import html
from random import SystemRandom

from deploy.demo import acts
from deploy.demo.acts import Season
from deploy.demo.chapters.play import Play, refusal
from deploy.demo.client import IDENTITY, REGISTRY, REPORTING
from shared.gs1 import check_digit


async def product(play: Play) -> None:
    stage, cast = play.stage, play.cast
    stage.scene("1. A facility enters a product; a ward checks it, the department publishes it")
    play.before = await cast.reporter.get(f"{REPORTING}/statistics")
    await stage.step(f"{cast.operator.username} signs in", cast.operator.sign_in())
    me = await cast.operator.get(f"{IDENTITY}/me")
    stage.note(f"{me['name']}, {me['tier']}, may {', '.join(me['kinds'])}")
    number = SystemRandom().randrange(1_000_000)
    play.name = f"Na dai Đông Triều, đợt {number:06}"
    digits = f"952999{number:06}"
    entered = await stage.step(
        f"a product is entered, with a picture: {play.name}",
        acts.enter_product(cast.operator, play.name, play.picture, digits + check_digit(digits)),
    )
    play.product_id = entered["id"]
    record = await stage.step("submitted", acts.submit(cast.operator, "products", entered))
    refused = await refusal(acts.decide(cast.operator, "products", record, "accept"))
    stage.claim(refused.status in (403, 404), "its maker may not check it", refused)
    answer = await play.api.send("GET", f"/products/{play.product_id}")
    stage.claim(answer.status_code == 404, "nobody sees it yet", answer.status_code)
    waiting = await cast.checker.get(f"{REGISTRY}/products?state=submitted&q={number:06}")
    ids = [one["id"] for one in waiting["items"]]
    stage.claim(ids == [play.product_id], f"{cast.checker.username} finds it waiting", ids)
    record = await stage.step("accepted", acts.decide(cast.checker, "products", record, "accept"))
    record = await stage.step(
        f"{cast.approver.username} publishes it",
        acts.decide(cast.approver, "products", record, "publish"),
    )
    stage.claim(record["state"] == "published", "published", record["state"])
    answer = await play.api.send(
        "GET", f"/products/{play.product_id}", headers={"Accept": "text/html"}
    )
    stage.claim(play.name in html.unescape(answer.text), "its public page shows it")


async def lot_and_diary(play: Play) -> None:
    stage, operator = play.stage, play.cast.operator
    stage.scene("2. A lot with its diary")
    areas = await operator.get(f"{REGISTRY}/growing-areas?state=published")
    area = areas["items"][0]
    place, code = area["published"]["name"], area["published"]["code"]
    season, mark = Season(play.today), f"{SystemRandom().randrange(10_000):04}"
    common = {"produced_on": season.harvested.isoformat(), "growing_area_id": area["id"]}
    lot = await stage.step(
        "a lot is registered", acts.enter_lot(operator, play.product_id, f"ND-{mark}-A", **common)
    )
    early = acts.diary(season, place, code, harvested_days_ago=8)
    lot = await stage.step(
        "planting, pesticide (7 days' interval), harvest after 4 days, packing are noted",
        acts.write_diary(operator, lot, early),
    )
    refused = await refusal(acts.submit(operator, "lots", lot))
    stage.claim(
        refused.code == "withdrawal_interval_not_over",
        "refused: harvested before the interval was over",
        refused,
    )
    stage.note(refused.detail)
    lot = await stage.step(
        "the harvest's date is set right",
        acts.edit_lot(operator, lot, acts.diary(season, place, code)),
    )
    lot = await stage.step("submitted and checked", acts.check_lot(play.cast, lot))
    stage.claim(lot["state"] == "published", "the lot is published")
    play.lot_id = lot["id"]
    entries = acts.diary(season, place, code)
    other = await acts.enter_lot(
        operator, play.product_id, f"ND-{mark}-B", entries=entries, **common
    )
    other = await stage.step("another lot, likewise", acts.check_lot(play.cast, other))
    play.other_lot_id = other["id"]
