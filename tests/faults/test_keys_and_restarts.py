"""Keys change while identity is away; everything restarts at full load in the midst of a recall."""

import asyncio
import json
import os
from pathlib import Path

from deploy.local.secrets import token_keys
from tests.faults import checkers
from tests.faults.checkers import STALE_SECONDS
from tests.faults.load import LEFT_OUT_SECONDS, Scanning
from tests.faults.world import REPLICAS, World
from tests.polling import eventually
from tests.tokens import mint


def _add_key(folder: Path) -> None:
    """A new signing key before those that were; what they have signed is still good."""
    path = folder / "token-keys.json"
    before = json.loads(path.read_text())["keys"]
    fresh = json.loads(token_keys())["keys"]
    told = path.with_suffix(".new")
    told.write_text(json.dumps({"keys": fresh + before}))
    os.chmod(told, 0o600)
    path.write_text(told.read_text())
    told.unlink()


async def test_a_key_that_changes_while_identity_is_away_shuts_nobody_out(world: World) -> None:
    goods, other = await world.goods(3), await world.goods(3)
    await world.running.terminate("identity")
    _add_key(world.running.settings.secrets_dir)
    # Who was let in before is still: no service asks identity.
    await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
    fresh = mint(world.running.settings.secrets_dir, tier="department", kinds=["approve"])
    target = {"target_kind": "lot", "target": other.lot_id}
    refused = await world.send("recall", "/previews", target, fresh)
    assert refused.status_code == 401
    await world.running.restart("identity")

    async def let_in() -> None:
        for token in (fresh, world.approver):
            answer = await world.send("recall", "/previews", target, token)
            assert answer.status_code == 200, answer.text

    await eventually(let_in, 30)
    before, world.approver = world.approver, fresh
    await world.recall(other.lot_id)
    await world.until(other.codes[0], "recalled", STALE_SECONDS + 1)
    world.approver = before
    assert await checkers.violations(world) == []


async def test_every_process_restarted_in_turn_under_load_while_goods_are_recalled(
    world: World,
) -> None:
    red, green = await world.goods(20), await world.goods(20)
    codes = [code for pair in zip(red.codes, green.codes, strict=True) for code in pair]
    names = [name for name in world.running.processes if name != "nginx"]
    async with Scanning(world.running.origin, codes, history=world.history) as load:
        for turn, name in enumerate(names):
            if turn == len(names) // 2:
                await world.insist(red.lot_id)
            assert await world.running.terminate(name) in (0, -15), name
            await world.running.restart(name)
            if name in REPLICAS:
                await asyncio.sleep(LEFT_OUT_SECONDS)
    assert load.failures == []
    assert set(load.answers) <= {"genuine", "unconfirmed", "recalled"}
    await world.until(red.codes[0], "recalled")
    await world.until(green.codes[0], "genuine")
    assert await checkers.violations(world) == []
