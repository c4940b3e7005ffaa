"""`./txng demo`: the story of a stamp, step by step through the public APIs, every claim checked.

Exit status 0 only if everything came about as told. Each run makes a product and lots of its own.
"""

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path

from deploy.demo import data, pictures
from deploy.demo.acts import Cast
from deploy.demo.chapters import CHAPTERS
from deploy.demo.chapters.play import Play
from deploy.demo.client import Api, replicas
from deploy.demo.codes import DemoSeeds
from deploy.demo.fields import LOCAL
from deploy.demo.load import TELLABLE, leaves, origin, state_folder, told
from deploy.demo.stage import ClaimFailed, Stage
from deploy.demo.state import password_of

PICTURED = "na-dai-dong-trieu"


def cast(api: Api, password: str) -> Cast:
    """The people of the story, from data/demo/accounts.csv."""
    return Cast(
        operator=api.account("htx-na-doi-nang.vanhanh", password),
        checker=api.account("phuong-an-sinh.kiemtra", password),
        approver=api.account("so-nnmt.duyet", password),
        stamp_officer=api.account("phuong-an-sinh.duyet", password),
        recall_officer=api.account("so-nnmt.thuhoi", password),
        reporter=api.account("tinh.baocao", password),
    )


def picture() -> bytes:
    products = data.load(today=datetime.now(LOCAL).date()).product
    return pictures.jpeg(products[PICTURED])


async def play(folder: Path) -> Stage:
    """The whole story; raises ClaimFailed at the first thing that is not as told."""
    stage, began = Stage(), time.monotonic()
    async with Api(origin(), seeds=DemoSeeds.of(state_folder())) as api:
        scene = Play(
            stage=stage,
            api=api,
            cast=cast(api, password_of(state_folder())),
            replicas=replicas(),
            folder=folder,
            today=datetime.now(LOCAL).date(),
            picture=picture(),
        )
        for chapter in CHAPTERS:
            await chapter(scene)
    stage.scene(f"{stage.claims} claims, all true ({time.monotonic() - began:.0f} s)")
    return stage


def main() -> int:
    folder = state_folder() / "demo"
    folder.mkdir(exist_ok=True)
    try:
        asyncio.run(play(folder))
    except KeyboardInterrupt:
        return 130
    except Exception as failed:
        errors = leaves(failed)
        if not all(isinstance(error, (ClaimFailed, *TELLABLE)) for error in errors):
            raise
        for message in dict.fromkeys(told(error) for error in errors):
            sys.stderr.write(f"demo: {message}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
