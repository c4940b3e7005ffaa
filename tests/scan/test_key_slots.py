"""A running replica reads stamps of a slot that was added meanwhile, and goes on reading others."""

import shutil
from pathlib import Path

from services.stamps import rotating
from shared.stampcode import Keyring, encode
from shared.stampkeys import FILE
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, World


async def test_stamps_of_a_new_slot_are_genuine_without_a_restart(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "secrets"
    shutil.copytree(world.settings.secrets_dir, folder)
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica(secrets_dir=folder) as scans:
        await becomes(scans, goods.batch, 1, "genuine")
        added = rotating.add(folder / FILE, 0)
        rotating.use(folder / FILE, added, 0, at_once=True)
        code = encode(Keyring.load(folder / FILE), goods.batch, 2)

        async def is_genuine() -> bool:
            answer = await scans.http.get(f"/v1/verdicts/{code}")
            return bool(answer.json()["verdict"] == "genuine")

        await eventually(is_genuine)
        assert (await scans.verdict(goods.batch, 1))["verdict"] == "genuine"
        assert (await scans.verdict(goods.batch, 2))["verdict"] == "genuine"
        (folder / FILE).write_text("broken")
        await eventually(lambda: not scans.replica.keys.look())
        assert await is_genuine()
