"""Codes for print houses: all of them, safe for spreadsheets, under a manifest that tells."""

import csv
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from joserfc.jwk import OKPKey

from services.stamps import manifests
from shared import stampcode
from shared.ids import new_id
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_printing_jobs import done, order, ring


async def made(stamps: Stamps, farm: Farm, output: str, last: int) -> tuple[dict[str, Any], bytes]:
    number, who = await stamps.a_batch(farm, 50_000), stamps.operator(farm.facility)
    job = await order(stamps, number, who, first=5, last=last, output=output)
    await done(stamps, job["id"], who)
    return job, (await stamps.get(f"/print-jobs/{job['id']}/file", who)).content


@pytest.mark.parametrize(("output", "last"), [("csv", 30_004), ("xlsx", 2_004)])
async def test_a_list_has_every_code_once_and_its_manifest_says_so(
    stamps: Stamps, farm: Farm, output: str, last: int, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    job, content = await made(stamps, farm, output, last)
    if output == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
    codes = [stampcode.encode(ring(stamps), job["batch"], one) for one in range(5, last + 1)]
    assert rows[0] == ["serial", "code", "symbol"]
    assert rows[1:] == [
        [str(serial), stampcode.group(code), f"HTTPS://TXNG.TEST/{code}"]
        for serial, code in enumerate(codes, 5)
    ]
    who = stamps.operator(farm.facility)
    manifest = (await stamps.get(f"/print-jobs/{job['id']}/manifest", who)).text
    keys = (await stamps.client.get("/api/stamps/v1/print-keys")).json()
    assert "d" not in keys["keys"][0]
    told = manifests.checked(manifest, keys, hashlib.sha256(content).hexdigest())
    assert (told["batch"], told["first"], told["last"], told["count"], told["bytes"]) == (
        job["batch"], 5, last, last - 4, len(content),
    )  # fmt: skip
    for name, text in (("f", content), ("m", manifest.encode()), ("k", json.dumps(keys).encode())):
        (tmp_path / name).write_bytes(text)
    monkeypatch.setattr(sys, "argv", ["manifests", *(str(tmp_path / name) for name in "fmk")])
    assert manifests.main() == 0
    (tmp_path / "f").write_bytes(content + b"1")
    assert manifests.main() == 1
    assert "NOT GOOD: the file is not the one" in capsys.readouterr().err


async def test_a_manifest_that_was_changed_or_signed_by_others_is_not_believed(
    stamps: Stamps,
) -> None:
    signing = manifests.key(stamps.settings)
    keys = manifests.public_keys(signing)
    manifest = manifests.signed(signing, {"sha256": "aa", "count": 5})
    assert manifests.checked(manifest, keys, "aa") == {"sha256": "aa", "count": 5}
    told = json.loads(manifest)
    other = OKPKey.generate_key("Ed25519", auto_kid=True)
    for wrong in (
        json.dumps({**told, "count": 6}),
        json.dumps({**told, "more": 1}),
        json.dumps({**told, "signature": told["signature"][:-8] + "AAAAAAAA"}),
        json.dumps({"sha256": "aa", "count": 5}),
        manifests.signed(other, {"sha256": "aa", "count": 5}),
        "[]",
        "no JSON",
    ):
        with pytest.raises(manifests.Untrue):
            manifests.checked(wrong, keys, "aa")
    with pytest.raises(manifests.Untrue):
        manifests.checked(manifest, keys, "bb")


async def test_a_list_has_no_sheets_and_sheets_no_manifest(stamps: Stamps, farm: Farm) -> None:
    job, _ = await made(stamps, farm, "csv", 10)
    who = stamps.operator(farm.facility)
    path = f"/print-jobs/{job['id']}"
    again = await stamps.post(f"{path}/again", {"first_sheet": 1, "last_sheet": 1}, who)
    refused(again, 409, "not_on_sheets")
    page = (await stamps.page(path, who)).text
    assert "Tải bản kê có chữ ký" in page
    assert "In lại một số tờ" not in page
    stranger = stamps.operator(new_id())
    refused(await stamps.get(f"{path}/manifest", stranger), 404, "not_found")
    sheets = await order(stamps, job["batch"], who)
    refused(await stamps.get(f"/print-jobs/{sheets['id']}/manifest", who), 404, "not_found")
    assert ok(await stamps.get(f"/print-jobs/{sheets['id']}", who))["output"] == "pdf"
