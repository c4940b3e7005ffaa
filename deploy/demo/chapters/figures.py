"""The province's figures and the chained ledger of everything that was done."""

import asyncio
import os
import sys
from typing import Any

from deploy.demo import acts
from deploy.demo.chapters.play import DERIVED, FIRST, OTHER, Play
from deploy.demo.client import REPORTING
from deploy.demo.load import ROOT


async def figures_and_ledger(play: Play) -> None:
    stage, reporter, before = play.stage, play.cast.reporter, play.before
    stage.scene("6. Figures and the audit ledger")
    activated = sum(last - first + 1 for first, last in (FIRST, OTHER, DERIVED))

    async def counted() -> Any:
        after = await reporter.get(f"{REPORTING}/statistics")
        gained = {
            name: after["totals"].get(name, 0) - before["totals"].get(name, 0)
            for name in ("stamps_issued", "stamps_activated")
        }
        right = gained == {"stamps_issued": acts.STAMPS_ASKED, "stamps_activated": activated}
        told = {"genuine", "recalled", "not_activated", "unknown"} <= set(after["scans_by_verdict"])
        return after if right and told and after["products"] > before["products"] else None

    after = await stage.step("the figures", acts.until(counted))
    stage.claim(after, f"{acts.STAMPS_ASKED} stamps more issued, {activated} activated")
    stage.note(
        f"{after['facilities']} facilities, {after['products']} products, scans: "
        + ", ".join(f"{name} {count}" for name, count in after["scans_by_verdict"].items())
    )

    async def chained() -> Any:
        subjects = (play.case_id, play.product_id)
        pages = [await reporter.get(f"{REPORTING}/audit?subject={one}") for one in subjects]
        acted = [link["act"] for page in pages for link in page["items"] if link["act"]]
        done = {one["action"] for one in acted if one["outcome"] == "accepted"}
        refused = [one for one in acted if one["outcome"] != "accepted"]
        return acted if {"recall.order", "product.published"} <= done and refused else None

    acted = await stage.step("the ledger", acts.until(chained))
    stage.claim(acted, "it has who entered, checked, published and ordered, and who was refused")
    if "TXNG_MONGO_URL" in os.environ:
        sound, said = await verify()
        stage.claim(sound, "its chain holds", said)
        stage.note(said.splitlines()[0])


async def verify() -> tuple[bool, str]:
    """What `./txng audit verify` says, and whether it finds the ledger sound."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.reporting.verify"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return process.returncode == 0, output.decode(errors="replace").strip()
