"""Spreadsheets as people send them, and the way of an import through its stages."""

import io
from collections.abc import Sequence
from typing import Any

import httpx2
import xlsxwriter

from shared.ids import new_id
from tests.answers import ok
from tests.polling import eventually
from tests.registry.conftest import API, Registry
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
    """Unlike any other, also for the comparison of names; its last word is never a number by chance
    (with another number a name is another one's: shop 1, shop 2)."""
    return f"Trại {new_id()[-12:]} n{new_id()[-8:]}"


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
