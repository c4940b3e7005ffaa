"""The story played once; what everybody saw at each step is kept for the tests to judge."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from deploy.demo import acts
from deploy.demo.acts import STAMPS_ASKED, Season
from deploy.demo.chapters.play import refusal
from deploy.demo.client import REGISTRY, REPORTING, STAMPS, Refused
from deploy.demo.logins import forged
from tests.journeys.town import COMMUNE, Town

NAME = "Na dai Đông Triều, hộp 1 kg"
GTIN = "9529991234566"
OTHER_GTIN = "9529991234573"
ELSEWHERE = "06688"
WAYS = ("nginx", "scan-1", "scan-2")


@dataclass
class Played:
    """Answers by the name of the step; `seen` are verdicts by way, stamp and time."""

    states: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    public_page_before: int = 0
    public_page: str = ""
    product_id: str = ""
    lots: dict[str, str] = field(default_factory=dict)
    batch: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    sheets: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    before: dict[tuple[str, str], Any] = field(default_factory=dict)
    after: dict[tuple[str, str], Any] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    json_by_accept: Any = None
    links: dict[str, Any] = field(default_factory=dict)
    figures_before: Any = None
    radius: Any = None
    case: Any = None
    red_after: dict[str, float] = field(default_factory=dict)


async def play(town: Town) -> Played:
    played = Played()
    played.figures_before = await town.cast.reporter.get(f"{REPORTING}/statistics")
    await _product(town, played)
    await _lots(town, played)
    await _stamps(town, played)
    await _look_up(town, played)
    await _recall(town, played)
    return played


async def _product(town: Town, played: Played) -> None:
    cast = town.cast
    record = await acts.enter_product(cast.operator, NAME, town.picture(), GTIN)
    played.product_id = record["id"]
    played.states.append(record["state"])
    record = await acts.submit(cast.operator, "products", record)
    played.states.append(record["state"])
    for who, name in ((cast.operator, "maker checks"), (cast.approver, "approver checks")):
        played.refused[name] = await refusal(acts.decide(who, "products", record, "accept"))
    early = acts.decide(cast.approver, "products", record, "publish")
    played.refused["published unchecked"] = await refusal(early)
    page = await town.api.send("GET", f"/products/{played.product_id}")
    played.public_page_before = page.status_code
    record = await acts.decide(cast.checker, "products", record, "accept")
    played.states.append(record["state"])
    wrong = acts.decide(cast.checker, "products", record, "publish")
    played.refused["checker publishes"] = await refusal(wrong)
    record = await acts.decide(cast.approver, "products", record, "publish")
    played.states.append(record["state"])
    page = await town.api.send(
        "GET", f"/products/{played.product_id}", headers={"Accept": "text/html"}
    )
    played.public_page = page.text


async def _lots(town: Town, played: Played) -> None:
    operator, season = town.cast.operator, Season(town.today)
    areas = await operator.get(f"{REGISTRY}/growing-areas?state=published")
    area = areas["items"][0]
    place = (area["published"]["name"], area["published"]["code"])
    common = {"produced_on": season.harvested.isoformat(), "growing_area_id": area["id"]}
    lot = await acts.enter_lot(operator, played.product_id, "ND-1", **common)
    early = acts.diary(season, *place, harvested_days_ago=8)
    lot = await acts.write_diary(operator, lot, early)
    played.refused["early harvest"] = await refusal(acts.submit(operator, "lots", lot))
    lot = await acts.edit_lot(operator, lot, acts.diary(season, *place))
    lot = await acts.check_lot(town.cast, lot)
    played.lots["first"] = lot["id"]
    other = await acts.enter_lot(
        operator, played.product_id, "ND-2", entries=acts.diary(season, *place), **common
    )
    played.lots["other"] = (await acts.check_lot(town.cast, other))["id"]
    gift = {
        "step": "packing",
        "at": season.at(1, 9),
        "place": "Nhà sơ chế hợp tác xã",
        "quantity": "50",
        "unit": "hộp",
    }
    derived = await acts.enter_lot(
        operator,
        played.product_id,
        "ND-3",
        produced_on=season.harvested.isoformat(),
        inputs=[played.lots["first"]],
        entries=[gift],
    )
    played.lots["derived"] = (await acts.check_lot(town.cast, derived))["id"]


async def _stamps(town: Town, played: Played) -> None:
    cast = town.cast
    request = await acts.ask_for_stamps(cast.operator, played.product_id, STAMPS_ASKED)
    both = [refusal(acts.approve_stamps(cast.stamp_officer, request)) for _ in range(10)]
    refusals = await asyncio.gather(*both)
    played.refused["approved again"] = next(one for one in refusals if one.status)
    played.counts["approvals"] = {"done": sum(one.status == 0 for one in refusals)}
    found = await cast.operator.get(f"{STAMPS}/requests/{request['id']}")
    played.batch = batch = found["batch"]
    await _count(town, played, "issued")
    for size in ("6mm", "20mm"):
        last = STAMPS_ASKED - 1 if size == "6mm" else 23
        played.sheets[size] = await acts.sheets(cast.operator, batch, size, 0, last)
    await acts.activate(cast.operator, batch, 0, 499, played.lots["first"])
    overlapping = acts.activate(cast.operator, batch, 499, 500, played.lots["other"])
    played.refused["overlap"] = await refusal(overlapping)
    beyond = acts.activate(cast.operator, batch, 999, 1000, played.lots["other"])
    played.refused["beyond the batch"] = await refusal(beyond)
    await acts.activate(cast.operator, batch, 600, 699, played.lots["other"])
    await acts.activate(cast.operator, batch, 700, 749, played.lots["derived"])
    await _count(town, played, "activated")
    codes = await acts.codes(cast.operator, batch, 0, STAMPS_ASKED - 1)
    numbers = {"1st": 0, "500th": 499, "501st": 500, "other": 600, "derived": 700}
    played.codes = {name: codes[number] for name, number in numbers.items()}
    played.codes["forged"] = forged(codes[0])


async def _count(town: Town, played: Played, when: str) -> None:
    batch = await town.cast.operator.get(f"{STAMPS}/batches/{played.batch}")
    played.counts[when] = batch["counts"]


async def _look_up(town: Town, played: Played) -> None:
    wanted = {"501st": "not_activated", "forged": "unknown"}
    for way, base in {"nginx": "", **town.replicas}.items():
        for stamp, code in played.codes.items():
            played.before[way, stamp] = await acts.until_verdict(
                town.api, code, wanted.get(stamp, "genuine"), base=base, seconds=5
            )
    first = played.codes["1st"]
    played.pages["genuine"] = await acts.page(town.api, first)
    played.pages["english"] = await acts.page(town.api, first, lang="en")
    played.json_by_accept = await town.api.call("GET", f"/{first}")
    for name, gtin in (("its own", GTIN), ("another", OTHER_GTIN)):
        path = f"/01/0{gtin}/21/{first}"
        played.links[name] = (await town.api.call("GET", path))["verdict"]
    for commune in (COMMUNE, ELSEWHERE):
        await acts.verdict(town.api, first, commune=commune)


async def _recall(town: Town, played: Played) -> None:
    officer = town.cast.recall_officer
    played.radius = await acts.until_radius(
        officer, played.lots["first"], played.lots["derived"], {COMMUNE, ELSEWHERE}
    )
    case = await acts.order_recall(officer, played.lots["first"])
    ordered = time.monotonic()

    async def watch(way: str, base: str) -> None:
        await acts.until_verdict(town.api, played.codes["1st"], "recalled", base=base)
        played.red_after[way] = time.monotonic() - ordered

    ways = {"nginx": "", **town.replicas}
    await asyncio.gather(*(watch(way, base) for way, base in ways.items()))
    played.case = await acts.until_everywhere(officer, case["id"])
    for way, base in ways.items():
        for stamp, code in played.codes.items():
            played.after[way, stamp] = await acts.verdict(town.api, code, base=base)
    played.pages["recalled"] = await acts.page(town.api, played.codes["500th"])
