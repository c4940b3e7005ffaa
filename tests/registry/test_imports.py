"""Bulk import: a dry run first, then drafts that checkers and approvers handle as ever (R33)."""

import io
from collections.abc import Sequence
from typing import Any

import httpx2
import xlsxwriter

from shared.contracts.acts import RegistryActRecorded
from shared.ids import new_id
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import API, Registry, ok, refused
from tests.tokens import bearer

HEADERS = [
    "Tên cơ sở", "Diện quản lý", "Ngành quản lý", "Loại hình", "Xã, phường, đặc khu", "Địa chỉ",
    "Mã số thuế", "Điện thoại",
]  # fmt: skip


def facility_row(name: str, *, tax: Any = "", phone: Any = "", address: str = "") -> list[Any]:
    return [
        name, "Diện cấp giấy chứng nhận", "Nông nghiệp và Môi trường", "Trồng trọt; Đóng gói",
        "Phường An Sinh", address or f"Thôn {name}", tax, phone,
    ]  # fmt: skip


def xlsx(rows: Sequence[Sequence[Any]], headers: Sequence[str] = HEADERS) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Dữ liệu")
        for number, row in enumerate([headers, *rows]):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def name() -> str:
    """Unlike any other, also for the comparison of names."""
    return f"Trại {new_id()[-12:]} {new_id()[-8:]}"


async def sent(
    registry: Registry, data: bytes, token: str, kind: str = "facilities", file: str = "a.xlsx"
) -> httpx2.Response:
    return await registry.client.post(
        f"{API}/imports/{kind}", files={"file": (file, data)}, headers=bearer(token)
    )


async def at_rest(registry: Registry, import_id: str, token: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def rests() -> bool:
        found.update(ok(await registry.get(f"/imports/{import_id}", token)))
        return found["stage"] in ("ready", "done", "failed")

    await eventually(rests, 60)
    return found


async def judged(
    registry: Registry, data: bytes, token: str, kind: str = "facilities", file: str = "a.xlsx"
) -> dict[str, Any]:
    started = ok(await sent(registry, data, token, kind, file), 202)
    return await at_rest(registry, started["id"], token)


async def rows(registry: Registry, one: dict[str, Any], token: str, show: str = "") -> list[Any]:
    answer = ok(await registry.get(f"/imports/{one['id']}/rows?show={show}", token))
    return list(answer["items"])


async def applied(registry: Registry, one: dict[str, Any], token: str) -> dict[str, Any]:
    body = {"version": one["version"]}
    ok(await registry.post(f"/imports/{one['id']}/apply", body, token), 202)
    return await at_rest(registry, one["id"], token)


async def test_a_file_is_judged_applied_checked_and_published_and_again_is_the_same(
    registry: Registry,
) -> None:
    clerk = registry.clerk(account=new_id())
    data = xlsx([facility_row(name()) for _ in range(5)])
    one = await judged(registry, data, clerk)
    assert one["counts"] == {"new": 5}, await rows(registry, one, clerk)
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"entered": 5}
    written = await rows(registry, one, clerk)
    record = await registry.record("facilities", written[0]["record_id"])
    assert record["state"] == "submitted"
    assert record["published"] is None
    acts = await registry.events(record["id"], RegistryActRecorded)
    assert [act.action for act in acts] == ["facility.enter"]

    again = await judged(registry, data, clerk)
    assert again["counts"] == {"same": 5}
    refused(
        await registry.post(f"/imports/{again['id']}/apply", {"version": again["version"]}, clerk),
        409,
        "import_empty",
    )
    checker, approver = registry.checker(), registry.approver()
    body = {"decision": "accept", "version": done["version"]}
    ok(await registry.post(f"/imports/{one['id']}/decisions", body, checker), 202)
    checked = await at_rest(registry, one["id"], checker)
    assert checked["decided"] == {"accepted": 5}
    body = {"decision": "publish", "version": checked["version"]}
    ok(await registry.post(f"/imports/{one['id']}/decisions", body, approver), 202)
    assert (await at_rest(registry, one["id"], approver))["decided"] == {"published": 5}
    assert (await registry.record("facilities", record["id"]))["state"] == "published"


async def test_who_imported_may_not_check_the_whole(registry: Registry) -> None:
    both = registry.token(
        "commune", "operate", "check", communes=[builders.COMMUNE], account=new_id()
    )
    one = await applied(registry, await judged(registry, xlsx([facility_row(name())]), both), both)
    body = {"decision": "accept", "version": one["version"]}
    ok(await registry.post(f"/imports/{one['id']}/decisions", body, both), 202)
    assert (await at_rest(registry, one["id"], both))["decided"] == {"refused": 1}
    told = (await rows(registry, one, both))[0]
    assert "người khác" in told["message"]
