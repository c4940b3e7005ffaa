"""The SSCC of a pallet while the read models lag behind registry: nothing good is said of it."""

from tests.polling import eventually
from tests.scan.labels import Labelled
from tests.scan.test_logistic_units import answers, shipment, sscc_of
from tests.scan.test_resolver import settled
from tests.scan.world import World, name, notice


async def test_while_the_projection_lags_nothing_good_is_said_of_what_may_have_changed(
    world: World,
) -> None:
    """Registry has told of another lot under the same SSCC; only its number is known so far."""
    sscc, unknown, key = sscc_of(6), sscc_of(7), name("shipment")
    packed, added = Labelled(), Labelled()
    good, pending = "Các lô trong kiện này không bị thu hồi", "Chưa xác nhận được tình trạng"
    async with world.replica() as behind:

        async def says(words: str) -> None:
            async def so() -> bool:
                return words in (await behind.http.get(f"/00/{sscc}")).text

            await eventually(so)

        async with world.projecting():
            await settled(world, behind, packed, added)
            await world.tell(shipment(key, sscc, packed))
            await says(good)
        await world.tell(
            shipment(key, sscc, packed, added, version=2),
            shipment(name("shipment"), unknown, packed),
        )
        await answers(behind, unknown, 503)
        shown = (await behind.http.get(f"/00/{sscc}")).text
        assert good not in shown
        assert pending in shown
        await world.tell(notice(name("case"), lots=(packed.lot,)))
        await says("có lô đang bị thu hồi")
        async with world.projecting():
            await answers(behind, unknown, 200)
            await says(added.lot_path)
