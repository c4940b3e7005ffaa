"""What makes the demo province known: news of its authorities, video and sound of its products."""

import asyncio
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo import data, pictures
from deploy.demo.client import REGISTRY, Account, Refused
from deploy.demo.province import DemoProvince

ARTICLES = "articles"
APPROVER = "so-nnmt.duyet"
TEXTS = ("section", "title", "summary", "body", "title_en", "summary_en", "body_en")
MEDIA = data.FOLDER / "media"


@dataclass(frozen=True, slots=True)
class Clip:
    """A file of `data/demo/media` with the words beside it."""

    path: Path
    title: str
    description: str
    captions: Path | None


def clips(product: str) -> list[Clip]:
    """The video and sound of a product, by its key."""
    found = tomllib.loads((data.FOLDER / "recordings.toml").read_text(encoding="utf-8"))
    return [
        Clip(
            MEDIA / name,
            row["title"],
            " ".join(row["description"].split()),
            MEDIA / row["captions"] if "captions" in row else None,
        )
        for name, row in found.items()
        if row["product"] == product
    ]


def news(province: DemoProvince) -> dict[str, Mapping[str, str]]:
    """The articles whose writers the province has, by key, in the order they are published."""
    found = tomllib.loads((data.FOLDER / "news.toml").read_text(encoding="utf-8"))
    known = {account.username for account in province.accounts}
    return {key: row for key, row in found.items() if row["writer"] in known}


async def recordings(product: str, facility_id: str, enters: Account) -> list[str]:
    """Upload a product's clips; their ids, in order."""
    made = []
    for clip in clips(product):
        files = {"file": (clip.path.name, clip.path.read_bytes(), "application/octet-stream")}
        if clip.captions is not None:
            files["captions"] = (clip.captions.name, clip.captions.read_bytes(), "text/vtt")
        about = {
            "title": clip.title,
            "description": clip.description,
            "facility_id": facility_id,
        }
        key = f"demo-recording-{clip.path.name}"
        one = await enters.post(f"{REGISTRY}/recordings", key=key, files=files, data=about)
        made.append(one["id"])
    return made


async def article(
    key: str,
    province: DemoProvince,
    account: Callable[[str], Account],
    painters: Executor,
    films: Sequence[str] = (),
) -> str:
    """Write one, with its drawing and `films`, and bring it to its publication; returns its id."""
    row = news(province)[key]
    writer, approver = account(row["writer"]), account(APPROVER)
    text: dict[str, Any] = {name: row[name].strip() for name in TEXTS if name in row}
    text["recordings"] = list(films)
    one = await writer.post(f"{REGISTRY}/articles", text, key=f"demo-article-{key}")
    path = f"{REGISTRY}/articles/{one['id']}"
    one = await writer.get(path)
    if row.get("picture") and one["state"] == "draft" and not one["draft"]["figures"]:
        picture = await _drawn(row["picture"], province, painters)
        files = {"file": (f"{row['picture']}.jpg", picture, "image/jpeg")}
        kept = await writer.post(f"{path}/pictures", files=files)
        text["figures"] = [{"picture": kept["id"], "alt": row["alt"]}]
        one = await writer.put(path, {**text, "version": one["version"]})
    while one["state"] != "published":
        version = {"version": one["version"]}
        try:
            if one["state"] == "draft":
                one = await writer.post(f"{path}/submit", version)
            else:
                one = await approver.post(f"{path}/publish", version)
        except Refused as refused:
            # It has got further since, by a run that was broken off.
            if refused.code != "edit_conflict":
                raise
            one = await writer.get(path)
    return str(one["id"])


async def _drawn(product: str, province: DemoProvince, painters: Executor) -> bytes:
    one = next(one for one in province.products if one.key == product)
    return await asyncio.get_running_loop().run_in_executor(painters, pictures.jpeg, one)
