"""The SSCC of a pallet leads to the lots of its shipment, each with what stands against it."""

import json
from typing import Any

import jsonschema_rs
import pytest

from services.scan.resolving.linkset import VOCABULARY
from shared.contracts.registry import PackedLot, ShipmentPublished
from shared.contracts.registry.goods import ShippedLot
from shared.gs1 import check_digit
from shared.ids import new_id, now
from tests.gs1 import vectors
from tests.polling import eventually
from tests.scan.labels import Labelled
from tests.scan.test_resolver import LINKSET, links, settled
from tests.scan.world import Scans, World, name, notice


def sscc_of(number: int) -> str:
    digits = f"195201099{number:08d}"
    return digits + check_digit(digits)


def shipment(
    key: str, sscc: str, *goods: Labelled, version: int = 1, **changes: Any
) -> ShipmentPublished:
    known: dict[str, Any] = {
        "code": "CH22-00000017",
        "kind": "transfer",
        "status": "planned",
        "from_facility_id": goods[0].facility,
        "to_facility_id": "someone-else",
        "lots": tuple(ShippedLot(lot_id=one.lot, quantity=5, unit="kg") for one in goods),
        "ssccs": (sscc,),
    }
    return ShipmentPublished(subject=key, version=version, time=now(), **{**known, **changes})


async def answers(scans: Scans, sscc: str, status: int) -> None:
    async def so() -> bool:
        return bool((await scans.http.get(f"/00/{sscc}")).status_code == status)

    await eventually(so)


@pytest.fixture(scope="module")
async def goods(world: World, scans: Scans) -> tuple[Labelled, Labelled]:
    both = Labelled(), Labelled()
    await settled(world, scans, *both)
    return both


async def test_a_pallet_leads_to_its_lots_and_says_which_of_them_is_recalled(
    world: World, scans: Scans, goods: tuple[Labelled, Labelled]
) -> None:
    sscc = sscc_of(1)
    await answers(scans, sscc, 404)
    await world.tell(shipment(name("shipment"), sscc, *goods))
    await answers(scans, sscc, 200)

    async def confirmed() -> str:
        shown = (await scans.http.get(f"/00/{sscc}")).text
        return shown if "Các lô trong kiện này không bị thu hồi" in shown else ""

    page: str = await eventually(confirmed)
    for one in goods:
        assert f'href="{one.lot_path}"' in page
    # Neither how much, nor to whom, nor by which carriage.
    for word in ("5 kg", "someone-else", "CH22", "65.000", "65000"):
        assert word not in page
    assert (
        "<html lang"
        in (await scans.http.get(f"/00/{sscc}", headers={"Accept-Language": "zh"})).text
    )
    await world.tell(notice(name("case"), lots=(goods[1].lot,)))

    async def told() -> None:
        shown = (await scans.http.get(f"/00/{sscc}")).text
        assert "có lô đang bị thu hồi" in shown
        assert shown.count("Lô hàng đang bị thu hồi – không sử dụng") == 1
        assert shown.count("Lô hàng có trong hệ thống, không bị thu hồi") == 1

    await eventually(told)


@vectors.needs_standards
async def test_its_linkset_is_valid_and_its_own_page_is_the_default(
    world: World, scans: Scans, goods: tuple[Labelled, Labelled]
) -> None:
    sscc, origin = sscc_of(2), world.settings.public_origin
    await world.tell(shipment(name("shipment"), sscc, goods[0]))
    await answers(scans, sscc, 200)
    schema = jsonschema_rs.validator_for(json.loads(vectors.standard("gs1-linkset-schema.json")))
    for asked in (
        await scans.http.get(f"/00/{sscc}", headers=LINKSET),
        await scans.http.get(f"/00/{sscc}?linkType=linkset"),
    ):
        schema.validate(asked.json())
        found = links(asked)
        assert list(found) == [f"{origin}/00/{sscc}"]
        (target,) = found[f"{origin}/00/{sscc}"][f"{VOCABULARY}defaultLink"]
        assert target["href"] == f"{origin}/00/{sscc}"
    default = await scans.http.get(f"/00/{sscc}?linkType=gs1:defaultLink")
    assert default.status_code == 200
    led = await scans.http.get(f"/00/{sscc}?linkType=gs1:traceability")
    assert (led.status_code, led.headers["location"]) == (307, f"{origin}/00/{sscc}")
    none = await scans.http.get(f"/00/{sscc}?linkType=gs1:pip")
    assert none.status_code == 404


async def test_what_is_told_late_or_twice_changes_nothing_and_a_cancelled_one_leads_nowhere(
    world: World, scans: Scans, goods: tuple[Labelled, Labelled]
) -> None:
    key, old, new = name("shipment"), sscc_of(3), sscc_of(4)
    newer = shipment(key, new, goods[0], version=3)
    await world.tell(newer, newer.model_copy(update={"id": new_id()}))
    await answers(scans, new, 200)
    await world.tell(shipment(key, old, goods[0], version=2))
    marker = sscc_of(5)
    await world.tell(shipment(name("shipment"), marker, goods[0]))
    await answers(scans, marker, 200)  # By then the late one was heard too.
    await answers(scans, old, 404)
    await answers(scans, new, 200)
    await world.tell(shipment(key, new, goods[0], version=4, status="cancelled"))

    async def gone() -> bool:
        async with world.replica() as fresh:
            return bool((await fresh.http.get(f"/00/{new}")).status_code == 404)

    await eventually(gone, 60)


def packed(sscc: str, *goods: Labelled) -> tuple[PackedLot, ...]:
    return tuple(PackedLot(sscc=sscc, lot_id=one.lot, quantity=2, unit="kg") for one in goods)


async def test_a_unit_of_which_the_sender_said_what_is_in_it_shows_its_own_lots_first(
    world: World, scans: Scans
) -> None:
    """A sender may err: a recalled lot beside it in the shipment is still told, less loudly."""
    inside, beside = Labelled(), Labelled()
    await settled(world, scans, inside, beside)
    told, silent, key = sscc_of(11), sscc_of(12), name("shipment")
    event = shipment(key, told, inside, beside, ssccs=(told, silent), packed=packed(told, inside))
    await world.tell(event, event.model_copy(update={"id": new_id()}))
    await answers(scans, told, 200)

    async def shown(sscc: str, words: str) -> str:
        async def so() -> str:
            page = (await scans.http.get(f"/00/{sscc}")).text
            return page if words in page else ""

        page: str = await eventually(so)
        return page

    page = await shown(told, "Các lô trong kiện này không bị thu hồi")
    own, _, others = page.partition("Lô khác của cùng chuyến hàng</h3>")
    assert "theo lời bên gửi" in own
    assert inside.lot_path in own
    assert beside.lot_path not in own
    assert beside.lot_path in others
    page = await shown(silent, "Các lô trong kiện này không bị thu hồi")
    assert "mọi lô của chuyến hàng" in page
    assert inside.lot_path in page
    assert beside.lot_path in page
    assert "Lô khác của cùng chuyến" not in page
    await world.tell(notice(name("case"), lots=(beside.lot,)))
    page = await shown(told, "Lô khác của cùng chuyến hàng đang bị thu hồi")
    assert 'class="verdict caution"' in page
    await shown(silent, "Trong kiện này có lô đang bị thu hồi")
    await world.tell(notice(name("case"), lots=(inside.lot,)))
    await shown(told, "Trong kiện này có lô đang bị thu hồi")
    # Taken back again; what comes late changes nothing.
    await world.tell(shipment(key, told, inside, beside, version=3))
    await world.tell(event.model_copy(update={"id": new_id(), "version": 2}))
    await shown(told, "mọi lô của chuyến hàng")


@vectors.needs_standards
async def test_its_linkset_leads_to_the_pages_of_its_own_lots(
    world: World, scans: Scans, goods: tuple[Labelled, Labelled]
) -> None:
    sscc, origin = sscc_of(13), world.settings.public_origin
    said = packed(sscc, goods[0])
    await world.tell(shipment(name("shipment"), sscc, *goods, packed=said))
    await answers(scans, sscc, 200)
    schema = jsonschema_rs.validator_for(json.loads(vectors.standard("gs1-linkset-schema.json")))
    asked = await scans.http.get(f"/00/{sscc}", headers=LINKSET)
    schema.validate(asked.json())
    of = links(asked)[f"{origin}/00/{sscc}"]
    assert [one["href"] for one in of[f"{VOCABULARY}traceability"]] == [
        f"{origin}{goods[0].lot_path}"
    ]
    assert [one["href"] for one in of[f"{VOCABULARY}defaultLink"]] == [f"{origin}/00/{sscc}"]
    led = await scans.http.get(f"/00/{sscc}?linkType=gs1:traceability")
    assert (led.status_code, led.headers["location"]) == (307, f"{origin}{goods[0].lot_path}")
