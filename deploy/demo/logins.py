"""What is told at the end of a load: accounts to sign in with, and stamps to look up."""

from collections.abc import Mapping
from typing import Any

from deploy.demo.client import STAMPS, Account
from deploy.demo.province import DemoProvince
from deploy.demo.telling import say
from shared.stampcode import ALPHABET

# One account of each role, in the order of the story: Vietnamese, English, user name.
ROLES = (
    ("Cơ sở: nhập hồ sơ, xin và kích hoạt tem", "facility operator", "htx-na-doi-nang.vanhanh"),
    ("Phường: nhập thay cơ sở", "ward operator", "phuong-an-sinh.vanhanh"),
    ("Phường: kiểm tra", "ward checker", "phuong-an-sinh.kiemtra"),
    ("Phường: duyệt cấp tem", "ward approver", "phuong-an-sinh.duyet"),
    ("Phường: cấp tài khoản", "ward system account", "phuong-an-sinh.hethong"),
    ("Sở: duyệt đăng", "department approver", "so-nnmt.duyet"),
    ("Sở: thu hồi sản phẩm", "recall officer", "so-nnmt.thuhoi"),
    ("Sở: người thứ hai xác nhận", "second person", "so-nnmt.thuhoi2"),
    ("Tỉnh: số liệu, nhật ký kiểm toán", "province reports", "tinh.baocao"),
)


async def sample_codes(
    province: DemoProvince, numbers: Mapping[str, int], people: Mapping[str, Account]
) -> dict[str, str]:
    """A genuine code, one not activated and a forged one, of the first batch that has them.

    `numbers` are those of the batches by key, `people` each facility's operator.
    """
    for batch in province.batches:
        fresh = [
            interval
            for interval in batch.intervals
            if interval.state == "active"
            and interval.lot
            and province.lot[interval.lot].expires_on > province.today
        ]
        used = max((interval.last for interval in batch.intervals), default=-1)
        if not fresh or used + 1 >= batch.quantity:
            continue
        asks, number = people[batch.facility], numbers[batch.key]
        genuine = await _code(asks, number, fresh[0].first)
        return {
            "genuine": genuine,
            "not_activated": await _code(asks, number, batch.quantity - 1),
            "forged": forged(genuine),
        }
    return {}


async def _code(asks: Account, number: int, serial: int) -> str:
    found = await asks.get(f"{STAMPS}/batches/{number}/codes?first={serial}&last={serial}")
    return str(found["codes"][0])


def forged(genuine: str) -> str:
    """The same code with its last character changed: its seal does not hold any more."""
    return genuine[:-1] + ALPHABET[(ALPHABET.index(genuine[-1]) + 1) % len(ALPHABET)]


def print_table(origin: str, password: str, codes: Mapping[str, Any]) -> None:
    """Log-ins by role, and the sample codes as addresses."""
    say("")
    say(f"Đăng nhập · sign in: {origin}/sign-in   mật khẩu · password: {password}")
    say("  Cán bộ cần thêm mã xác thực · officials need a code too: ./txng code USERNAME")
    for vietnamese, english, username in ROLES:
        say(f"  {username:26} {vietnamese} · {english}")
    words = {
        "genuine": "tem thật · genuine",
        "not_activated": "chưa kích hoạt · not activated",
        "forged": "tem giả · forged",
    }
    for name, word in words.items():
        if name in codes:
            say(f"  {origin}/{codes[name]}  {word}")
    if "hidden" in codes:
        say(f"  {origin}/pin/{codes['hidden']}  số ẩn · hidden number: {codes['number']}")
